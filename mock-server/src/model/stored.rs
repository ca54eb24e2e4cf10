//! Metadata that readers get, with the answer that tells them.

use std::sync::OnceLock;

use bytes::Bytes;

use crate::adversary::lie::SignedMetadata;

/// Final metadata. They are read far more often than written, and each reader gets the same bytes: the answer is made
/// for the first one and kept beside the document.
#[derive(Debug)]
pub(crate) struct StoredMetadata {
    pub(crate) signed: SignedMetadata,
    answer: OnceLock<Bytes>,
}

impl StoredMetadata {
    /// The answer that tells the document, made by `make` if nobody has done it.
    pub(crate) fn answer(&self, make: impl FnOnce(&str) -> Bytes) -> Bytes {
        self.answer.get_or_init(|| make(&self.signed.document)).clone()
    }
}

impl From<SignedMetadata> for StoredMetadata {
    fn from(signed: SignedMetadata) -> Self {
        Self { signed, answer: OnceLock::new() }
    }
}

impl PartialEq for StoredMetadata {
    fn eq(&self, other: &Self) -> bool {
        self.signed == other.signed
    }
}
