//! The trash bin. What is deleted in encrypted folders never gets there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tree::Node;
use super::{FileId, Model};

/// How many deleted nodes are kept for a user; the oldest go first.
const MAX_TRASHED: usize = 1000;

/// A deleted node, which keeps its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trashed {
    /// The node, which has the name that it has in the bin: its old one and `.d` with the time.
    pub id: FileId,
    /// Its name before.
    pub name: String,
    /// Where it lay, as a path in its owner's files.
    pub location: String,
    /// When it was deleted, in seconds since 1970.
    pub deleted: i64,
    /// Who deleted it.
    pub by: String,
}

/// What one user has in the trash bin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bin {
    root: FileId,
    /// By the names in the bin.
    items: BTreeMap<String, Trashed>,
}

impl Model {
    /// What lies in a user's trash bin, by the names that it has there.
    pub fn trashed(&self, user: &str) -> BTreeMap<String, Trashed> {
        self.trash.get(user).map(|bin| bin.items.clone()).unwrap_or_default()
    }

    /// Puts a deleted node back where it was, or into the user's root when that folder is gone. If the name is taken
    /// there, it gets another one. Whether there was such a node.
    pub fn restore_trashed(&mut self, user: &str, name: &str) -> bool {
        let Some(item) = self.trash.get_mut(user).and_then(|bin| bin.items.remove(name)) else {
            return false;
        };
        let folder = item.location.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = self.find(user, folder).filter(|id| self.tree.get(*id).is_some_and(Node::is_folder));
        let Some(folder) = folder.or_else(|| self.find(user, "")) else { return false };
        let name = self.free_name(folder, &item.name);
        self.tree.rename(item.id, folder, &name);
        self.touch(item.id);
        true
    }

    /// Deletes one node of the trash bin for good, or all without a name. Whether there was such a node.
    pub fn empty_trash(&mut self, user: &str, name: Option<&str>) -> bool {
        let Some(bin) = self.trash.get_mut(user) else { return name.is_none() };
        let gone: Vec<Trashed> = match name {
            Some(name) => bin.items.remove(name).into_iter().collect(),
            None => std::mem::take(&mut bin.items).into_values().collect(),
        };
        for item in &gone {
            self.tree.remove(item.id);
        }
        name.is_none() || !gone.is_empty()
    }

    /// Deletes a node: it goes to its owner's trash bin, unless it is encrypted or lies in an encrypted folder.
    pub(super) fn throw_away(&mut self, by: &str, id: FileId) {
        let owner = self.owner(id).map(str::to_owned);
        let (Some(owner), None) = (owner, self.encrypted_root(id)) else { return self.remove_node(id) };
        let (Some(name), Some(location)) =
            (self.tree.get(id).map(|node| node.name.clone()), self.path_of(id))
        else {
            return;
        };
        let now = self.now();
        if let Some(parent) = self.tree.get(id).and_then(Node::parent) {
            self.changed(parent);
        }
        self.touch(id);
        let tree = &self.tree;
        self.shares.retain(|_, share| !tree.upwards(share.node).any(|above| above == id));
        let root = match self.trash.get(&owner) {
            Some(bin) => bin.root,
            None => {
                let root = self.tree.insert(Node::folder(None, "", now));
                self.trash.insert(owner.clone(), Bin { root, items: BTreeMap::new() });
                root
            }
        };
        let Some(bin) = self.trash.get_mut(&owner) else { return };
        let free = (now..).map(|time| format!("{name}.d{time}")).find(|name| !bin.items.contains_key(name));
        let trashed = free.unwrap_or_default();
        self.tree.rename(id, root, &trashed);
        bin.items.insert(trashed, Trashed { id, name, location, deleted: now, by: by.to_owned() });
        while bin.items.len() > MAX_TRASHED
            && let Some(oldest) = bin.items.iter().min_by_key(|(_, item)| (item.deleted, item.id))
            && let Some(item) = bin.items.remove(&oldest.0.clone())
        {
            self.tree.remove(item.id);
        }
    }

    /// Forgets the trash bin of a user who is removed.
    pub(super) fn remove_trash(&mut self, user: &str) {
        if let Some(bin) = self.trash.remove(user) {
            self.tree.remove(bin.root);
        }
    }

    fn free_name(&self, folder: FileId, name: &str) -> String {
        let (stem, extension) = match name.rfind('.').filter(|at| *at > 0) {
            Some(at) => name.split_at(at),
            None => (name, ""),
        };
        let first = [name.to_owned(), format!("{stem} (restored){extension}")];
        let more = (2u32..).map(|number| format!("{stem} (restored {number}){extension}"));
        let mut candidates = first.into_iter().chain(more);
        candidates.find(|name| self.tree.child(folder, name).is_none()).unwrap_or_default()
    }
}
