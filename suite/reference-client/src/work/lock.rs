//! A lock of a folder, from the moment it is granted: releasing it is what makes a change count, or takes it back.

use super::Work;
use crate::defects::Defect;
use crate::server::{Interface, LockToken, ServerError};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::metadata::{Contents, MetadataKey};
use e2ee_reference::metadata_v1::Version;
use e2ee_reference::random;
use e2ee_reference::trust::Known;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::sleep;

/// How often the release of a lock is tried when the server does not answer.
const UNLOCK_ATTEMPTS: u8 = 3;

/// A lock that this device holds.
pub(super) struct Lock {
    pub(super) token: LockToken,
    /// The root folder, and the folder that is locked.
    pub(super) root: u64,
    pub(super) locked: u64,
    pub(super) path: String,
    pub(super) counter: u64,
    /// What becomes known when the lock is released.
    pub(super) stored: Vec<(u64, Known)>,
    pub(super) stored_older: Vec<(u64, Version)>,
    pub(super) unwrapped: Option<(String, MetadataKey)>,
    /// Dropped entries of the locked folder that have become files.
    pub(super) taken_in: BTreeSet<String>,
}

impl Lock {
    fn new(token: LockToken, root: u64, locked: u64, path: String, counter: u64) -> Self {
        Self {
            token,
            root,
            locked,
            path,
            counter,
            stored: Vec::new(),
            stored_older: Vec::new(),
            unwrapped: None,
            taken_in: BTreeSet::new(),
        }
    }

    /// The counter of the next document of a folder; the locked one's was announced with the lock.
    pub(super) fn counter_for(&self, id: u64, contents: &Contents) -> u64 {
        let next = contents.counter + 1;
        if id == self.locked { next.max(self.counter) } else { next }
    }
}

impl Work<'_> {
    /// A lock that was granted, on the disk before anything is written under it: whoever is killed meanwhile releases it
    /// when he is started again (ROB-LOCK-03).
    pub(super) fn granted(
        &mut self,
        token: LockToken,
        (root, locked): (u64, u64),
        path: String,
        counter: u64,
    ) -> Result<Lock, ClientError> {
        if token != LockToken::none() {
            self.account.under_way.push((locked, token.clone()));
            self.account.keep()?;
        }
        Ok(Lock::new(token, root, locked, path, counter))
    }

    /// Releases the lock: what was done counts, or after an error is taken back.
    pub(super) async fn finish<T>(
        &mut self,
        lock: Lock,
        outcome: Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        if self.has(Defect::NeverUnlocks) {
            return outcome;
        }
        let abort = outcome.is_err() && !self.has(Defect::NeverAborts);
        let unlocked = self.unlock(lock.locked, &lock.token, abort).await;
        self.account.under_way.retain(|(_, token)| *token != lock.token);
        match (outcome, unlocked) {
            (Ok(done), Ok(())) => {
                for (id, version) in lock.stored_older {
                    self.remember_older(lock.root, id, version);
                }
                let folder = self.account.folders.entry(lock.root).or_default();
                folder.states.extend(lock.stored);
                folder.unwrapped = lock.unwrapped.or(folder.unwrapped.take());
                Ok(done)
            }
            (Ok(done), Err(_))
                if self.has(Defect::IgnoresFailedUnlock) || self.has(Defect::IgnoresFailedStore) =>
            {
                Ok(done)
            }
            (Ok(_), Err(e)) => Err(self.keep(lock, e)),
            (Err(e), unlocked) => {
                let what = match self.account.http.interface() {
                    Interface::V1 => "the change was given up",
                    Interface::V2 => "nothing was changed",
                };
                self.warn("change-aborted", format!("{}: {what}", lock.path));
                if let Err(failed) = unlocked {
                    self.keep(lock, failed);
                }
                Err(e)
            }
        }
    }

    /// Remembers a lock whose release the server did not answer.
    fn keep(&mut self, lock: Lock, failed: ServerError) -> ClientError {
        if failed.is_passing() && !self.has(Defect::ForgetsHeldLocks) {
            self.account.held.push((lock.locked, lock.token));
        }
        failed.into()
    }

    /// Releases what could not be released before; what was written under it is taken back (R2-UPD-06). What the server
    /// answers with anything but trouble is held no more.
    pub(crate) async fn release_held(&mut self) {
        for (folder, token) in std::mem::take(&mut self.account.held) {
            let released = self.unlock(folder, &token, true).await;
            if released.is_err_and(|e| e.is_passing()) {
                self.account.held.push((folder, token));
            }
        }
    }

    /// Servers of 1.x fail the first time if files have come and no metadata, and release the lock the second time.
    async fn unlock(&self, folder: u64, token: &LockToken, abort: bool) -> Result<(), ServerError> {
        let mut attempt = if self.has(Defect::GivesUpUnlocking) { UNLOCK_ATTEMPTS } else { 0 };
        loop {
            attempt += 1;
            match self.account.http.unlock(folder, token, abort).await {
                Err(e) if e.is_passing() && attempt < UNLOCK_ATTEMPTS => sleep(pause(attempt)).await,
                unlocked => return unlocked,
            }
        }
    }
}

/// Grows with the attempt, and differs between devices that meet: 250 ms in four pauses at the most.
pub(super) fn pause(attempt: u8) -> Duration {
    let [jitter] = random::array::<1>();
    Duration::from_millis(10 * u64::from(attempt) + u64::from(jitter % 37))
}
