//! Files: AES-128-GCM over the whole file, stored as ciphertext followed by the authentication tag.
//!
//! An empty file is stored as the tag alone. The authentication tag in the metadata is a copy that nobody
//! may rely on (Android writes the nonce there); what counts is the one in the file (R2-READ-08).

mod stream;

use crate::backend::{TAG_LENGTH, backend};
use crate::base64;
use crate::error::Error;
use crate::secret::key_type;

pub use stream::{Decryptor, Encryptor, Quarantine};

key_type! {
    /// The AES-128 key of one version of one file (R2-MOD-05).
    FileKey, "file key"
}

impl FileKey {
    /// Reads the base64 of the 16 raw bytes, as metadata carry it.
    ///
    /// # Errors
    /// [`Error::Base64`] or [`Error::KeyLength`].
    pub fn from_base64(text: &str) -> Result<Self, Error> {
        let bytes = zeroize::Zeroizing::new(base64::decode(text, "file key")?);
        Self::from_slice(&bytes)
    }

    /// The base64 of the 16 raw bytes.
    #[must_use]
    pub fn to_base64(&self) -> String {
        base64::encode(self.as_bytes())
    }
}

/// An encrypted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What is stored: ciphertext followed by the authentication tag, 16 bytes longer than the file.
    pub bytes: Vec<u8>,
    /// The authentication tag, for the metadata.
    pub tag: [u8; TAG_LENGTH],
}

/// Encrypts a file. Key and nonce must be new for each version of a file (R2-MOD-05, 06, 11, 12); 12 bytes
/// of nonce are what the protocol wants, 16 are accepted.
///
/// # Errors
/// [`Error::NonceLength`].
pub fn encrypt(key: &FileKey, nonce: &[u8], plain: &[u8]) -> Result<Sealed, Error> {
    let bytes = backend().aes_gcm_seal(key.as_bytes(), nonce, plain)?;
    let tag = *bytes.last_chunk().ok_or(Error::Backend("AES-GCM"))?;
    Ok(Sealed { bytes, tag })
}

/// Decrypts a stored file; nothing is returned unless the authentication tag at its end fits.
///
/// # Errors
/// [`Error::Authentication`] or [`Error::NonceLength`].
pub fn decrypt(key: &FileKey, nonce: &[u8], stored: &[u8]) -> Result<Vec<u8>, Error> {
    backend().aes_gcm_open(key.as_bytes(), nonce, stored).map_err(|error| error.opening(WHAT))
}

/// Whether the authentication tag at the end of a stored file fits: as [`decrypt`], in constant memory and without
/// keeping what comes out.
#[must_use]
pub fn is_authentic(key: &FileKey, nonce: &[u8], stored: &[u8]) -> bool {
    Decryptor::new(key, nonce, Nowhere)
        .is_ok_and(|mut decryptor| decryptor.update(stored).is_ok() && decryptor.finish().is_ok())
}

/// Keeps nothing.
struct Nowhere;

impl Quarantine for Nowhere {
    type Released = ();

    fn hold(&mut self, _: &[u8]) -> std::io::Result<()> {
        Ok(())
    }

    fn release(self) -> std::io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) {}
}

const WHAT: &str = "file";
const AUTHENTICATION: Error = Error::Authentication { what: WHAT };
