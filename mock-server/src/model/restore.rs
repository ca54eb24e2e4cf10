//! The whole state: what it consists of, and back to one that was kept.

use super::{FileId, Model};

impl Model {
    /// Makes everything what it was in `snapshot`: accounts, keys, files, metadata, shares and locks, with new ETags
    /// everywhere, so that clients look again. [`Model::restore_storage`] is for a server that lies about files only.
    pub fn restore(&mut self, snapshot: &Self) {
        *self = snapshot.clone();
        for node in self.tree.iter_mut() {
            node.etag = self.ids.etag();
        }
    }

    /// All files and folders.
    pub(crate) fn node_ids(&self) -> Vec<FileId> {
        self.tree.iter().map(|(id, _)| id).collect()
    }

    /// Since when a folder is locked, in seconds since 1970. `None`: it is not.
    pub fn locked_since(&self, folder: FileId) -> Option<i64> {
        self.locks.get(&folder).map(|lock| lock.since)
    }
}
