//! Changes inside encrypted folders that wait for the unlock.

use super::{FileId, Model, Node};

/// Ends the name of an upload, a new folder or the target of a move until the unlock.
pub(super) const TO_SAVE: &str = ".e2e-to-save";
/// Ends the name of a node whose deletion waits for the unlock.
pub(super) const TO_DELETE: &str = ".e2e-to-delete";

impl Model {
    /// Uploads get their final names, then deletions happen, the folder's own included. Whether there was anything to do.
    pub(super) fn finalise(&mut self, folder: FileId) -> bool {
        let saved = self.children_ending(folder, TO_SAVE);
        let deleted = self.children_ending(folder, TO_DELETE);
        let changed = !saved.is_empty() || !deleted.is_empty();
        for (id, name) in saved {
            self.put_in_place(id, folder, &name);
        }
        for (id, _) in deleted {
            self.remove_node(id);
        }
        if self.tree.get(folder).is_some_and(|node| node.name.ends_with(TO_DELETE)) {
            self.remove_node(folder);
            return true;
        }
        changed
    }

    /// Uploads are thrown away, also what was moved here; deletions did not happen.
    pub(super) fn revert(&mut self, folder: FileId) {
        for (id, _) in self.children_ending(folder, TO_SAVE) {
            self.remove_node(id);
        }
        for (id, name) in self.children_ending(folder, TO_DELETE) {
            self.put_in_place(id, folder, &name);
        }
        let own = self.tree.get(folder).and_then(|node| {
            let name = node.name.strip_suffix(TO_DELETE)?;
            Some((node.parent?, name.to_owned()))
        });
        if let Some((parent, name)) = own {
            self.put_in_place(folder, parent, &name);
        }
    }

    /// Renames a node, replacing what has the name already. The ETags of the folders change, its own does not: else
    /// a client would fetch its own upload after the unlock.
    pub(super) fn put_in_place(&mut self, id: FileId, parent: FileId, name: &str) {
        if let Some(replaced) = self.tree.child(parent, name).filter(|replaced| *replaced != id) {
            self.remove_node(replaced);
        }
        if let Some(left) = self.tree.get(id).and_then(Node::parent) {
            self.touch(left);
        }
        self.tree.rename(id, parent, name);
        self.touch(parent);
    }

    fn children_ending(&self, folder: FileId, suffix: &str) -> Vec<(FileId, String)> {
        let children = self.tree.children(folder).filter_map(|id| Some((id, self.tree.get(id)?)));
        let name = |node: &Node| node.name.strip_suffix(suffix).map(str::to_owned);
        children.filter_map(|(id, node)| Some((id, name(node)?))).collect()
    }
}
