//! What the client makes, in the manner of the client whose dialect it speaks. Nothing else here knows of dialects.

use super::change::Draft;
use super::{Work, broken, now};
use crate::account::OwnKeys;
use crate::defects::Defect;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::dialect::{Layout, PrivateKeyForm, UpdatedKey};
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::metadata::{self, Document, FileEntry, seal_root_as, seal_subfolder_as};
use e2ee_reference::metadata_v1::{self, Keys, Target};
use e2ee_reference::private_key_blob::Kdf;
use e2ee_reference::signature::sign_as;

impl Work<'_> {
    /// What a new file or folder is called on the server.
    pub(super) fn new_identifier(&self) -> String {
        self.setup.dialect().identifiers.random()
    }

    /// The key for a file, which may have had an `old` one.
    pub(super) fn file_key(&mut self, old: Option<&FileKey>) -> FileKey {
        match (self.setup.dialect().updated_key, old) {
            (UpdatedKey::Kept, Some(old)) => old.clone(),
            _ => self.new_file_key(),
        }
    }

    /// A nonce for a file of a folder of 1.x, or of 2.x.
    pub(super) fn nonce(&self, older: bool) -> Vec<u8> {
        let dialect = self.setup.dialect();
        let length = if older { dialect.metadata_v1.nonce } else { dialect.metadata.nonce };
        length.random()
    }

    /// Encrypts a file with the key and nonce of its entry, and enters its tag.
    pub(super) fn sealed_file(&self, entry: &mut FileEntry, content: &[u8]) -> Result<Vec<u8>, ClientError> {
        let sealed = file_cipher::encrypt(&entry.key, &entry.nonce, content).map_err(broken)?;
        entry.authentication_tag = self.setup.dialect().file_tag.value(&sealed.tag, &entry.nonce);
        Ok(sealed.bytes)
    }

    /// A document of 2.x.
    pub(super) fn sealed(
        &self,
        draft: &Draft<'_>,
        version: metadata::Version,
    ) -> Result<Document, ClientError> {
        let dialect = self.setup.dialect();
        let sealed = match draft.members {
            Some(members) => seal_root_as(&draft.contents, draft.key, members, version, dialect),
            None => seal_subfolder_as(&draft.contents, draft.key, version, dialect),
        };
        sealed.map_err(broken)
    }

    /// The signature of a document.
    pub(super) fn signed(&self, content: &str, own: &OwnKeys) -> Result<String, ClientError> {
        let form = &self.setup.dialect().signature;
        let repeatable = self.setup.common().repeatable.as_ref();
        let signed_at = repeatable.map_or_else(now, |repeatable| repeatable.signed_at);
        sign_as(content, &own.certificate, &own.private_key, signed_at, form).map_err(broken)
    }

    /// A document of 1.x, for its owner alone.
    pub(super) fn sealed_older(
        &self,
        contents: &metadata_v1::Contents,
        keys: &Keys,
        own: &OwnKeys,
        target: Target<'_>,
    ) -> Result<metadata_v1::Document, ClientError> {
        let dialect = self.setup.dialect();
        if !dialect.writes_v1 {
            let text =
                format!("writing metadata {}, which the {} client does not", target.version(), dialect.name);
            return Err(ClientError::unsupported(text));
        }
        let to = own.certificate.public_key();
        metadata_v1::seal_as(contents, keys, to, target, dialect).map_err(broken)
    }

    /// How documents are uploaded.
    pub(super) fn layout(&self) -> Layout {
        self.setup.dialect().layout
    }

    /// The form of private-key blobs.
    pub(super) fn private_key_form(&self) -> PrivateKeyForm {
        let mut form = self.setup.dialect().private_key;
        if self.has(Defect::SealsWithOldDerivation) {
            form.kdf = Kdf::Sha1Rounds1024;
        }
        form
    }
}
