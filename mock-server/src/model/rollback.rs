//! The background job that undoes what was left behind under old locks.

use std::time::Duration;

use super::{FileId, Model};

/// How many locks one run looks at.
const LIMIT: usize = 25;

impl Model {
    /// What the hourly job of the app does: locks that are older than `age` (86,400 s on a real server unless
    /// configured) are released, with the pending files of the locked folder thrown away, as with its pending metadata.
    /// Folders that have changed since, and folders below, are left alone. How many locks were released.
    ///
    /// Locks do not expire otherwise.
    pub fn roll_back(&mut self, age: Duration) -> usize {
        let oldest = self.now().saturating_sub(i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
        let old = self.locks.iter().filter(|(_, lock)| lock.since < oldest);
        let old: Vec<(FileId, String)> =
            old.take(LIMIT).map(|(id, lock)| (*id, lock.token().to_owned())).collect();
        let mut released = 0;
        for (id, token) in old {
            released += usize::from(self.roll_back_lock(id, &token, oldest));
        }
        released
    }

    fn roll_back_lock(&mut self, id: FileId, token: &str, oldest: i64) -> bool {
        if self.tree.get(id).is_some_and(|node| !node.is_folder() || node.mtime() > oldest) {
            return false;
        }
        self.touched.remove(token);
        self.expire_lock(id);
        true
    }

    /// Releases whatever lock is on the folder, however young, with the pending files of the folder thrown away, as with
    /// its pending metadata. Folders below are left alone. Whether there was a lock.
    pub fn expire_lock(&mut self, id: FileId) -> bool {
        if self.locks.remove(&id).is_none() {
            return false;
        }
        if self.tree.get(id).is_some() {
            self.revert(id);
            self.discard_metadata(id);
        }
        true
    }

    /// The folders that are locked.
    pub fn locked_folders(&self) -> Vec<FileId> {
        self.locks.keys().copied().collect()
    }
}
