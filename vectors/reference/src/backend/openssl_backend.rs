//! The primitives by OpenSSL.

use openssl::encrypt::{Decrypter, Encrypter};
use openssl::hash::MessageDigest;
use openssl::pkey::Id;
use openssl::rsa::Padding;
use openssl::sign::{Signer, Verifier};
use openssl::symm::{Cipher, Crypter, Mode};

use super::{Backend, Hash, TAG_LENGTH};
use crate::certificate::PublicKey;
use crate::error::Error;
use crate::identity::PrivateKey;

/// One call of the library takes at most this many bytes (its lengths are C integers).
const STRIDE: usize = 1 << 24;

/// The primitives by OpenSSL 3, compiled in.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenSsl;

impl Backend for OpenSsl {
    fn aes_gcm_seal(&self, key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut crypter = gcm(Mode::Encrypt, key, nonce)?;
        let mut sealed = vec![0; plain.len() + TAG_LENGTH];
        let (body, tag) = sealed.split_at_mut(plain.len());
        transform(&mut crypter, plain, body)?;
        crypter
            .finalize(&mut [])
            .and_then(|_| crypter.get_tag(tag))
            .map_err(|_| Error::Backend("AES-GCM"))?;
        Ok(sealed)
    }

    fn aes_gcm_open(&self, key: &[u8], nonce: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = Error::Authentication { what: "AES-GCM" };
        let mut crypter = gcm(Mode::Decrypt, key, nonce)?;
        let (body, tag) = sealed.split_last_chunk::<TAG_LENGTH>().ok_or(failed.clone())?;
        let mut plain = zeroize::Zeroizing::new(vec![0; body.len()]);
        transform(&mut crypter, body, &mut plain)?;
        crypter.set_tag(tag).and_then(|()| crypter.finalize(&mut [])).map_err(|_| failed)?;
        Ok(std::mem::take(&mut *plain))
    }

    fn oaep_wrap(&self, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut encrypter = Encrypter::new(key.pkey()).map_err(|_| Error::Backend("RSA-OAEP"))?;
        let mut wrap = || {
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
            encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
            encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
            let mut wrapped = vec![0; encrypter.encrypt_len(plain)?];
            let length = encrypter.encrypt(plain, &mut wrapped)?;
            wrapped.truncate(length);
            Ok::<_, openssl::error::ErrorStack>(wrapped)
        };
        wrap().map_err(|_| Error::Backend("RSA-OAEP"))
    }

    fn oaep_unwrap(&self, key: &PrivateKey, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
        // OpenSSL takes shorter ones for numbers that begin with zeros (RFC 8017 section 7.1.2 does not).
        if wrapped.len() != key.pkey().size() {
            return Err(Error::Unwrap);
        }
        let mut decrypter = Decrypter::new(key.pkey()).map_err(|_| Error::Backend("RSA-OAEP"))?;
        let mut unwrap = || {
            decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
            decrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
            decrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
            let mut plain = zeroize::Zeroizing::new(vec![0; decrypter.decrypt_len(wrapped)?]);
            let length = decrypter.decrypt(wrapped, &mut plain)?;
            Ok::<_, openssl::error::ErrorStack>(plain[..length].to_vec())
        };
        unwrap().map_err(|_| Error::Unwrap)
    }

    fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        rounds: u32,
        key: &mut [u8],
    ) -> Result<(), Error> {
        let rounds = rounds as usize;
        openssl::pkcs5::pbkdf2_hmac(password, salt, rounds, digest(hash), key)
            .map_err(|_| Error::Backend("PBKDF2"))
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        // The short form looks the algorithm up each time, which costs more than a short text does.
        let mut hash = openssl::sha::Sha256::new();
        hash.update(data);
        hash.finish()
    }

    fn rsa_sign(&self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        Signer::new(MessageDigest::sha256(), key.pkey())
            .and_then(|mut signer| signer.sign_oneshot_to_vec(message))
            .map_err(|_| Error::Backend("the RSA signature"))
    }

    fn rsa_verify(&self, hash: Hash, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        // The default padding of an RSA key is PKCS#1 v1.5; other keys would verify by other rules.
        key.pkey().id() == Id::RSA
            && Verifier::new(digest(hash), key.pkey())
                .and_then(|mut verifier| verifier.verify_oneshot(signature, message))
                .unwrap_or(false)
    }
}

fn digest(hash: Hash) -> MessageDigest {
    match hash {
        Hash::Sha1 => MessageDigest::sha1(),
        Hash::Sha256 => MessageDigest::sha256(),
    }
}

/// A GCM context after checking the lengths, which OpenSSL itself would bend or panic on.
pub(crate) fn gcm(mode: Mode, key: &[u8], nonce: &[u8]) -> Result<Crypter, Error> {
    let cipher = match key.len() {
        16 => Cipher::aes_128_gcm(),
        32 => Cipher::aes_256_gcm(),
        found => return Err(Error::KeyLength { what: "AES key", expected: 16, found }),
    };
    if !matches!(nonce.len(), 12 | 16) {
        return Err(Error::NonceLength { what: "AES-GCM".to_owned(), found: nonce.len() });
    }
    Crypter::new(cipher, mode, key, Some(nonce)).map_err(|_| Error::Backend("AES-GCM"))
}

/// Runs `input` through the cipher; both slices have the same length.
pub(crate) fn transform(crypter: &mut Crypter, input: &[u8], output: &mut [u8]) -> Result<(), Error> {
    for (from, to) in input.chunks(STRIDE).zip(output.chunks_mut(STRIDE)) {
        crypter.update(from, to).map_err(|_| Error::Backend("AES-GCM"))?;
    }
    Ok(())
}
