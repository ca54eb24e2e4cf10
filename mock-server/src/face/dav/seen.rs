//! What a listing shows of a node, taken from the state at one moment.

use super::request::Scope;
use crate::adversary::lie::{Listed, SignedMetadata};
use crate::face::told::Told;
use crate::model::{FileId, Model, Node, Permissions, Properties};

/// The facts about a node that its properties are made of.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) id: FileId,
    /// The identifier that is listed.
    pub(super) told_id: FileId,
    /// The folder whose flag decides about the node: itself, or the folder of a file.
    pub(super) judge: FileId,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) folder: bool,
    /// The folder's own flag; for a file that of its folder.
    pub(super) encrypted: bool,
    pub(super) etag: String,
    pub(super) mtime: i64,
    pub(super) created: i64,
    pub(super) size: u64,
    pub(super) checksum: Option<String>,
    pub(super) owner: String,
    pub(super) permissions: Permissions,
    /// What stands in their place in `oc:permissions`.
    told_letters: Option<String>,
    pub(super) shared_with_me: bool,
    pub(super) mount_root: bool,
    pub(super) share_types: Vec<u8>,
    pub(super) folders: usize,
    pub(super) files: usize,
    pub(super) metadata: Option<SignedMetadata>,
    pub(super) favourite: bool,
    pub(super) properties: Properties,
}

/// The node at the path and, to the depth, what it contains.
pub(super) fn look(model: &Model, scope: &Scope<'_>, id: FileId, depth: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    if !model.is_hidden_upload(id) {
        add(model, scope, id, scope.path.to_vec(), depth, &mut seen);
    }
    seen
}

fn add(model: &Model, scope: &Scope<'_>, id: FileId, path: Vec<String>, depth: usize, seen: &mut Vec<Seen>) {
    let Some(node) = model.node(id) else { return };
    let entries = if node.is_folder() { model.entries(scope.user, id) } else { Vec::new() };
    seen.push(Seen::of(model, scope, id, node, &path));
    if depth == 0 {
        return;
    }
    for entry in entries {
        let mut path = path.clone();
        path.push(entry.name);
        add(model, scope, entry.id, path, depth - 1, seen);
    }
}

impl Seen {
    fn of(model: &Model, scope: &Scope<'_>, id: FileId, node: &Node, path: &[String]) -> Self {
        let folder = node.is_folder();
        let judge = if folder { id } else { node.parent().unwrap_or(id) };
        let encrypted = model.node(judge).is_some_and(Node::encrypted);
        let (permissions, shared_with_me) = model.rights(scope.user, id);
        let permissions = permissions & scope.link.unwrap_or(Permissions::ALL);
        let children: Vec<FileId> = model.children(id);
        let folders = children.iter().filter(|id| model.node(**id).is_some_and(Node::is_folder)).count();
        let mut share_types: Vec<u8> =
            model.shares().filter(|share| share.node == id).map(|share| share.kind.number()).collect();
        share_types.sort_unstable();
        share_types.dedup();
        Self {
            id,
            told_id: id,
            judge,
            href: scope.href(path, folder),
            name: path.last().cloned().unwrap_or_else(|| scope.user.to_owned()),
            folder,
            encrypted,
            etag: node.etag().to_owned(),
            mtime: node.mtime(),
            created: node.created(),
            size: model.size(id),
            checksum: node.checksum().map(str::to_owned),
            owner: model.owner(id).unwrap_or_default().to_owned(),
            permissions,
            told_letters: None,
            shared_with_me,
            mount_root: model.mount(scope.user, id).is_some_and(|share| share.node == id),
            share_types,
            folders,
            files: children.len() - folders,
            properties: node.properties().clone(),
            favourite: model.is_favourite(scope.user, id),
            metadata: if folder && encrypted { model.metadata(id).cloned() } else { None },
        }
    }

    /// What the lies in force make of it.
    pub(super) fn pass(&mut self, told: &mut Told<'_>) {
        let (etag, letters) = (std::mem::take(&mut self.etag), self.letters());
        let honest = Listed {
            id: self.id,
            etag,
            modified: self.mtime,
            size: self.size,
            is_folder: self.folder,
            permissions: letters.clone(),
        };
        let Listed { id, etag, modified, size, is_folder, permissions } = told.listed(self.id, honest);
        self.told_id = id;
        (self.etag, self.mtime, self.size, self.folder) = (etag, modified, size, is_folder);
        self.told_letters = Some(permissions).filter(|told| *told != letters);
    }

    /// `oc:permissions`.
    pub(super) fn letters(&self) -> String {
        if let Some(told) = &self.told_letters {
            return told.clone();
        }
        let has = |permission| self.permissions.contains(permission);
        let mut letters = String::new();
        let mut add = |condition: bool, text: &str| {
            if condition {
                letters.push_str(text);
            }
        };
        add(self.shared_with_me, "S");
        add(has(Permissions::SHARE), "R");
        add(has(Permissions::READ), "G");
        add(has(Permissions::DELETE), "D");
        add(has(Permissions::UPDATE), "NV");
        add(!self.folder && has(Permissions::UPDATE), "W");
        add(self.folder && has(Permissions::CREATE), "CK");
        letters
    }
}
