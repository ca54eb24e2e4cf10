//! What clients did that no client should do: RSA in other forms and AES-GCM with other lengths than the
//! protocol's, for vectors that a reader must refuse or, for SHA-1 in certificates, put up with.

use aes_gcm::aead::consts::{U0, U8, U11, U12, U13, U16, U18, U24};
use aes_gcm::aes::cipher::{BlockCipher, BlockEncrypt, BlockSizeUser, KeySizeUser};
use aes_gcm::aes::{Aes128, Aes192, Aes256};
use aes_gcm::{AesGcm, KeyInit};
use e2ee_reference::Error;
use e2ee_reference::backend::backend;
use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::PrivateKey;
use rsa::traits::PaddingScheme;
use rsa::{Oaep, Pkcs1v15Encrypt, Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::backend::{Seal, Task as _};
use crate::keys;
use crate::seeded::FromBackend;

/// A way to wrap a key that is not the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrapping {
    /// OAEP with SHA-256, but MGF1 with SHA-1: what a stock JVM does under the algorithm name of the
    /// specification.
    Mgf1Sha1,
    /// OAEP with SHA-1 in both places.
    OaepSha1,
    /// OAEP as it should be, but with this label.
    Label(&'static str),
    /// PKCS#1 v1.5: what desktop does with hardware tokens.
    Pkcs1v15,
}

/// Wraps `plain` in a way that no reader may accept. Random bytes come from the backend in force.
///
/// # Errors
/// [`Error::Backend`] when the key is no RSA key or too short.
pub fn wrap(wrapping: Wrapping, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
    match wrapping {
        Wrapping::Mgf1Sha1 => encrypt(Oaep::new_with_mgf_hash::<Sha256, Sha1>(), key, plain),
        Wrapping::OaepSha1 => encrypt(Oaep::new::<Sha1>(), key, plain),
        Wrapping::Label(label) => encrypt(Oaep::new_with_label::<Sha256, _>(label), key, plain),
        Wrapping::Pkcs1v15 => encrypt(Pkcs1v15Encrypt, key, plain),
    }
}

/// A way to sign that is not that of the protocol's signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signing {
    /// RSASSA-PKCS1-v1_5 with SHA-1: what servers signed certificates with before app version 2.2.1.
    Sha1,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    Pss,
}

impl Signing {
    /// The hash of this way to sign.
    #[must_use]
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
            Self::Pss => Sha256::digest(message).to_vec(),
        }
    }

    /// Signs. Random bytes come from the backend in force.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn sign(self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
        let (key, digest) = (keys::private(key)?, self.digest(message));
        let signed = match self {
            Self::Sha1 => key.sign(Pkcs1v15Sign::new::<Sha1>(), &digest),
            Self::Sha512 => key.sign(Pkcs1v15Sign::new::<Sha512>(), &digest),
            Self::Pss => key.sign_with_rng(&mut FromBackend(backend()), Pss::new::<Sha256>(), &digest),
        };
        signed.map_err(|_| Error::Backend("the RSA signature"))
    }
}

/// AES-GCM with lengths that the protocol does not have: keys of 16, 24 or 32 bytes, and nonces of 0, 8, 11, 12,
/// 13, 18 or 24. Any nonce but one of 12 bytes goes through GHASH (NIST SP 800-38D section 7.1), so that a client
/// that does not look at the length opens the result.
///
/// # Errors
/// [`Error::KeyLength`] or [`Error::NonceLength`] for other lengths.
pub fn seal(key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    match key.len() {
        16 => seal_under::<Aes128>(key, nonce, plain),
        24 => seal_under::<Aes192>(key, nonce, plain),
        32 => seal_under::<Aes256>(key, nonce, plain),
        found => Err(Error::KeyLength { what: "AES key", expected: 16, found }),
    }
}

fn seal_under<A>(key: &[u8], nonce: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error>
where
    A: BlockCipher + BlockSizeUser<BlockSize = U16> + BlockEncrypt + KeyInit + KeySizeUser,
{
    let cipher = A::new_from_slice(key).map_err(|_| Error::Backend("AES-GCM"))?;
    let task = Seal(plain);
    match nonce.len() {
        0 => task.run(&AesGcm::<A, U0>::from(cipher), nonce),
        8 => task.run(&AesGcm::<A, U8>::from(cipher), nonce),
        11 => task.run(&AesGcm::<A, U11>::from(cipher), nonce),
        12 => task.run(&AesGcm::<A, U12>::from(cipher), nonce),
        13 => task.run(&AesGcm::<A, U13>::from(cipher), nonce),
        18 => task.run(&AesGcm::<A, U18>::from(cipher), nonce),
        24 => task.run(&AesGcm::<A, U24>::from(cipher), nonce),
        found => Err(Error::NonceLength { what: "AES-GCM".to_owned(), found }),
    }
}

fn encrypt(padding: impl PaddingScheme, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let wrapped = keys::public(key)?.encrypt(&mut FromBackend(backend()), padding, plain);
    wrapped.map_err(|_| Error::Backend("RSA encryption"))
}
