//! What the server has now, fetched and verified.

use super::Work;
use super::area::flag_withdrawn;
use crate::account::Reason;
use crate::defects::Defect;
use crate::server::{DavPath, Node};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::metadata::{Contents, FileEntry, MetadataKey, Recipient, User};
use e2ee_reference::recognise::{Recognised, recognise};
use std::collections::BTreeSet;

/// A counter that no folder has reached.
const BEYOND: u64 = 1000;
/// Folders in folders deeper than this are not followed.
const MAX_DEPTH: usize = 64;

/// The verified state of a folder.
#[derive(Clone)]
pub(super) struct Folder {
    pub(super) id: u64,
    pub(super) dav: DavPath,
    /// Relative to the root of the account, in the clear.
    pub(super) path: String,
    pub(super) document: Recognised,
    /// What is in it; of 1.x, too, in the form of 2.x, and then with the counter 0.
    pub(super) contents: Contents,
    /// Ids whose entries are not used; they are written back as they are.
    pub(super) set_aside: BTreeSet<String>,
    /// What the server lists in it.
    pub(super) listed: Vec<Node>,
}

/// The verified state of a root folder and of some folders below.
#[derive(Clone)]
pub(super) struct Opened {
    /// `None` for 1.x, where each folder has a key of its own and belongs to one user.
    pub(super) circle: Option<Circle>,
    pub(super) root: Folder,
    /// Parents before children.
    pub(super) below: Vec<Folder>,
}

/// What 2.x has for a root folder and everything below.
#[derive(Clone)]
pub(super) struct Circle {
    pub(super) key: MetadataKey,
    pub(super) members: Vec<Recipient>,
}

impl Opened {
    /// The users of the root document.
    pub(super) fn users(&self) -> &[User] {
        match &self.root.document {
            Recognised::V1(_) => &[],
            Recognised::V2(document) => document.users(),
        }
    }

    /// The last folder of the path that was opened.
    pub(super) fn target(&self) -> &Folder {
        self.below.last().unwrap_or(&self.root)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Folder> {
        std::iter::once(&self.root).chain(&self.below)
    }
}

impl Folder {
    pub(super) fn file(&self, name: &str) -> Option<(&str, &FileEntry)> {
        self.files().find(|(_, entry)| entry.filename == name)
    }

    pub(super) fn folder(&self, name: &str) -> Option<&str> {
        self.folders().find(|(_, of)| *of == name).map(|(id, _)| id)
    }

    /// Whether it lies in a folder of the root folder, or deeper.
    pub(super) fn is_deep(&self) -> bool {
        self.path.matches('/').count() > 1
    }

    /// Ids and entries.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &FileEntry)> {
        let usable = |(id, _): &(&String, _)| !self.set_aside.contains(*id);
        self.contents.files.iter().filter(usable).map(|(id, entry)| (id.as_str(), entry))
    }

    /// The files that the server does not list.
    pub(super) fn unlisted(&self) -> impl Iterator<Item = (&str, &FileEntry)> {
        self.files().filter(|(id, _)| !self.listed.iter().any(|node| node.name == *id))
    }

    /// Ids and names.
    pub(super) fn folders(&self) -> impl Iterator<Item = (&str, &str)> {
        let usable = |(id, _): &(&String, _)| !self.set_aside.contains(*id);
        self.contents.folders.iter().filter(usable).map(|(id, name)| (id.as_str(), name.as_str()))
    }

    /// Whether nothing of this name is in it.
    pub(super) fn is_free(&self, name: &str) -> bool {
        self.file(name).is_none() && self.folder(name).is_none()
    }

    pub(super) fn path_of(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }
}

impl Work<'_> {
    /// Opens the root folder and each folder on the way down the given names.
    pub(super) async fn open(&mut self, root: &Node, names: &[String]) -> Result<Opened, ClientError> {
        let mut opened = self.open_root(root).await?;
        for name in names {
            let parent = opened.target();
            let id = parent.folder(name).ok_or_else(|| missing(&parent.path_of(name)))?.to_owned();
            let (dav, path) = (parent.dav.child(&id), parent.path_of(name));
            let folder = self.open_below(&opened, dav, path).await?;
            opened.below.push(folder);
        }
        Ok(opened)
    }

    /// Opens the root folder and all that is below.
    pub(super) async fn open_all(&mut self, root: &Node) -> Result<Opened, ClientError> {
        let mut opened = self.open_root(root).await?;
        self.open_rest(&mut opened).await?;
        Ok(opened)
    }

    /// Opens all folders below the last opened one.
    pub(super) async fn open_rest(&mut self, opened: &mut Opened) -> Result<(), ClientError> {
        let mut next = vec![(opened.below.len(), 0)];
        while let Some((position, depth)) = next.pop() {
            let parent = if position == 0 { &opened.root } else { &opened.below[position - 1] };
            let children: Vec<_> =
                parent.folders().map(|(id, name)| (parent.dav.child(id), parent.path_of(name))).collect();
            for (dav, path) in children {
                let folder = self.open_below(opened, dav, path).await?;
                if depth == MAX_DEPTH || opened.all().any(|other| other.id == folder.id) {
                    let text = format!("{} leads back into itself", folder.path);
                    return Err(self.refuse(Reason::new("folders-end", &["R2-MD-11"], text)).await);
                }
                opened.below.push(folder);
                next.push((opened.below.len(), depth + 1));
            }
        }
        Ok(())
    }

    async fn open_root(&mut self, root: &Node) -> Result<Opened, ClientError> {
        let dav = DavPath::root().child(&root.name);
        let listed = self.listed.take().filter(|(id, _)| *id == root.id);
        let listing = match listed {
            Some((_, listing)) => listing,
            None => match self.account.http.folder(&dav).await? {
                Some((_, listing)) => listing,
                None => return Err(missing(&root.name)),
            },
        };
        let served = match self.account.http.metadata(root.id).await {
            Ok(served) => served,
            Err(e)
                if self.has(Defect::StartsAfreshWithoutMetadata)
                    || (e.is_late() && self.has(Defect::TakesSilenceForAbsence)) =>
            {
                return self.start_afresh(root, 1).await;
            }
            // Nobody reads while somebody writes: it is the word of the specification, if not of a server (R2-READ-03).
            Err(e) if e.status() == Some(423) => {
                let text = format!("{} is being changed: what lies here may be old", root.name);
                self.warn("folder-locked", text);
                return Err(e.into());
            }
            Err(e) if self.account.folders.contains_key(&root.id) && !e.is_passing() => {
                return Err(self.refuse(metadata_missing(&root.name)).await);
            }
            Err(e) => return Err(e.into()),
        };
        let is_unknown = |document: Recognised| document.version() > self.account.newest;
        if self.has(Defect::OverwritesUnknownVersion) && recognise(&served.document).is_ok_and(is_unknown) {
            return self.start_afresh(root, BEYOND).await;
        }
        let opened = self.read_root(root.id, dav, &root.name, &served, Some(&listing)).await?;
        if opened.root.contents.deleted {
            return Err(ClientError::failed(format!("{} is being deleted", root.name)));
        }
        Ok(opened)
    }

    async fn open_below(
        &mut self,
        opened: &Opened,
        dav: DavPath,
        path: String,
    ) -> Result<Folder, ClientError> {
        let Some((node, listing)) = self.account.http.folder(&dav).await? else {
            let text = format!("{path} is in the metadata and not on the server: local files are kept");
            return Err(self.refuse(Reason::new("folder-vanished", &["R2-READ-09"], text)).await);
        };
        if !node.is_encrypted {
            self.unflagged = Some(dav);
            return Err(self.refuse(flag_withdrawn(&path)).await);
        }
        let served = match self.account.http.metadata(node.id).await {
            Ok(served) => served,
            Err(_) if self.has(Defect::BeginsFoldersInsideAnew) => {
                return self.begin_inside_anew(opened, node.id, &path).await;
            }
            Err(e) if !e.is_passing() => return Err(self.refuse(metadata_missing(&path)).await),
            Err(e) => return Err(e.into()),
        };
        self.read_below(opened, node.id, dav, path, &served, &listing).await
    }
}

pub(super) fn missing(path: &str) -> ClientError {
    ClientError::failed(format!("{path} does not exist"))
}

fn metadata_missing(path: &str) -> Reason {
    let text = format!("server has no metadata for {path} any more: local files are kept");
    Reason::new("metadata-present", &["R2-ATK-04"], text)
}
