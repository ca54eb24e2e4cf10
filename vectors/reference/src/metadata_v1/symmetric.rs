//! The one shape of all ciphertext strings of 1.x:
//! `b64(AES-128-GCM(key, nonce, b64(text)) || tag) | b64(nonce)`.

use zeroize::Zeroizing;

use crate::backend::{TAG_LENGTH, backend};
use crate::base64;
use crate::dialect::Separator;
use crate::error::Error;
use crate::json::nonce_of_known_length;
use crate::separated;

/// Encrypts a text into the string form, with a nonce of 12 or 16 bytes; 16 are what 1.x writes.
///
/// # Errors
/// [`Error::NonceLength`].
pub fn seal_text(key: &[u8; 16], nonce: &[u8], text: &str, separator: Separator) -> Result<String, Error> {
    Ok(Sealed::seal(key, nonce, text)?.to_text(separator))
}

/// Decrypts the string form; accepts both separators and both lengths of nonces. `what` names the string in
/// errors.
///
/// # Errors
/// [`Error::Member`] without a separator, [`Error::Base64`], [`Error::NonceLength`],
/// [`Error::Authentication`].
pub fn open_text(key: &[u8; 16], sealed: &str, what: &'static str) -> Result<Zeroizing<String>, Error> {
    Sealed::parse(sealed, what, None)?.open(key, what)
}

/// An encrypted text.
pub(super) struct Sealed {
    /// Ciphertext followed by the authentication tag.
    bytes: Vec<u8>,
    nonce: Vec<u8>,
}

impl Sealed {
    pub(super) fn seal(key: &[u8; 16], nonce: &[u8], text: &str) -> Result<Self, Error> {
        let plain = Zeroizing::new(base64::encode(text.as_bytes()));
        Ok(Self { bytes: backend().aes_gcm_seal(key, nonce, plain.as_bytes())?, nonce: nonce.to_vec() })
    }

    pub(super) fn to_text(&self, separator: Separator) -> String {
        [&self.bytes[..], &self.nonce[..]].map(base64::encode).join(separator.as_str())
    }

    pub(super) fn tag(&self) -> &[u8] {
        &self.bytes[self.bytes.len().saturating_sub(TAG_LENGTH)..]
    }

    /// Reads the string form. A text without a separator is ciphertext alone, and the nonce the one `beside`
    /// it, if there is one.
    pub(super) fn parse(text: &str, what: &'static str, beside: Option<Vec<u8>>) -> Result<Self, Error> {
        let (bytes, nonce) = match (&separated::split(text)[..], beside) {
            ([bytes, nonce], _) => (base64::decode(bytes, what)?, base64::decode(nonce, what)?),
            ([bytes], Some(nonce)) => (base64::decode(bytes, what)?, nonce),
            _ => return Err(Error::member(what, "ciphertext|nonce")),
        };
        Ok(Self { bytes, nonce: nonce_of_known_length(nonce, || what.to_owned())? })
    }

    pub(super) fn open(&self, key: &[u8; 16], what: &'static str) -> Result<Zeroizing<String>, Error> {
        let opened = backend().aes_gcm_open(key, &self.nonce, &self.bytes);
        let inside = Zeroizing::new(opened.map_err(|error| error.opening(what))?);
        let text = Zeroizing::new(base64::decode(&inside, what)?);
        match std::str::from_utf8(&text) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err(Error::member(what, "UTF-8")),
        }
    }
}
