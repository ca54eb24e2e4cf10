//! Files that a user keeps others from editing: what the app `files_lock` adds to a server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FileId, Model, Node};

/// A lock of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLock {
    /// Whose it is.
    pub owner: String,
    /// When it was taken, in seconds since 1970.
    pub since: i64,
}

/// Why a lock was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserLockError {
    /// Only files can be locked.
    #[error("no file")]
    NoFile,
    /// It is locked by another user.
    #[error("locked by another user")]
    Foreign,
    /// It is not locked.
    #[error("not locked")]
    NotLocked,
}

impl Model {
    /// Installs the app: from now on there are such locks.
    pub fn install_user_locks(&mut self) {
        self.user_locks.get_or_insert_default();
    }

    /// Whether the app is there.
    pub fn has_user_locks(&self) -> bool {
        self.user_locks.is_some()
    }

    /// The lock of a file.
    pub fn user_lock(&self, id: FileId) -> Option<&UserLock> {
        self.user_locks.as_ref()?.get(&id)
    }

    /// Locks a file; who has the lock keeps it.
    ///
    /// # Errors
    /// See [`UserLockError`].
    pub fn lock_for_user(&mut self, user: &str, id: FileId) -> Result<(), UserLockError> {
        if self.tree.get(id).is_none_or(Node::is_folder) {
            return Err(UserLockError::NoFile);
        }
        let since = self.now();
        let locks: &mut BTreeMap<_, _> = self.user_locks.get_or_insert_default();
        let lock = locks.entry(id).or_insert_with(|| UserLock { owner: user.to_owned(), since });
        if lock.owner == user { Ok(()) } else { Err(UserLockError::Foreign) }
    }

    /// Takes one's lock back.
    ///
    /// # Errors
    /// See [`UserLockError`].
    pub fn unlock_for_user(&mut self, user: &str, id: FileId) -> Result<(), UserLockError> {
        match self.user_lock(id) {
            None => Err(UserLockError::NotLocked),
            Some(lock) if lock.owner != user => Err(UserLockError::Foreign),
            Some(_) => {
                self.user_locks.iter_mut().for_each(|locks| drop(locks.remove(&id)));
                Ok(())
            }
        }
    }
}
