//! The key of a root folder and all that is below it.

use crate::backend::backend;
use crate::secret::key_type;

key_type! {
    /// The AES-128 key that seals the metadata of a root folder and of all its subfolders; used as raw bytes,
    /// never as text (R2-MD-04).
    MetadataKey, "metadata key"
}

impl MetadataKey {
    /// What `keyChecksums` lists: SHA-256 of the 16 raw bytes, lower-case hex (R2-MD-10).
    #[must_use]
    pub fn checksum(&self) -> String {
        hex::encode(backend().sha256(self.as_bytes()))
    }
}
