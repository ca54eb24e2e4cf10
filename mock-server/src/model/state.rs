//! The state of a tenant.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::FileId;
use super::collections::{Collection, CollectionKind};
use super::content::Content;
use super::ids::Ids;
use super::locks::Lock;
use super::logins::LoginFlow;
use super::metadata::Slot;
use super::shares::{Share, ShareId};
use super::trash::Bin;
use super::tree::{Kind, Node, Tree};
use super::uploads::Uploads;
use super::user_locks::UserLock;
use super::users::{LinkKeys, User};
use crate::clock::Clock;
use crate::release::{AppVersion, Behaviour};

/// Everything that a tenant's server knows. A clone is a snapshot; the bytes of files are shared. Models are equal when
/// all that they know is, and their clocks were advanced by as much. Written down, for a state file, it has passwords and
/// tokens in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    #[serde(skip)]
    pub(super) clock: Clock,
    #[serde(skip)]
    pub(super) ids: Ids,
    #[serde(with = "super::whole::release")]
    pub(super) behaviour: &'static Behaviour,
    announced: String,
    host_shows_flag: bool,
    pub(super) instance: String,
    pub(super) users: BTreeMap<String, User>,
    pub(super) groups: BTreeMap<String, BTreeSet<String>>,
    pub(super) link_keys: BTreeMap<String, LinkKeys>,
    pub(super) roots: BTreeMap<FileId, String>,
    pub(super) tree: Tree,
    pub(super) shares: BTreeMap<ShareId, Share>,
    pub(super) locks: BTreeMap<FileId, Lock>,
    pub(super) touched: BTreeMap<String, BTreeSet<FileId>>,
    pub(super) metadata: BTreeMap<FileId, Slot>,
    pub(super) uploads: Uploads,
    pub(super) trash: BTreeMap<String, Bin>,
    pub(super) login_flows: Vec<LoginFlow>,
    pub(super) favourites: BTreeSet<(String, FileId)>,
    #[serde(with = "super::whole::pairs")]
    pub(super) collections: BTreeMap<(String, CollectionKind), BTreeMap<String, Collection>>,
    pub(super) histories: BTreeMap<String, Box<Model>>,
    /// `None` where the app for them is not installed.
    pub(super) user_locks: Option<BTreeMap<FileId, UserLock>>,
}

impl Model {
    /// A server without accounts. `instance` is the instance's id, which ends the long form of file ids.
    pub fn new(instance: &str) -> Self {
        Self::with(instance, Clock::default(), Ids::default())
    }

    pub(crate) fn with(instance: &str, clock: Clock, ids: Ids) -> Self {
        Self {
            clock,
            tree: Tree::new(ids.clone()),
            ids,
            behaviour: AppVersion::default().behaviour(),
            announced: AppVersion::default().api_version().to_owned(),
            host_shows_flag: false,
            instance: instance.to_owned(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            link_keys: BTreeMap::new(),
            roots: BTreeMap::new(),
            shares: BTreeMap::new(),
            locks: BTreeMap::new(),
            touched: BTreeMap::new(),
            metadata: BTreeMap::new(),
            uploads: Uploads::default(),
            trash: BTreeMap::new(),
            login_flows: Vec::new(),
            favourites: BTreeSet::new(),
            collections: BTreeMap::new(),
            histories: BTreeMap::new(),
            user_locks: None,
        }
    }

    /// A copy that goes on by itself: it has a clock of its own.
    pub(crate) fn forked(&self) -> Self {
        let mut forked = self.clone();
        forked.clock = self.clock.forked();
        forked
    }

    /// Makes the state behave as a release of the app does.
    pub fn set_app_version(&mut self, version: AppVersion) {
        self.behaviour = version.behaviour();
    }

    /// Sets what the capability `end-to-end-encryption` announces as `api-version`.
    pub fn set_announced(&mut self, api_version: impl Into<String>) {
        self.announced = api_version.into();
    }

    /// Makes the state that of an installation from the time in which this `api-version` was announced: the app with
    /// its host, which showed the flag of folders by itself as long as the app did not.
    pub fn install(&mut self, api_version: &str) {
        let release = AppVersion::of_interface(api_version);
        self.set_app_version(release);
        self.set_announced(api_version);
        self.host_shows_flag = !release.behaviour().dav_properties;
    }

    /// What the capability `end-to-end-encryption` announces as `api-version`.
    pub fn announced(&self) -> &str {
        &self.announced
    }

    pub(crate) fn behaviour(&self) -> &'static Behaviour {
        self.behaviour
    }

    /// Whether listings tell which folders are encrypted.
    pub(crate) fn shows_flag(&self) -> bool {
        self.behaviour.dav_properties || self.host_shows_flag
    }

    /// The clock, which tests can advance. A snapshot has the same one.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Seconds since 1970 by the clock.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Where ids, ETags and secret texts come from.
    pub(crate) fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The instance's id.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// A node by its id.
    pub fn node(&self, id: FileId) -> Option<&Node> {
        self.tree.get(id)
    }

    /// The nodes in a folder, pending ones included, in the order of their names.
    pub fn children(&self, folder: FileId) -> Vec<FileId> {
        self.tree.children(folder).collect()
    }

    /// Whose tree the node lies in.
    pub fn owner(&self, id: FileId) -> Option<&str> {
        let root = self.tree.upwards(id).last()?;
        self.roots.get(&root).map(String::as_str)
    }

    /// The path in the owner's tree, without a leading `/`; empty for a root.
    pub fn path_of(&self, id: FileId) -> Option<String> {
        self.tree.get(id)?;
        let names = self.tree.upwards(id).filter_map(|id| self.tree.get(id)).map(Node::name);
        let mut names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        names.reverse();
        Some(names.join("/"))
    }

    /// Bytes of a file, or of all files below a folder.
    pub fn size(&self, id: FileId) -> u64 {
        self.tree.size(id)
    }

    /// All folders with the encrypted flag, without those in trash bins.
    pub fn encrypted_folders(&self) -> Vec<FileId> {
        let flagged = self.tree.iter().filter(|(_, node)| node.encrypted).map(|(id, _)| id);
        flagged.filter(|id| self.owner(*id).is_some()).collect()
    }

    /// The topmost encrypted folders with all folders below them, each behind the one that it lies in, and with that.
    pub fn encrypted_trees(&self) -> Vec<(FileId, Option<FileId>)> {
        let flagged = self.encrypted_folders().into_iter().rev();
        let roots = flagged.filter(|id| self.encrypted_root(*id) == Some(*id));
        let mut waiting: Vec<(FileId, Option<FileId>)> = roots.map(|root| (root, None)).collect();
        let mut folders = Vec::new();
        while let Some((id, parent)) = waiting.pop() {
            folders.push((id, parent));
            let inside = self.children(id).into_iter().rev();
            let inside = inside.filter(|child| self.node(*child).is_some_and(Node::is_folder));
            waiting.extend(inside.map(|child| (child, Some(id))));
        }
        folders
    }

    /// The topmost encrypted folder that the node lies in or is.
    pub fn encrypted_root(&self, id: FileId) -> Option<FileId> {
        self.tree.upwards(id).filter(|id| self.tree.get(*id).is_some_and(Node::encrypted)).last()
    }

    /// Sets or clears a folder's flag without any check.
    pub fn set_encrypted(&mut self, folder: FileId, encrypted: bool) {
        if let Some(node) = self.tree.get_mut(folder) {
            node.encrypted = encrypted;
        }
    }

    /// Creates or replaces a file under its final name, whatever locks there are. ETags change as by an upload.
    /// `None`: no such folder, or a folder has that name.
    pub fn store_file(
        &mut self,
        folder: FileId,
        name: &str,
        content: impl Into<Content>,
        checksum: Option<String>,
    ) -> Option<FileId> {
        self.tree.get(folder).filter(|node| node.is_folder())?;
        let now = self.now();
        let kind = Kind::File { content: content.into(), checksum };
        let id = match self.tree.child(folder, name) {
            Some(id) => {
                let node = self.tree.get_mut(id).filter(|node| !node.is_folder())?;
                node.kind = kind;
                node.mtime = now;
                id
            }
            None => self.tree.insert(Node::new(Some(folder), name, kind, now)),
        };
        self.touch(id);
        Some(id)
    }

    /// Makes a plain folder inside another one, whatever locks there are. `None`: no such folder, or the name is taken.
    pub fn store_folder(&mut self, folder: FileId, name: &str) -> Option<FileId> {
        self.tree.get(folder).filter(|node| node.is_folder())?;
        if self.tree.child(folder, name).is_some() {
            return None;
        }
        let id = self.tree.insert(Node::folder(Some(folder), name, self.now()));
        self.touch(id);
        Some(id)
    }

    /// Takes a node away with everything below it, whatever locks there are. Metadata stay.
    pub fn lose(&mut self, id: FileId) {
        self.remove_node(id);
    }

    /// Sets when a node was changed, in seconds since 1970.
    pub fn set_mtime(&mut self, id: FileId, mtime: i64) {
        if let Some(node) = self.tree.get_mut(id) {
            node.mtime = mtime;
        }
    }

    /// Sets or removes a property that means nothing to the server. `false`: it is too long, there are too many, or no
    /// such node.
    pub fn set_property(&mut self, id: FileId, name: (&str, &str), value: Option<&str>) -> bool {
        const MAX_PROPERTIES: usize = 100;
        const MAX_LENGTH: usize = 16 * 1024;
        let Some(node) = self.tree.get_mut(id) else { return false };
        let name = (name.0.to_owned(), name.1.to_owned());
        let Some(value) = value else {
            node.properties.remove(&name);
            return true;
        };
        let fits = node.properties.len() < MAX_PROPERTIES || node.properties.contains_key(&name);
        if !fits || name.0.len() + name.1.len() + value.len() > MAX_LENGTH {
            return false;
        }
        node.properties.insert(name, value.to_owned());
        true
    }

    /// Gives new ETags to a node, to the folders above it, and to the roots of everybody who sees it through
    /// a share, so that all clients look again.
    pub fn touch(&mut self, id: FileId) {
        let mut changed: Vec<FileId> = self.tree.upwards(id).collect();
        let shared = self.shares.values().filter(|share| changed.contains(&share.node));
        let receivers = shared.flat_map(|share| self.receivers(share));
        let roots: Vec<FileId> = receivers.filter_map(|user| Some(self.users.get(&user)?.root)).collect();
        changed.extend(roots);
        for id in changed {
            if let Some(node) = self.tree.get_mut(id) {
                node.etag = self.ids.etag();
            }
        }
    }

    /// Makes files, flags, metadata and counters what they were in `snapshot`, with new ETags everywhere.
    /// Accounts, keys, shares and locks stay as they are.
    pub fn restore_storage(&mut self, snapshot: &Self) {
        self.tree = snapshot.tree.clone();
        self.metadata = snapshot.metadata.clone();
        self.trash = snapshot.trash.clone();
        let now = self.now();
        // Accounts that are younger than the snapshot keep an empty root.
        for (id, user) in &mut self.users {
            if self.tree.get(user.root).is_none() {
                self.roots.remove(&user.root);
                user.root = self.tree.insert(Node::folder(None, "", now));
                self.roots.insert(user.root, id.clone());
            }
        }
        for node in self.tree.iter_mut() {
            node.etag = self.ids.etag();
        }
    }

    /// Removes a node with everything below it, and the shares of what is gone.
    pub(super) fn remove_node(&mut self, id: FileId) {
        if let Some(parent) = self.tree.get(id).and_then(Node::parent) {
            let now = self.now();
            self.touch(id);
            self.tree.remove(id);
            self.shares.retain(|_, share| self.tree.get(share.node).is_some());
            self.favourites.retain(|(_, id)| self.tree.get(*id).is_some());
            if let Some(parent) = self.tree.get_mut(parent) {
                parent.mtime = now;
            }
        }
    }
}
