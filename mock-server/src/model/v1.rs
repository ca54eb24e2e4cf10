//! Version 1 of the API: the same folders, locks and documents with other rules.

use super::access::Caller;
use super::metadata::{MetadataError, NOTHING};
use super::{FileId, Model, Node};
use crate::adversary::lie::SignedMetadata;
use crate::release::V1Guard;

/// Why a call of API v1 is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum V1Error {
    /// Nobody is logged in.
    #[error("no user logged in")]
    NotLoggedIn,
    /// There is no metadata of version 1, which newer releases insist on.
    #[error("no metadata of version 1")]
    NoMetadata,
    /// The metadata is of a newer version.
    #[error("metadata of a newer version")]
    NewerMetadata,
    /// The user's root cannot be locked.
    #[error("root folder")]
    Root,
    /// No folder that the user sees, or another token.
    #[error("not allowed")]
    Forbidden,
    /// Somebody else holds a lock here or further up.
    #[error("already locked")]
    Locked,
    /// There is no lock.
    #[error("not locked")]
    NotLocked,
    /// Files have changed, but no metadata was written.
    #[error("changed files without metadata")]
    WithoutMetadata,
    /// The document cannot be stored.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
}

impl Model {
    /// Whether API v1 may touch the folder's metadata at all.
    ///
    /// # Errors
    /// [`V1Error::NoMetadata`] and [`V1Error::NewerMetadata`].
    pub fn v1_permit(&self, user: &str, folder: FileId) -> Result<(), V1Error> {
        if self.behaviour.v1_guard == V1Guard::None { Ok(()) } else { self.v1_guard(user, folder) }
    }

    /// Locks a folder without a counter.
    ///
    /// # Errors
    /// See [`V1Error`], in the order in which the server checks.
    pub fn v1_lock(
        &mut self,
        user: Option<&str>,
        id: FileId,
        token: Option<&str>,
    ) -> Result<String, V1Error> {
        let user = user.ok_or(V1Error::NotLoggedIn)?;
        self.v1_guard_lock(user, id)?;
        if self.roots.get(&id).is_some_and(|owner| owner == user) {
            return Err(V1Error::Root);
        }
        if !self.v1_sees_folder(user, id) {
            return Err(V1Error::Forbidden);
        }
        if self.is_locked(id, token, false) {
            return Err(V1Error::Locked);
        }
        if let Some(lock) = self.locks.get(&id) {
            return Ok(lock.token().to_owned());
        }
        Ok(self.lock_anyway(id))
    }

    /// Releases a lock. Pending files of this folder take effect before the token is looked at.
    ///
    /// # Errors
    /// See [`V1Error`], in the order in which the server checks.
    pub fn v1_unlock(&mut self, user: Option<&str>, id: FileId, token: &str) -> Result<(), V1Error> {
        let user = user.ok_or(V1Error::NotLoggedIn)?;
        self.v1_guard_lock(user, id)?;
        if !self.v1_sees_folder(user, id) {
            return Err(V1Error::Forbidden);
        }
        let changed = self.finalise(id);
        if !self.promote_metadata(id) && changed {
            return Err(V1Error::WithoutMetadata);
        }
        let lock = self.locks.get(&id).ok_or(V1Error::NotLocked)?;
        if !lock.is_held_by(token) {
            return Err(V1Error::Forbidden);
        }
        self.locks.remove(&id);
        self.touched.remove(token);
        Ok(())
    }

    /// The metadata of a folder for a reader of API v1.
    pub fn v1_metadata(&self, user: &str, folder: FileId) -> Option<&SignedMetadata> {
        self.v1_sees(user, folder).then(|| self.metadata(folder)).flatten()
    }

    /// Stores the first metadata of a folder, pending until the unlock. No lock is needed.
    ///
    /// # Errors
    /// [`MetadataError::Missing`] when the user does not see the folder.
    pub fn v1_create_metadata(
        &mut self,
        user: &str,
        folder: FileId,
        document: String,
    ) -> Result<(), MetadataError> {
        self.v1_sees(user, folder).then_some(()).ok_or(MetadataError::Missing)?;
        if self.has_any_metadata(folder) {
            return Err(MetadataError::Exists);
        }
        self.metadata.entry(folder).or_default().next = Some(document);
        Ok(())
    }

    /// Replaces the metadata of a folder, pending until the unlock.
    ///
    /// # Errors
    /// See [`MetadataError`].
    pub fn v1_replace_metadata(
        &mut self,
        user: &str,
        folder: FileId,
        token: &str,
        document: String,
    ) -> Result<(), MetadataError> {
        if !self.v1_sees(user, folder) || self.is_locked(folder, Some(token), true) {
            return Err(MetadataError::NotLocked);
        }
        self.v1_intend(folder, document)
    }

    /// Deletes the metadata of a folder, pending until the unlock. No lock is needed, but it must be one's own.
    ///
    /// # Errors
    /// See [`MetadataError`]; [`MetadataError::NotLocked`]: the user is not the owner.
    pub fn v1_delete_metadata(&mut self, user: &str, folder: FileId) -> Result<(), MetadataError> {
        if self.owner(folder) != Some(user) {
            return Err(MetadataError::NotLocked);
        }
        self.v1_intend(folder, NOTHING.to_owned())
    }

    /// The document that entries are dropped into. The owner need not be the caller: who comes by a link is not held to
    /// what it shares. `locks`: the server takes the lock itself, so that any refuses.
    ///
    /// # Errors
    /// See [`V1Error`], in the order in which the server checks.
    pub fn v1_filedrop_document(
        &self,
        owner: &str,
        folder: FileId,
        token: &str,
        locks: bool,
    ) -> Result<&str, V1Error> {
        if locks {
            if self.roots.contains_key(&folder) {
                return Err(V1Error::Root);
            }
            if !self.v1_sees_folder(owner, folder) {
                return Err(V1Error::Forbidden);
            }
        }
        if self.v1_sees(owner, folder) && self.is_locked(folder, Some(token), false) {
            return Err(V1Error::Locked);
        }
        let stored = self.v1_metadata(owner, folder).ok_or(MetadataError::Missing)?;
        Ok(&stored.document)
    }

    /// Stores a document with dropped entries: at once, or pending until the unlock.
    pub fn v1_store_filedrop(&mut self, folder: FileId, document: String, at_once: bool) {
        if at_once {
            self.store_filedrop(folder, document);
        } else if let Some(slot) = self.metadata.get_mut(&folder) {
            slot.next = Some(document);
        }
    }

    fn v1_intend(&mut self, folder: FileId, document: String) -> Result<(), MetadataError> {
        let slot = self.metadata.get_mut(&folder).filter(|slot| slot.last.is_some());
        slot.ok_or(MetadataError::Missing)?.next = Some(document);
        Ok(())
    }

    fn v1_guard_lock(&self, user: &str, id: FileId) -> Result<(), V1Error> {
        if self.behaviour.v1_guard == V1Guard::MetadataAndLocks { self.v1_guard(user, id) } else { Ok(()) }
    }

    fn v1_guard(&self, user: &str, folder: FileId) -> Result<(), V1Error> {
        let stored = self.v1_metadata(user, folder).ok_or(V1Error::NoMetadata)?;
        is_version_1(&stored.document).then_some(()).ok_or(V1Error::NewerMetadata)
    }

    fn v1_sees(&self, user: &str, id: FileId) -> bool {
        self.look_up(Caller { user: Some(user), share_token: None }, id).is_ok()
    }

    fn v1_sees_folder(&self, user: &str, id: FileId) -> bool {
        self.v1_sees(user, id) && self.tree.get(id).is_some_and(Node::is_folder)
    }
}

/// Whether `metadata.version` is 1, 1.2 or "1.2".
fn is_version_1(document: &str) -> bool {
    let document: serde_json::Value = serde_json::from_str(document).unwrap_or_default();
    match &document["metadata"]["version"] {
        serde_json::Value::String(text) => text == "1.2",
        version => version.as_f64().is_some_and(|version| version == 1.0 || version == 1.2),
    }
}
