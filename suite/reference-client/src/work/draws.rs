//! Keys of files and folders, drawn anew each time (R2-MOD-05, R2-MOD-11, R1-FILE-01, R1-FILE-04).

use super::Work;
use crate::defects::Defect;
use e2ee_reference::backend::backend;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::metadata::MetadataKey;
use e2ee_reference::random;

impl Work<'_> {
    pub(super) fn new_file_key(&mut self) -> FileKey {
        FileKey::from_bytes(self.draw())
    }

    pub(super) fn new_metadata_key(&mut self) -> MetadataKey {
        MetadataKey::from_bytes(self.draw())
    }

    /// The bytes of a new key.
    fn draw(&mut self) -> [u8; 16] {
        self.account.symmetric_drawn += 1;
        let mut bytes = random::array();
        if self.has(Defect::SameRandomnessEverywhere) {
            let digest = backend().sha256(&self.account.symmetric_drawn.to_be_bytes());
            bytes.copy_from_slice(&digest[..16]);
        }
        if self.has(Defect::DrawsKeysOfLetters) {
            bytes = bytes.map(|byte| b'a' + byte % 16);
        }
        bytes
    }
}
