//! Making documents.

use serde_json::{Value, json};

use super::{Contents, Document, Limits, MetadataKey, User, Version};
use crate::backend::backend;
use crate::base64;
use crate::canonical_json;
use crate::certificate::{Certificate, PublicKey};
use crate::envelope::Envelope;
use crate::error::Error;
use crate::random;

/// Somebody who is given a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The user id, or `s:TOKEN` for a public share.
    pub user_id: String,
    /// The certificate whose key wraps; the caller has checked it.
    pub certificate: Certificate,
}

/// Seals the contents of a root folder and wraps the metadata key for each recipient, owner included
/// (R2-MD-03 to 07). The nonce is random, 12 bytes.
///
/// # Errors
/// [`Error::Member`] without recipients; [`Error::Backend`] when a certificate holds an unusable key.
pub fn seal_root(
    contents: &Contents,
    key: &MetadataKey,
    recipients: &[Recipient],
    version: Version,
) -> Result<Document, Error> {
    seal_root_with_nonce(contents, key, recipients, version, &new_nonce())
}

/// As [`seal_root`] with a nonce of 12 or 16 bytes, for vectors and for faulty clients.
///
/// # Errors
/// As [`seal_root`], and [`Error::NonceLength`].
pub fn seal_root_with_nonce(
    contents: &Contents,
    key: &MetadataKey,
    recipients: &[Recipient],
    version: Version,
    nonce: &[u8],
) -> Result<Document, Error> {
    document(&contents.to_value(), key, version, nonce, false, Some(wrapped_for(recipients, key)?))
}

/// Seals the contents of a subfolder with the key of its root: a document without `users` (R2-MD-17). The
/// nonce is random, 12 bytes.
///
/// # Errors
/// [`Error::Backend`].
pub fn seal_subfolder(contents: &Contents, key: &MetadataKey, version: Version) -> Result<Document, Error> {
    seal_subfolder_with_nonce(contents, key, version, &new_nonce())
}

/// As [`seal_subfolder`] with a nonce of 12 or 16 bytes, for vectors and for faulty clients.
///
/// # Errors
/// [`Error::NonceLength`].
pub fn seal_subfolder_with_nonce(
    contents: &Contents,
    key: &MetadataKey,
    version: Version,
    nonce: &[u8],
) -> Result<Document, Error> {
    document(&contents.to_value(), key, version, nonce, false, None)
}

/// A random nonce of the length that the protocol wants.
pub(crate) fn new_nonce() -> [u8; 12] {
    random::array()
}

/// A key, in the form in which it is to come out again, under RSA-OAEP, in base64 (R2-MD-05).
pub(crate) fn wrap(to: &PublicKey, key: &[u8]) -> Result<String, Error> {
    backend().oaep_wrap(to, key).map(|wrapped| base64::encode(&wrapped))
}

/// The members `users` for these recipients.
pub(super) fn wrapped_for(recipients: &[Recipient], key: &MetadataKey) -> Result<Vec<Value>, Error> {
    if recipients.is_empty() {
        return Err(Error::member("users", "at least one recipient"));
    }
    recipients.iter().map(|recipient| Ok(User::wrap(recipient, key)?.to_json())).collect()
}

/// Seals contents as they are given; `suffix` repeats the nonce behind the ciphertext.
pub(super) fn document(
    contents: &Value,
    key: &MetadataKey,
    version: Version,
    nonce: &[u8],
    suffix: bool,
    users: Option<Vec<Value>>,
) -> Result<Document, Error> {
    let contents = canonical_json::to_string(contents);
    let mut metadata = Envelope::seal(key.as_bytes(), nonce, contents.as_bytes())?;
    if suffix {
        Envelope::repeat_nonce(&mut metadata);
    }
    let mut value = json!({ "metadata": metadata, "version": version.as_str() });
    if let Some(users) = users {
        value["users"] = Value::Array(users);
    }
    Document::from_value(value, &Limits::unbounded())
}
