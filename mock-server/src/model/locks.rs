//! Locks of the E2EE API.

use serde::{Deserialize, Serialize};

use super::access::{Access, Caller, Denied};
use super::{FileId, Model};

/// A lock on a folder. It never expires by itself.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Lock {
    /// One, unless a move has granted the lock again; never none.
    tokens: Vec<String>,
    pub(super) since: i64,
}

impl Lock {
    pub(super) fn new(token: String, since: i64) -> Self {
        Self { tokens: vec![token], since }
    }

    /// The token of whoever had it first.
    pub(super) fn token(&self) -> &str {
        self.tokens.first().map_or("", String::as_str)
    }

    pub(super) fn is_held_by(&self, token: &str) -> bool {
        self.tokens.iter().any(|held| held == token)
    }
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lock(since {}, …)", self.since)
    }
}

/// Why a folder cannot be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The caller does not see the folder, which the real server answers with an internal error.
    #[error(transparent)]
    Unreachable(Denied),
    /// The counter is absent or 0.
    #[error("counter is missing")]
    NoCounter,
    /// No permission, or no encrypted folder.
    #[error("not allowed to create the lock")]
    Forbidden,
    /// Somebody else holds a lock here or further up.
    #[error("already locked")]
    Locked,
    /// The counter is not greater than the stored one.
    #[error("counter is not greater than the stored one")]
    Counter,
}

/// Why a lock cannot be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// The caller does not see the folder, which the real server answers with an internal error.
    #[error(transparent)]
    Unreachable(Denied),
    /// No token.
    #[error("token is empty")]
    NoToken,
    /// No permission, no encrypted folder, or it is not locked by this token.
    #[error("not allowed to remove the lock")]
    Forbidden,
    /// A folder further up is locked by this token, this one is not.
    #[error("not locked")]
    NotLocked,
    /// Aborting stumbles over a folder that the abort itself has removed.
    #[error("a folder of the transaction is gone")]
    FolderGone,
}

impl Model {
    /// Locks a folder for a transaction with this counter. Who sends the token of a lock that he holds gets it
    /// again.
    ///
    /// # Errors
    /// See [`LockError`], in the order in which the server checks.
    pub fn lock(
        &mut self,
        caller: Caller<'_>,
        id: FileId,
        counter: i64,
        token: Option<&str>,
    ) -> Result<String, LockError> {
        self.look_up(caller, id).map_err(LockError::Unreachable)?;
        if counter == 0 {
            return Err(LockError::NoCounter);
        }
        if !self.may_be_locked(caller, id) || self.roots.contains_key(&id) {
            return Err(LockError::Forbidden);
        }
        if self.is_locked(id, token, false) {
            return Err(LockError::Locked);
        }
        if let (true, Some(token)) = (self.locks.contains_key(&id), token) {
            return Ok(token.to_owned());
        }
        if counter <= self.counter(id) {
            return Err(LockError::Counter);
        }
        self.announce_counter(id, counter);
        Ok(self.lock_anyway(id))
    }

    /// Locks a folder without any check; whoever held a lock on it holds it no more. The new token.
    pub fn lock_anyway(&mut self, id: FileId) -> String {
        let token = self.ids.secret_text(64);
        self.locks.insert(id, Lock::new(token.clone(), self.now()));
        token
    }

    /// Grants the lock of a folder again: beside the token that holds it, another one does from now on. `None`: it is
    /// not locked.
    pub fn lock_again(&mut self, id: FileId) -> Option<String> {
        let token = self.ids.secret_text(64);
        self.locks.get_mut(&id)?.tokens.push(token.clone());
        Some(token)
    }

    /// The token that holds the lock on exactly this folder; the first one, if the lock was granted again.
    pub fn lock_token(&self, id: FileId) -> Option<&str> {
        self.locks.get(&id).map(Lock::token)
    }

    /// Releases a lock. What was written under its token takes effect, or is thrown away with `abort`; only
    /// folders whose metadata was written are processed.
    ///
    /// # Errors
    /// See [`UnlockError`], in the order in which the server checks.
    pub fn unlock(
        &mut self,
        caller: Caller<'_>,
        id: FileId,
        token: &str,
        abort: bool,
    ) -> Result<(), UnlockError> {
        self.look_up(caller, id).map_err(UnlockError::Unreachable)?;
        if token.is_empty() {
            return Err(UnlockError::NoToken);
        }
        let at_once = self.behaviour.locks_encrypted_only;
        if !self.may_be_locked(caller, id) || (at_once && self.is_locked(id, Some(token), true)) {
            return Err(UnlockError::Forbidden);
        }
        self.finish(token, abort)?;
        match self.locks.get_mut(&id).map(|lock| (lock.is_held_by(token), lock)) {
            Some((true, lock)) if lock.tokens.len() > 1 => lock.tokens.retain(|held| held != token),
            Some((true, _)) => drop(self.locks.remove(&id)),
            Some((false, _)) if !at_once => return Err(UnlockError::Forbidden),
            Some((false, _)) | None => return Err(UnlockError::NotLocked),
        }
        self.touched.remove(token);
        Ok(())
    }

    /// Whether a lock on the node or further up refuses this token. With `required` there must be a lock.
    pub(super) fn is_locked(&self, id: FileId, token: Option<&str>, required: bool) -> bool {
        let mut locks = self.tree.upwards(id).filter_map(|id| self.locks.get(&id)).peekable();
        if locks.peek().is_none() {
            return required;
        }
        locks.any(|lock| !token.is_some_and(|token| lock.is_held_by(token)))
    }

    fn may_be_locked(&self, caller: Caller<'_>, id: FileId) -> bool {
        let folder = self.tree.get(id).is_some_and(|node| node.is_folder());
        let encrypted = || !self.behaviour.locks_encrypted_only || self.encrypted_root(id).is_some();
        folder && self.permit(caller, id, Access::Write).is_ok() && encrypted()
    }

    /// Processes the folders that were written under this token, the deepest first.
    fn finish(&mut self, token: &str, abort: bool) -> Result<(), UnlockError> {
        let touched = self.touched.get(token).cloned().unwrap_or_default();
        let mut folders: Vec<FileId> =
            touched.into_iter().filter(|id| self.tree.get(*id).is_some()).collect();
        let strict = abort && self.behaviour.abort_fails_over_new_folders;
        if !strict {
            folders.sort_by_key(|id| std::cmp::Reverse(self.tree.upwards(*id).count()));
        }
        for id in folders {
            if strict && self.tree.get(id).is_none() {
                return Err(UnlockError::FolderGone);
            }
            if abort {
                self.revert(id);
                self.discard_metadata(id);
            } else {
                self.finalise(id);
                self.promote_metadata(id);
            }
        }
        Ok(())
    }
}
