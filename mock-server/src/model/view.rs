//! The tree as one user sees it: the own files, and what others share.

use super::pending::{TO_DELETE, TO_SAVE};
use super::permissions::Permissions;
use super::shares::Share;
use super::{FileId, Model, Node};

/// A node as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which node.
    pub id: FileId,
    /// The name that is shown, which is not always the one that is stored.
    pub name: String,
}

impl Model {
    /// The node at a path such as `plans/report.txt` in a user's view; the empty path is the root.
    pub fn find(&self, user: &str, path: &str) -> Option<FileId> {
        let names: Vec<String> = path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        self.resolve(user, &names)
    }

    /// The node at a path, given as its names.
    pub fn resolve(&self, user: &str, path: &[String]) -> Option<FileId> {
        let root = self.users.get(user)?.root;
        path.iter().try_fold(root, |folder, name| self.child_seen(user, folder, name))
    }

    /// The node that a download of this path gets: a file whose deletion is pending is still served.
    pub fn resolve_readable(&self, user: &str, path: &[String]) -> Option<FileId> {
        let pending = || {
            let (name, folder) = path.split_last()?;
            self.child_seen(user, self.resolve(user, folder)?, &format!("{name}{TO_DELETE}"))
        };
        self.resolve(user, path).or_else(pending)
    }

    /// What a listing of the folder shows: uploads that are pending are left out, deletions that are pending
    /// are shown under their old names, both in encrypted folders only.
    pub fn entries(&self, user: &str, folder: FileId) -> Vec<Entry> {
        let own = self.tree.children(folder).filter_map(|id| {
            let name = self.tree.get(id)?.name.clone();
            Some(Entry { id, name })
        });
        let is_root = self.roots.get(&folder).is_some_and(|owner| owner == user);
        let received = self.shares.values().filter(|share| is_root && self.receives(share, user));
        let received = received.map(|share| Entry { id: share.node, name: share.target.clone() });
        own.chain(received).filter_map(|entry| self.shown(entry)).collect()
    }

    /// Whether a listing leaves the node out because its upload is pending.
    pub fn is_hidden_upload(&self, id: FileId) -> bool {
        self.tree
            .get(id)
            .is_some_and(|node| node.name.ends_with(TO_SAVE) && self.counts_as_encrypted(id, node))
    }

    /// What the user may do with a node, and whether that is by a share.
    pub fn rights(&self, user: &str, id: FileId) -> (Permissions, bool) {
        let all = match self.tree.get(id) {
            Some(node) if !node.is_folder() => Permissions::FILE,
            _ => Permissions::ALL,
        };
        match self.mount(user, id) {
            None => (all, false),
            // A receiver can always throw the share itself away.
            Some(share) if share.node == id => (all & (share.permissions | Permissions::DELETE), true),
            Some(share) => (all & share.permissions, true),
        }
    }

    /// The share through which the user sees the node; `None` if it is the user's own.
    pub(crate) fn mount(&self, user: &str, id: FileId) -> Option<&Share> {
        if self.owner(id) == Some(user) {
            return None;
        }
        self.tree.upwards(id).find_map(|above| self.share_received(user, above))
    }

    pub(super) fn child_seen(&self, user: &str, folder: FileId, name: &str) -> Option<FileId> {
        let own = self.tree.child(folder, name);
        own.or_else(|| {
            let is_root = self.roots.get(&folder).is_some_and(|owner| owner == user);
            let mut received = self.shares.values().filter(|share| is_root && self.receives(share, user));
            received.find(|share| share.target == name).map(|share| share.node)
        })
    }

    /// A folder counts by its own flag, a file by that of its folder. Nothing is inherited from further up.
    pub(super) fn counts_as_encrypted(&self, id: FileId, node: &Node) -> bool {
        if self.behaviour.flag_is_inherited {
            return self.encrypted_root(id).is_some();
        }
        let judge = if node.is_folder() { Some(id) } else { node.parent };
        judge.and_then(|id| self.tree.get(id)).is_some_and(Node::encrypted)
    }

    fn shown(&self, mut entry: Entry) -> Option<Entry> {
        let node = self.tree.get(entry.id)?;
        if self.counts_as_encrypted(entry.id, node) {
            if entry.name.ends_with(TO_SAVE) {
                return None;
            }
            if let Some(name) = entry.name.strip_suffix(TO_DELETE) {
                entry.name = name.to_owned();
            }
        }
        Some(entry)
    }
}
