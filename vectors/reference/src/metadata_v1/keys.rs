//! The metadata keys of a document, and how 1.x wraps them.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::backend::backend;
use crate::base64;
use crate::certificate::PublicKey;
use crate::error::Error;
use crate::identity::PrivateKey;
use crate::metadata::{MetadataKey, wrap};

/// The metadata keys of one document by their index; at least one. 1.1 and 1.2 have one, of index 0.
///
/// Which of several keys decrypts is the index at the file, and the newest (numerically highest) is the one
/// to write with (R1-MD-07, R1-MD-08). Clients differ: desktop takes the last in the order of *strings*, so 9
/// before 10, Android index 0 for everything, iOS the index at the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    newest: (u32, MetadataKey),
    older: BTreeMap<u32, MetadataKey>,
}

impl Keys {
    /// A single key, of index 0.
    #[must_use]
    pub fn one(key: MetadataKey) -> Self {
        Self { newest: (0, key), older: BTreeMap::new() }
    }

    /// Several keys by their index.
    ///
    /// # Errors
    /// [`Error::Member`] when there is none: nobody may go on with an empty key (ATK-META-03).
    pub fn several(mut keys: BTreeMap<u32, MetadataKey>) -> Result<Self, Error> {
        let newest = keys.pop_last();
        let newest = newest.ok_or_else(|| Error::member("metadata.metadataKeys", "at least one key"))?;
        Ok(Self { newest, older: keys })
    }

    /// The key to write with, and its index (R1-MD-08).
    #[must_use]
    pub fn newest(&self) -> (u32, &MetadataKey) {
        (self.newest.0, &self.newest.1)
    }

    /// The key of this index.
    #[must_use]
    pub fn get(&self, index: u32) -> Option<&MetadataKey> {
        if index == self.newest.0 { Some(&self.newest.1) } else { self.older.get(&index) }
    }

    /// All keys, the newest last.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &MetadataKey)> {
        self.older.iter().map(|(index, key)| (*index, key)).chain([self.newest()])
    }
}

/// Wraps a metadata key as 1.x does: base64 of RSA-OAEP over base64 of base64 of the 16 bytes (R1-MD-02).
///
/// # Errors
/// [`Error::Backend`] when the public key is unusable.
pub fn wrap_key(to: &PublicKey, key: &[u8; 16]) -> Result<String, Error> {
    let once = Zeroizing::new(base64::encode(key));
    wrap(to, Zeroizing::new(base64::encode(once.as_bytes())).as_bytes())
}

/// Opens what [`wrap_key`] made. `path` names the member in errors.
///
/// # Errors
/// [`Error::Base64`] outside or inside, [`Error::Unwrap`], [`Error::KeyLength`].
pub fn unwrap_key(with: &PrivateKey, wrapped: &str, path: &str) -> Result<MetadataKey, Error> {
    let twice = Zeroizing::new(backend().oaep_unwrap(with, &base64::decode(wrapped, path)?)?);
    let once = Zeroizing::new(base64::decode(&twice, path)?);
    MetadataKey::from_slice(&Zeroizing::new(base64::decode(&once, path)?))
}
