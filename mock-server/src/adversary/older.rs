//! Metadata of 1.x, which the server can write: nobody signs them, and their keys are wrapped to a public key.

use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata::MetadataKey;
use e2ee_reference::metadata_v1::{Document, Version};

use super::error::MoveError;
use super::handiwork::Handiwork;
use super::lie::SignedMetadata;
use super::stage::Stage;
use crate::model::FileId;

impl Stage<'_> {
    /// The metadata of the encrypted folder at this path, of 1.x.
    pub(super) fn older(&self, path: &str) -> Result<(FileId, Document), MoveError> {
        let folder = self.folder(path)?;
        let stored = self.model.metadata(folder).ok_or_else(|| MoveError::NoMetadata(path.to_owned()))?;
        let document = Document::parse(&stored.document)
            .map_err(|error| MoveError::NotOlder { folder: path.to_owned(), reason: error.to_string() })?;
        Ok((folder, document))
    }

    /// The certificate of the folder's owner.
    pub(super) fn owners_certificate(&self, folder: FileId, path: &str) -> Result<Certificate, MoveError> {
        let owner = self.model.owner(folder).ok_or_else(|| MoveError::UnknownFolder(path.to_owned()))?;
        Ok(Certificate::from_pem(&self.certificate_of(owner)?)?)
    }

    /// Replaces the metadata of a folder by ones without a signature, and has all clients look again.
    pub(super) fn publish_unsigned(
        &mut self,
        by: &'static str,
        folder: FileId,
        made: SignedMetadata,
    ) -> Handiwork {
        self.forge_metadata(Handiwork::of(by), folder, made)
    }

    /// A metadata key that the attacker chooses for a folder.
    pub(super) fn choose_key(&mut self, path: &str, by: &str) -> MetadataKey {
        let key = MetadataKey::generate();
        self.attacker.hold_metadata_key(path, &format!("chosen by {by}"), key.clone());
        key
    }
}

/// The version of a text such as `1.1`.
pub(super) fn version(text: &str) -> Result<Version, MoveError> {
    let known = [Version::V1_0, Version::V1_1, Version::V1_2];
    let found = known.into_iter().find(|version| version.as_str() == text);
    found.ok_or(MoveError::OutOfRange { member: "version", expected: "expected 1.0, 1.1 or 1.2" })
}
