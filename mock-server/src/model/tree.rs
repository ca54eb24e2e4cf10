//! Files and folders.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FileId;
use super::content::Content;
use super::ids::Ids;

/// A file or folder. Its id stays when it is renamed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub(super) parent: Option<FileId>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) etag: String,
    pub(super) mtime: i64,
    pub(super) created: i64,
    pub(super) encrypted: bool,
    #[serde(with = "super::whole::pairs")]
    pub(super) properties: Properties,
}

/// Properties that clients have set, by namespace and name.
pub type Properties = BTreeMap<(String, String), String>;

/// What a node is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Kind {
    Folder,
    File { content: Content, checksum: Option<String> },
}

impl Node {
    pub(super) fn folder(parent: Option<FileId>, name: &str, created: i64) -> Self {
        Self::new(parent, name, Kind::Folder, created)
    }

    pub(super) fn new(parent: Option<FileId>, name: &str, kind: Kind, created: i64) -> Self {
        Self {
            parent,
            name: name.to_owned(),
            kind,
            etag: String::new(),
            mtime: created,
            created,
            encrypted: false,
            properties: Properties::new(),
        }
    }

    /// The folder that it lies in; `None` for a user's root.
    pub fn parent(&self) -> Option<FileId> {
        self.parent
    }

    /// The name as stored, with a `.e2e-to-…` suffix while the node is pending. Empty for a user's root.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        matches!(self.kind, Kind::Folder)
    }

    /// The bytes of a file.
    pub fn content(&self) -> Option<&Content> {
        match &self.kind {
            Kind::File { content, .. } => Some(content),
            Kind::Folder => None,
        }
    }

    /// What the uploader sent as `OC-Checksum`, for example `SHA1:…`. Never verified.
    pub fn checksum(&self) -> Option<&str> {
        match &self.kind {
            Kind::File { checksum, .. } => checksum.as_deref(),
            Kind::Folder => None,
        }
    }

    /// The ETag without quotes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// When it was changed, in seconds since 1970; clients set it for files.
    pub fn mtime(&self) -> i64 {
        self.mtime
    }

    /// When it was made, in seconds since 1970.
    pub fn created(&self) -> i64 {
        self.created
    }

    /// What clients have set with PROPPATCH and means nothing to the server.
    pub fn properties(&self) -> &Properties {
        &self.properties
    }

    /// A folder's own encrypted flag. It is not inherited.
    pub fn encrypted(&self) -> bool {
        self.encrypted
    }
}

/// All nodes of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree {
    #[serde(skip)]
    ids: Ids,
    nodes: BTreeMap<FileId, Node>,
    children: BTreeMap<FileId, BTreeMap<String, FileId>>,
}

impl Tree {
    pub(super) fn new(ids: Ids) -> Self {
        Self { ids, ..Self::default() }
    }

    /// Has ids come from there from now on.
    pub(super) fn draw_from(&mut self, ids: Ids) {
        self.ids = ids;
    }

    pub(super) fn contents_mut(&mut self) -> impl Iterator<Item = &mut Content> {
        self.nodes.values_mut().filter_map(|node| match &mut node.kind {
            Kind::File { content, .. } => Some(content),
            Kind::Folder => None,
        })
    }

    pub(super) fn get(&self, id: FileId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: FileId) -> Option<&mut Node> {
        self.nodes.get_mut(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (FileId, &Node)> {
        self.nodes.iter().map(|(id, node)| (*id, node))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.nodes.values_mut()
    }

    /// The children in the order of their names.
    pub(super) fn children(&self, folder: FileId) -> impl Iterator<Item = FileId> + '_ {
        self.children.get(&folder).into_iter().flat_map(|names| names.values().copied())
    }

    pub(super) fn child(&self, folder: FileId, name: &str) -> Option<FileId> {
        self.children.get(&folder)?.get(name).copied()
    }

    /// The node itself, its folder, that one's folder … up to the root.
    pub(super) fn upwards(&self, id: FileId) -> impl Iterator<Item = FileId> + '_ {
        let first = self.nodes.contains_key(&id).then_some(id);
        std::iter::successors(first, |id| self.nodes.get(id).and_then(Node::parent))
    }

    /// Adds a node, which gets an id and an ETag.
    pub(super) fn insert(&mut self, mut node: Node) -> FileId {
        let id = FileId::new(self.ids.number());
        node.etag = self.ids.etag();
        if let Some(parent) = node.parent {
            self.children.entry(parent).or_default().insert(node.name.clone(), id);
        }
        self.nodes.insert(id, node);
        id
    }

    /// Gives a node another place and name. Whatever is there must have been removed before.
    pub(super) fn rename(&mut self, id: FileId, parent: FileId, name: &str) {
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let old = std::mem::replace(&mut node.name, name.to_owned());
        if let Some(from) = node.parent.replace(parent)
            && let Some(names) = self.children.get_mut(&from)
        {
            names.remove(&old);
        }
        self.children.entry(parent).or_default().insert(name.to_owned(), id);
    }

    /// Removes a node with everything below it; the ids that are gone.
    pub(super) fn remove(&mut self, id: FileId) -> Vec<FileId> {
        let mut gone = vec![id];
        let mut looked_at = 0;
        while let Some(id) = gone.get(looked_at).copied() {
            looked_at += 1;
            gone.extend(self.children.remove(&id).into_iter().flat_map(BTreeMap::into_values));
        }
        if let Some(node) = self.nodes.get(&id)
            && let Some(names) = node.parent.and_then(|parent| self.children.get_mut(&parent))
        {
            names.remove(&node.name);
        }
        for id in &gone {
            self.nodes.remove(id);
        }
        gone
    }

    /// Copies a node with everything below it. Flags are not copied, as on the real server.
    pub(super) fn copy(&mut self, id: FileId, parent: FileId, name: &str, now: i64) -> Option<FileId> {
        let node = self.nodes.get(&id)?;
        let mut twin = Node::new(Some(parent), name, node.kind.clone(), now);
        twin.mtime = node.mtime;
        twin.properties = node.properties.clone();
        let below: Vec<(FileId, String)> =
            self.children(id).filter_map(|child| Some((child, self.get(child)?.name.clone()))).collect();
        let copy = self.insert(twin);
        for (child, name) in below {
            self.copy(child, copy, &name, now);
        }
        Some(copy)
    }

    /// How many nodes lie on the longest way down, this one included.
    pub(super) fn height(&self, id: FileId) -> usize {
        self.children(id).map(|child| self.height(child)).max().unwrap_or(0) + 1
    }

    /// Bytes of a file, or of all files below a folder.
    pub(super) fn size(&self, id: FileId) -> u64 {
        match self.get(id).map(|node| &node.kind) {
            Some(Kind::File { content, .. }) => content.len(),
            Some(Kind::Folder) => self.children(id).map(|child| self.size(child)).sum(),
            None => 0,
        }
    }
}
