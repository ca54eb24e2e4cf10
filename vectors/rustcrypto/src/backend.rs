//! The trait [`Backend`] by RustCrypto.

use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::generic_array::ArrayLength;
use aes_gcm::aes::cipher::{BlockCipher, BlockEncrypt, BlockSizeUser, KeySizeUser};
use aes_gcm::aes::{Aes128, Aes256};
use aes_gcm::{AeadInPlace as _, AesGcm, KeyInit, Nonce, Tag};
use e2ee_reference::Error;
use e2ee_reference::backend::{Backend, Hash, TAG_LENGTH};
use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::PrivateKey;
use rand_chacha::rand_core::{CryptoRng, RngCore};
use rsa::{Oaep, Pkcs1v15Sign};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::keys;
use crate::seeded::FromBackend;

/// The primitives by the crates `aes-gcm`, `rsa`, `pbkdf2`, `sha1` and `sha2`.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustCrypto;

impl Backend for RustCrypto {
    fn aes_gcm_seal(&self, key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        run(key, nonce, Seal(plain))
    }

    fn aes_gcm_open(&self, key: &[u8], nonce: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        run(key, nonce, Open(sealed))
    }

    fn oaep_wrap(&self, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
        oaep_wrap(key, plain, &mut FromBackend(self))
    }

    fn oaep_unwrap(&self, key: &PrivateKey, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
        keys::private(key)?.decrypt(Oaep::new::<Sha256>(), wrapped).map_err(|_| Error::Unwrap)
    }

    fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        rounds: u32,
        key: &mut [u8],
    ) -> Result<(), Error> {
        match hash {
            Hash::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, key),
            Hash::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, key),
        }
        Ok(())
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        Sha256::digest(data).into()
    }

    fn rsa_sign(&self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        let digest = Sha256::digest(message);
        let signed = keys::private(key)?.sign(Pkcs1v15Sign::new::<Sha256>(), &digest);
        signed.map_err(|_| Error::Backend("the RSA signature"))
    }

    fn rsa_verify(&self, hash: Hash, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        let Ok(key) = keys::public(key) else { return false };
        let verified = match hash {
            Hash::Sha1 => key.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(message), signature),
            Hash::Sha256 => key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature),
        };
        verified.is_ok()
    }
}

/// OAEP as the protocol has it, with a seed of its own.
pub(crate) fn oaep_wrap(
    key: &PublicKey,
    plain: &[u8],
    random: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<u8>, Error> {
    let wrapped = keys::public(key).map(|key| key.encrypt(random, Oaep::new::<Sha256>(), plain));
    wrapped.ok().and_then(Result::ok).ok_or(Error::Backend("RSA-OAEP"))
}

/// What to do with a cipher once key and nonce length have chosen its type.
pub(crate) trait Task {
    fn run<A, N>(self, cipher: &AesGcm<A, N>, nonce: &[u8]) -> Result<Vec<u8>, Error>
    where
        A: BlockCipher + BlockSizeUser<BlockSize = U16> + BlockEncrypt,
        N: ArrayLength<u8>;
}

pub(crate) struct Seal<'a>(pub(crate) &'a [u8]);

impl Task for Seal<'_> {
    fn run<A, N>(self, cipher: &AesGcm<A, N>, nonce: &[u8]) -> Result<Vec<u8>, Error>
    where
        A: BlockCipher + BlockSizeUser<BlockSize = U16> + BlockEncrypt,
        N: ArrayLength<u8>,
    {
        let mut sealed = self.0.to_vec();
        let tag = cipher.encrypt_in_place_detached(Nonce::from_slice(nonce), &[], &mut sealed);
        sealed.extend_from_slice(&tag.map_err(|_| Error::Backend("AES-GCM"))?);
        Ok(sealed)
    }
}

struct Open<'a>(&'a [u8]);

impl Task for Open<'_> {
    fn run<A, N>(self, cipher: &AesGcm<A, N>, nonce: &[u8]) -> Result<Vec<u8>, Error>
    where
        A: BlockCipher + BlockSizeUser<BlockSize = U16> + BlockEncrypt,
        N: ArrayLength<u8>,
    {
        let failed = Error::Authentication { what: "AES-GCM" };
        let (body, tag) = self.0.split_last_chunk::<TAG_LENGTH>().ok_or(failed.clone())?;
        let mut plain = Zeroizing::new(body.to_vec());
        cipher
            .decrypt_in_place_detached(Nonce::from_slice(nonce), &[], &mut plain, Tag::from_slice(tag))
            .map_err(|_| failed)?;
        Ok(std::mem::take(&mut *plain))
    }
}

fn run(key: &[u8], nonce: &[u8], task: impl Task) -> Result<Vec<u8>, Error> {
    match key.len() {
        16 => with_cipher::<Aes128>(key, nonce, task),
        32 => with_cipher::<Aes256>(key, nonce, task),
        found => Err(Error::KeyLength { what: "AES key", expected: 16, found }),
    }
}

fn with_cipher<A>(key: &[u8], nonce: &[u8], task: impl Task) -> Result<Vec<u8>, Error>
where
    A: BlockCipher + BlockSizeUser<BlockSize = U16> + BlockEncrypt + KeyInit + KeySizeUser,
{
    let cipher = A::new_from_slice(key).map_err(|_| Error::Backend("AES-GCM"))?;
    match nonce.len() {
        12 => task.run(&AesGcm::<A, U12>::from(cipher), nonce),
        16 => task.run(&AesGcm::<A, U16>::from(cipher), nonce),
        found => Err(Error::NonceLength { what: "AES-GCM".to_owned(), found }),
    }
}
