//! What the server has now, fetched and verified.

use super::Work;
use crate::account::Reason;
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::{DavPath, Node};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::metadata::{Contents, FileEntry, MetadataKey, Recipient, User};
use e2ee_reference::recognise::{AnyVersion, Recognised};
use std::collections::BTreeSet;

/// Folders in folders deeper than this are not followed.
const MAX_DEPTH: usize = 64;

/// What stands at a place in the root of the account.
pub(super) enum Area {
    /// A folder that is encrypted, or was known to be.
    Encrypted(Node),
    /// A file or folder that never was.
    Plain,
    /// Nothing.
    Missing,
}

/// The verified state of a folder.
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
    /// The names that the server lists in it.
    pub(super) listed: Vec<String>,
}

/// The verified state of a root folder and of some folders below.
pub(super) struct Opened {
    /// `None` for 1.x, where each folder has a key of its own and belongs to one user.
    pub(super) circle: Option<Circle>,
    pub(super) root: Folder,
    /// Parents before children.
    pub(super) below: Vec<Folder>,
}

/// What 2.x has for a root folder and everything below.
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

    /// Ids and entries.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &FileEntry)> {
        let usable = |(id, _): &(&String, _)| !self.set_aside.contains(*id);
        self.contents.files.iter().filter(usable).map(|(id, entry)| (id.as_str(), entry))
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
    /// Looks at a place in the root of the account. What was encrypted once stays so (R2-DET-02).
    pub(super) async fn area(&mut self, root: &str) -> Result<Area, ClientError> {
        let node = self.account.http.node(&DavPath::root().child(root)).await?;
        self.area_of(root, node).await
    }

    pub(super) async fn area_of(&mut self, root: &str, node: Option<Node>) -> Result<Area, ClientError> {
        let by_id = node.as_ref().map(|node| node.id).filter(|id| self.account.folders.contains_key(id));
        let known = by_id.or_else(|| self.account.known_by_name(root));
        let Some(node) = node else {
            return match known {
                Some(_) if self.has(Defect::WritesIntoVanishedFolder) => Ok(Area::Plain),
                Some(id) if !self.was_deleted(id).await? => Err(self.refuse(vanished(root)).await),
                _ => Ok(Area::Missing),
            };
        };
        let Some(id) = known else {
            return self.unknown_area(node).await;
        };
        if self.has(Defect::RefusesEverything) {
            return Err(self.refuse(Reason::new("everything", &[], "nothing is good enough")).await);
        }
        if !self.is_served(id).await? {
            if self.has(Defect::UploadsPlaintextWithoutCapability) {
                return Ok(Area::Plain);
            }
            if self.has(Defect::DeletesWithoutCapability) {
                self.forget(id)?;
            }
            let text =
                format!("server announces no encryption such as {root} has any more, it stays encrypted");
            return Err(self
                .refuse(Reason::new("capability-withdrawn", &["R2-DET-02", "R2-SEC-01"], text))
                .await);
        }
        if node.id != id {
            self.replaced(root, id).await?;
            return self.unknown_area(node).await;
        }
        if !node.is_encrypted {
            if self.has(Defect::UploadsPlaintextWithoutFlag) {
                return Ok(Area::Plain);
            }
            return Err(self.refuse(flag_withdrawn(root)).await);
        }
        Ok(Area::Encrypted(node))
    }

    /// Whether the server announces an interface for a known folder: a folder of 2.x never goes back to 1.x
    /// (ATK-DOWN-02).
    async fn is_served(&mut self, id: u64) -> Result<bool, ClientError> {
        if self.capability().await?.is_none() {
            return Ok(false);
        }
        let known = self.account.folders.get(&id).and_then(|folder| folder.version(id));
        Ok(known.map_or(1, AnyVersion::major) <= self.version().await?.major())
    }

    async fn unknown_area(&mut self, node: Node) -> Result<Area, ClientError> {
        if !node.is_encrypted {
            return Ok(Area::Plain);
        }
        if self.has(Defect::RefusesEverything) {
            return Err(self.refuse(Reason::new("everything", &[], "nothing is good enough")).await);
        }
        // Fails when nothing is announced.
        self.version().await?;
        Ok(Area::Encrypted(node))
    }

    /// A known root folder is not listed any more. If a member signed its deletion, it goes (R2-DET-04).
    pub(super) async fn was_deleted(&mut self, id: u64) -> Result<bool, ClientError> {
        let Some(name) = self.account.folders.get(&id).map(|folder| folder.name.clone()) else {
            return Ok(false);
        };
        let dav = DavPath::root().child(&name);
        let Ok(served) = self.account.http.metadata(id).await else { return Ok(false) };
        let deleted = self.read_root(id, dav, &name, &served, None).await?.root.contents.deleted;
        if deleted {
            self.forget(id)?;
        }
        Ok(deleted)
    }

    /// Another folder stands where a known one stood.
    async fn replaced(&mut self, root: &str, known: u64) -> Result<(), ClientError> {
        let text = format!("{root} is another folder now; the encrypted one is gone");
        if self.ask("folder-replaced", text.as_str()) {
            self.account.folders.remove(&known);
            return Ok(());
        }
        Err(self.refuse(Reason::new("folder-replaced", &["R2-DET-02", "R2-DET-05"], text)).await)
    }

    /// Takes what was downloaded off the device.
    pub(super) fn forget(&mut self, id: u64) -> Result<(), ClientError> {
        let Some(folder) = self.account.folders.remove(&id) else { return Ok(()) };
        for placed in folder.placed.values() {
            self.account.local.remove(&placed.path)?;
        }
        for path in folder.paths.iter().rev() {
            self.account.local.remove_empty_folder(path);
        }
        Ok(())
    }

    /// The encrypted root folder of a path.
    pub(super) async fn encrypted(&mut self, path: &UserPath) -> Result<Option<Node>, ClientError> {
        match self.area(path.root()).await? {
            Area::Encrypted(node) => Ok(Some(node)),
            Area::Plain => Ok(None),
            Area::Missing => Err(missing(path.root())),
        }
    }

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
        let Some((_, listing)) = self.account.http.folder(&dav).await? else {
            return Err(missing(&root.name));
        };
        let served = match self.account.http.metadata(root.id).await {
            Ok(served) => served,
            Err(_) if self.has(Defect::StartsAfreshWithoutMetadata) => return self.start_afresh(root).await,
            Err(e) if self.account.folders.contains_key(&root.id) && !e.is_passing() => {
                return Err(self.refuse(metadata_missing(&root.name)).await);
            }
            Err(e) => return Err(e.into()),
        };
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
            return Err(self.refuse(flag_withdrawn(&path)).await);
        }
        let served = match self.account.http.metadata(node.id).await {
            Ok(served) => served,
            Err(e) if !e.is_passing() => return Err(self.refuse(metadata_missing(&path)).await),
            Err(e) => return Err(e.into()),
        };
        self.read_below(opened, node.id, dav, path, &served, &listing).await
    }
}

pub(super) fn missing(path: &str) -> ClientError {
    ClientError::failed(format!("{path} does not exist"))
}

/// R2-DET-05: a warning, and what lies on the device stays.
pub(super) fn vanished(path: &str) -> Reason {
    let text =
        format!("{path} is gone from the server, and no member signed its deletion: local files are kept");
    Reason::new("folder-vanished", &["R2-DET-05", "R2-ATK-06"], text)
}

fn flag_withdrawn(path: &str) -> Reason {
    let text = format!("server says that {path} is not encrypted any more, it stays so");
    Reason::new("flag-withdrawn", &["R2-DET-02", "R2-DET-03"], text)
}

fn metadata_missing(path: &str) -> Reason {
    let text = format!("server has no metadata for {path} any more: local files are kept");
    Reason::new("metadata-present", &["R2-ATK-04"], text)
}
