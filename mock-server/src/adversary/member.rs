//! A corrupted member at work: what it reads of a folder, changes and signs.

use e2ee_reference::certificate::Certificate;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Contents, Document, MetadataKey};

use super::error::MoveError;
use super::forge::{self, Forgery};
use super::lie::SignedMetadata;
use super::stage::{Root, Stage};

/// A member of a root folder whose private key the attacker has.
pub(super) struct Member {
    pub(super) root: Root,
    pub(super) metadata_key: MetadataKey,
    /// What it will write: as it is now, with the next counter.
    pub(super) contents: Contents,
    certificate: Certificate,
    key: PrivateKey,
}

impl Member {
    /// # Errors
    /// If there is no such folder, the user is not corrupted, or no member of it.
    pub(super) fn of(stage: &Stage<'_>, folder: &str, user: &str) -> Result<Self, MoveError> {
        let root = stage.root(folder)?;
        let certificate = root.member(user)?.certificate()?;
        let key = stage.attacker.corrupted(user)?.clone();
        let metadata_key = root.document.unwrap_key(user, &key)?;
        let mut contents = root.document.open(&metadata_key)?;
        contents.counter = contents.counter.saturating_add(1);
        Ok(Self { root, metadata_key, contents, certificate, key })
    }

    /// Names a file.
    pub(super) fn adds(&mut self, forgery: &Forgery) {
        self.contents.files.insert(forgery.file_id.clone(), forgery.entry.clone());
    }

    /// The folder's document with the changed contents under its metadata key, signed.
    pub(super) fn writes(&self, now: i64) -> Result<SignedMetadata, MoveError> {
        self.signs(&forge::reseal(&self.root.document, &self.contents, &self.metadata_key)?, now)
    }

    /// Signs any document.
    pub(super) fn signs(&self, document: &Document, now: i64) -> Result<SignedMetadata, MoveError> {
        Ok(forge::signed(document, &self.certificate, &self.key, now)?)
    }
}
