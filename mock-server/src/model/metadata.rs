//! Metadata documents with their signatures and counters, final and pending.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::access::{Access, Caller, Denied};
use super::stored::StoredMetadata;
use super::{FileId, Model};
use crate::adversary::lie::SignedMetadata;

/// The document that stands for "delete me at the unlock".
pub(super) const NOTHING: &str = "{}";

/// What is stored for a folder.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Slot {
    #[serde(with = "super::stored::signed")]
    pub(super) last: Option<Arc<StoredMetadata>>,
    counter: Option<i64>,
    pub(super) next: Option<String>,
    next_signature: Option<String>,
    next_counter: Option<i64>,
}

/// Why metadata cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The folder is not locked by the token that was sent.
    #[error("not locked by this token")]
    NotLocked,
    /// There is metadata already.
    #[error("metadata exists")]
    Exists,
    /// There is no metadata.
    #[error("no metadata")]
    Missing,
}

/// Why entries cannot be added to a filedrop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FiledropError {
    /// No share link has the token.
    #[error("unknown share token")]
    UnknownShare,
    /// Neither a user nor a share token.
    #[error("no user logged in")]
    NotLoggedIn,
    /// The share does not allow it, or the id does not belong to it.
    #[error("not allowed")]
    Forbidden,
    /// The id is no folder into which the caller may drop, or a user's root.
    #[error("no folder")]
    NoFolder,
    /// Somebody holds a lock.
    #[error("locked")]
    Locked,
    /// There is no metadata, or it is no JSON object.
    #[error("no metadata")]
    Missing,
}

impl Model {
    /// The metadata of a folder that readers get.
    pub fn metadata(&self, folder: FileId) -> Option<&SignedMetadata> {
        self.stored_metadata(folder).map(|stored| &stored.signed)
    }

    /// The same with the answer that tells them.
    pub(crate) fn stored_metadata(&self, folder: FileId) -> Option<&Arc<StoredMetadata>> {
        self.metadata.get(&folder)?.last.as_ref()
    }

    /// What was stored last of the newest folder that is no more.
    pub fn metadata_of_gone(&self) -> Option<&SignedMetadata> {
        let gone = self.metadata.keys().rev().filter(|id| self.node(**id).is_none());
        gone.copied().find_map(|id| self.metadata(id))
    }

    /// Stores or removes the metadata that readers get, without any check. The counter stays.
    pub fn set_metadata(&mut self, folder: FileId, metadata: Option<SignedMetadata>) {
        self.metadata.entry(folder).or_default().last = metadata.map(|signed| Arc::new(signed.into()));
    }

    /// The counter below which nobody can lock the folder again; 0 until one is stored.
    pub fn counter(&self, folder: FileId) -> i64 {
        self.metadata.get(&folder).and_then(|slot| slot.counter).unwrap_or(0)
    }

    /// Sets the counter without any check.
    pub fn set_counter(&mut self, folder: FileId, counter: i64) {
        self.metadata.entry(folder).or_default().counter = Some(counter);
    }

    /// Whether the caller may read the folder's metadata.
    ///
    /// # Errors
    /// See [`Denied`].
    pub fn permit_reading(&self, caller: Caller<'_>, folder: FileId) -> Result<(), Denied> {
        self.permit(caller, folder, Access::Read)
    }

    /// Stores the first metadata of a folder, pending until the unlock.
    ///
    /// # Errors
    /// See [`MetadataError`].
    pub fn create_metadata(
        &mut self,
        caller: Caller<'_>,
        folder: FileId,
        token: &str,
        metadata: SignedMetadata,
    ) -> Result<(), MetadataError> {
        self.may_write(caller, folder, token)?;
        if self.has_any_metadata(folder) {
            return Err(MetadataError::Exists);
        }
        self.intend(folder, token, metadata.document, metadata.signature);
        Ok(())
    }

    /// Replaces the metadata of a folder, pending until the unlock.
    ///
    /// # Errors
    /// See [`MetadataError`].
    pub fn replace_metadata(
        &mut self,
        caller: Caller<'_>,
        folder: FileId,
        token: &str,
        metadata: SignedMetadata,
    ) -> Result<(), MetadataError> {
        self.may_write(caller, folder, token)?;
        self.metadata(folder).ok_or(MetadataError::Missing)?;
        self.intend(folder, token, metadata.document, metadata.signature);
        Ok(())
    }

    /// Deletes the metadata of a folder, pending until the unlock.
    ///
    /// # Errors
    /// See [`MetadataError`].
    pub fn delete_metadata(
        &mut self,
        caller: Caller<'_>,
        folder: FileId,
        token: &str,
    ) -> Result<(), MetadataError> {
        self.may_write(caller, folder, token)?;
        self.metadata(folder).ok_or(MetadataError::Missing)?;
        self.intend(folder, token, NOTHING.to_owned(), Some(String::new()));
        Ok(())
    }

    /// The document into which the caller may merge filedrop entries.
    ///
    /// # Errors
    /// See [`FiledropError`].
    pub fn filedrop_document(&self, caller: Caller<'_>, folder: FileId) -> Result<&str, FiledropError> {
        self.may_drop(caller, folder)?;
        if self.is_locked(folder, None, false) {
            return Err(FiledropError::Locked);
        }
        self.metadata(folder).map(|last| last.document.as_str()).ok_or(FiledropError::Missing)
    }

    /// Whether anything was ever stored for the folder, even if nothing has become final.
    pub fn has_metadata_storage(&self, folder: FileId) -> bool {
        self.metadata.contains_key(&folder)
    }

    /// Stores the document with the merged entries at once. The signature stays as it is.
    pub fn store_filedrop(&mut self, folder: FileId, document: String) {
        if let Some(slot) = self.metadata.get_mut(&folder) {
            slot.next = Some(document);
            self.promote_metadata(folder);
        }
    }

    /// Keeps the counter of a new lock until the unlock. The first one of a new folder is dropped, as on the
    /// real server.
    pub(super) fn announce_counter(&mut self, folder: FileId, counter: i64) {
        if let Some(slot) = self.metadata.get_mut(&folder) {
            slot.next_counter = Some(counter);
        }
    }

    /// Whether there is metadata, final or pending.
    pub(super) fn has_any_metadata(&self, folder: FileId) -> bool {
        self.metadata.get(&folder).is_some_and(|slot| slot.last.is_some() || slot.next.is_some())
    }

    /// Makes pending metadata final. Whether there was any.
    pub(super) fn promote_metadata(&mut self, folder: FileId) -> bool {
        let Some(slot) = self.metadata.get_mut(&folder) else { return false };
        let Some(document) = slot.next.take() else { return false };
        if document == NOTHING {
            self.metadata.remove(&folder);
            return true;
        }
        let old = slot.last.take().and_then(|last| last.signed.signature.clone());
        let signature = slot.next_signature.take().or(old);
        slot.last = Some(Arc::new(SignedMetadata { document, signature }.into()));
        slot.counter = slot.next_counter.take().or(slot.counter);
        true
    }

    /// Throws pending metadata away, except its signature, as on the real server.
    pub(super) fn discard_metadata(&mut self, folder: FileId) {
        if let Some(slot) = self.metadata.get_mut(&folder) {
            slot.next = None;
            slot.next_counter = None;
        }
    }

    fn may_write(&self, caller: Caller<'_>, folder: FileId, token: &str) -> Result<(), MetadataError> {
        self.permit(caller, folder, Access::Write)?;
        if self.is_locked(folder, Some(token), true) {
            return Err(MetadataError::NotLocked);
        }
        Ok(())
    }

    fn may_drop(&self, caller: Caller<'_>, folder: FileId) -> Result<(), FiledropError> {
        let plain_folder = self.tree.get(folder).is_some_and(|node| node.is_folder());
        let fits = plain_folder && !self.roots.contains_key(&folder);
        let Some(token) = caller.share_token else {
            let user = caller.user.ok_or(FiledropError::NotLoggedIn)?;
            let held = self.look_up(Caller { user: Some(user), share_token: None }, folder);
            let held = held.map_err(|_| FiledropError::NoFolder)?;
            let may = fits && held.contains(super::Permissions::CREATE);
            return may.then_some(()).ok_or(FiledropError::NoFolder);
        };
        let share = self.link(token).ok_or(FiledropError::UnknownShare)?;
        let encrypted = self.tree.get(share.node).is_some_and(|node| node.encrypted());
        let inside = self.tree.upwards(folder).any(|above| above == share.node);
        let may = share.permissions.contains(super::Permissions::CREATE) && encrypted && inside;
        may.then_some(()).ok_or(FiledropError::Forbidden)?;
        fits.then_some(()).ok_or(FiledropError::NoFolder)
    }

    fn intend(&mut self, folder: FileId, token: &str, document: String, signature: Option<String>) {
        let slot = self.metadata.entry(folder).or_default();
        slot.next = Some(document);
        slot.next_signature = signature;
        self.touched.entry(token.to_owned()).or_default().insert(folder);
    }
}
