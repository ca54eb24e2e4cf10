//! Back to a state that was kept.

use super::Model;

impl Model {
    /// Makes everything what it was in `snapshot`: accounts, keys, files, metadata, shares and locks, with new ETags
    /// everywhere, so that clients look again. [`Model::restore_storage`] is for a server that lies about files only.
    pub fn restore(&mut self, snapshot: &Self) {
        *self = snapshot.clone();
        for node in self.tree.iter_mut() {
            node.etag = self.ids.etag();
        }
    }
}
