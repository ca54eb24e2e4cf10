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

/// Written down without the answer, which is made again.
pub(super) mod signed {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::StoredMetadata;
    use crate::adversary::lie::SignedMetadata;

    pub(in crate::model) fn serialize<S: Serializer>(
        stored: &Option<Arc<StoredMetadata>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        stored.as_ref().map(|stored| &stored.signed).serialize(serializer)
    }

    pub(in crate::model) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<StoredMetadata>>, D::Error> {
        let signed: Option<SignedMetadata> = Deserialize::deserialize(deserializer)?;
        Ok(signed.map(|signed| Arc::new(signed.into())))
    }
}
