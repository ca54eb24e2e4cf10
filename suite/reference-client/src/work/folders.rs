//! Encrypted folders: made, listed, removed.

use super::Work;
use super::area::Area;
use super::change::{Change, Draft};
use super::plain::dav;
use super::view::{Folder, Opened, missing};
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::{DavPath, Node};
use e2ee_adapter::protocol::{ClientError, Entry, EntryKind};
use e2ee_reference::metadata::{Contents, Recipient, User};

impl Work<'_> {
    /// Makes a folder in the root of the account and encrypts it (R2-DIR-01, R2-MD-15 to 19).
    pub(crate) async fn encrypt_folder(&mut self, path: &UserPath) -> Result<(), ClientError> {
        if !path.is_root() {
            return Err(ClientError::failed("only a folder in the root of the account can be encrypted"));
        }
        self.own().await?;
        self.version().await?;
        let area = self.area(path.root()).await?;
        if !matches!(area, Area::Missing) {
            if let (Area::Plain, true) = (area, self.has(Defect::EncryptsFullFolders))
                && let Some(node) = self.account.http.node(&dav(path)).await?
            {
                self.account.http.mark_encrypted(node.id).await?;
            }
            return Err(ClientError::failed(format!("{} exists already", path.text())));
        }
        let id = self.account.http.make_folder(&dav(path), None).await?;
        self.account.http.mark_encrypted(id).await?;
        self.found(id, path.root(), 1).await?;
        self.remember_folder(id, path.root(), path.text())
    }

    /// Makes the first metadata of a root folder.
    async fn found(&mut self, id: u64, name: &str, counter: u64) -> Result<(), ClientError> {
        let own = self.own().await?;
        let mut lock = self.begin_first(id, name, counter).await?;
        if self.version().await?.major() == 1 {
            let outcome = self.store_older(&mut lock, id, Contents::default(), None).await;
            return self.finish(lock, outcome).await;
        }
        let key = self.new_metadata_key();
        let contents = Contents { counter, key_checksums: vec![key.checksum()], ..Contents::default() };
        let members = [Recipient { user_id: self.account.user().into(), certificate: own.certificate }];
        let draft = Draft { id, contents, key: &key, members: Some(&members), users: &[], old: None };
        let outcome = self.store(&mut lock, draft).await.map(drop);
        self.finish(lock, outcome).await
    }

    /// What [`Defect::StartsAfreshWithoutMetadata`] and [`Defect::OverwritesUnknownVersion`] do. `counter` is that of a
    /// folder that was never known.
    pub(super) async fn start_afresh(&mut self, root: &Node, counter: u64) -> Result<Opened, ClientError> {
        let states = self.account.folders.remove(&root.id).map(|folder| folder.states).unwrap_or_default();
        let counter = states.get(&root.id).map_or(counter, |known| known.counter + 1);
        self.found(root.id, &root.name, counter).await?;
        Err(ClientError::failed(format!("{} begins anew", root.name)))
    }

    /// What [`Defect::BeginsFoldersInsideAnew`] does.
    pub(super) async fn begin_inside_anew(
        &mut self,
        opened: &Opened,
        id: u64,
        path: &str,
    ) -> Result<Folder, ClientError> {
        let circle = opened.circle.as_ref().ok_or_else(|| missing(path))?;
        let known = self.account.folders.get(&opened.root.id).and_then(|folder| folder.states.get(&id));
        let counter = known.map_or(0, |known| known.counter) + 1;
        let mut lock = self.begin_first(id, path, counter).await?;
        let contents = Contents { counter, ..Contents::default() };
        let draft = Draft { id, contents, key: &circle.key, members: None, users: opened.users(), old: None };
        let outcome = self.store(&mut lock, draft).await.map(drop);
        self.finish(lock, outcome).await?;
        Err(ClientError::failed(format!("{path} begins anew")))
    }

    /// Makes a folder inside an encrypted one (R2-MOD-18), or a plain one in the root of the account.
    pub(crate) async fn make_folder(&mut self, path: &UserPath) -> Result<(), ClientError> {
        let root = match self.area(path.root()).await? {
            Area::Encrypted(root) if !path.is_root() => root,
            Area::Encrypted(_) => return Err(ClientError::failed(format!("{} exists already", path.text()))),
            Area::Missing if !path.is_root() => return Err(missing(path.root())),
            Area::Plain | Area::Missing => return self.make_plain_folder(path).await,
        };
        let mut change = self.begin(&root, path.folders()).await?;
        let outcome = self.make_subfolder(&mut change, path.name()).await;
        self.finish(change.lock, outcome).await?;
        self.remember_folder(root.id, path.root(), path.text())
    }

    async fn make_subfolder(&mut self, change: &mut Change, name: &str) -> Result<(), ClientError> {
        let Change { lock, opened } = change;
        let parent = opened.target();
        if !parent.is_free(name) {
            return Err(ClientError::failed(format!("{} exists already", parent.path_of(name))));
        }
        let Some(circle) = &opened.circle else { return self.make_older_subfolder(change, name).await };
        let entry = self.new_identifier();
        let id = self.account.http.make_folder(&parent.dav.child(&entry), Some(&lock.token)).await?;
        self.account.http.mark_encrypted(id).await?;
        let (contents, users): (_, &[User]) = (Contents::default(), opened.users());
        let draft = Draft { id, contents, key: &circle.key, members: None, users, old: None };
        self.store(lock, draft).await?;
        let mut contents = parent.contents.clone();
        contents.folders.insert(entry, name.into());
        self.store_target(change, contents).await
    }

    /// The folder as the server has it now.
    pub(crate) async fn list(&mut self, path: &str) -> Result<Vec<Entry>, ClientError> {
        if path.is_empty() {
            return self.list_plain(&DavPath::root()).await;
        }
        let path = UserPath::parse(path)?;
        let Some(root) = self.encrypted(&path).await? else { return self.list_plain(&dav(&path)).await };
        let opened = self.open(&root, path.below_root()).await?;
        let folder = opened.target();
        let folders = folder.folders().map(|(_, name)| entry(name, EntryKind::Folder));
        let files = folder.files().map(|(_, file)| entry(&file.filename, EntryKind::File));
        Ok(folders.chain(files).collect())
    }

    async fn list_plain(&mut self, dav: &DavPath) -> Result<Vec<Entry>, ClientError> {
        let listed = self.account.http.folder(dav).await?;
        let (_, children) = listed.ok_or_else(|| ClientError::failed("folder does not exist"))?;
        let entry = |node: Node| {
            let kind = if node.is_folder { EntryKind::Folder } else { EntryKind::File };
            Entry { path: node.name, kind, size: node.size, sha256: None }
        };
        Ok(children.into_iter().map(entry).collect())
    }

    pub(crate) async fn remove(&mut self, path: &UserPath) -> Result<(), ClientError> {
        match self.encrypted(path).await? {
            None => self.remove_plain(path).await,
            Some(root) if path.is_root() && root.is_received => {
                Err(ClientError::failed(format!("{} belongs to another user", root.name)))
            }
            Some(root) if path.is_root() => self.remove_root(&root).await,
            Some(root) => self.remove_encrypted(&root, path).await,
        }
    }

    /// A file (R2-MOD-15) or a folder with all that is in it (R2-MOD-20).
    pub(super) async fn remove_encrypted(&mut self, root: &Node, path: &UserPath) -> Result<(), ClientError> {
        let opened = self.open(root, path.folders()).await?;
        let doomed = match opened.target().folder(path.name()) {
            Some(_) => {
                let mut opened = self.open(root, path.below_root()).await?;
                let position = opened.below.len().saturating_sub(1);
                self.open_rest(&mut opened).await?;
                opened.below[position..].iter().rev().map(|folder| folder.id).collect()
            }
            None => Vec::new(),
        };
        let mut change = self.begin(root, path.folders()).await?;
        let outcome = self.remove_entry(&mut change, path.name(), &doomed).await;
        self.finish(change.lock, outcome).await?;
        self.forget_below(root.id, &path.text())
    }

    async fn remove_entry(
        &mut self,
        change: &mut Change,
        name: &str,
        doomed: &[u64],
    ) -> Result<(), ClientError> {
        let folder = change.opened.target();
        let found = folder.file(name).map(|(id, _)| id).or_else(|| folder.folder(name));
        let entry = found.ok_or_else(|| missing(&folder.path_of(name)))?.to_owned();
        if !self.has(Defect::LeavesOrphans) {
            let deleted = self.account.http.delete(&folder.dav.child(&entry), Some(&change.lock.token)).await;
            if !self.has(Defect::IgnoresFailedDeletion) {
                deleted?;
            }
        }
        for id in doomed {
            self.account.http.delete_metadata(*id, &change.lock.token).await?;
        }
        let mut contents = folder.contents.clone();
        contents.files.remove(&entry);
        contents.folders.remove(&entry);
        self.store_target(change, contents).await
    }

    /// The signed word that the folder is deleted, and then the folder (R2-MOD-23).
    pub(super) async fn remove_root(&mut self, root: &Node) -> Result<(), ClientError> {
        let mut change = self.begin(root, &[]).await?;
        let outcome = self.delete_root(&mut change).await;
        self.finish(change.lock, outcome).await?;
        self.forget(root.id)
    }

    async fn delete_root(&mut self, change: &mut Change) -> Result<(), ClientError> {
        if change.opened.circle.is_none() {
            return Err(ClientError::unsupported("servers of 1.x do not delete an encrypted root folder"));
        }
        self.open_rest(&mut change.opened).await?;
        let below = std::mem::take(&mut change.opened.below);
        let Change { lock, opened } = &*change;
        if self.has(Defect::TakesFlagBack) {
            self.account.http.take_flag_back(opened.root.id).await;
        }
        self.account.http.delete(&opened.root.dav, Some(&lock.token)).await?;
        if self.has(Defect::DeletesWithoutWord) {
            return Ok(());
        }
        for folder in below.iter().rev() {
            self.account.http.delete_metadata(folder.id, &lock.token).await?;
        }
        let (key_checksums, counter) =
            (opened.root.contents.key_checksums.clone(), opened.root.contents.counter);
        let contents = Contents { key_checksums, counter, deleted: true, ..Contents::default() };
        self.store_target(change, contents).await
    }

    /// A folder that lies on this device from now on.
    fn remember_folder(&mut self, root: u64, name: &str, path: String) -> Result<(), ClientError> {
        self.account.local.make_folder(&path)?;
        let folder = self.account.folders.entry(root).or_default();
        folder.name = name.into();
        folder.paths.push(path);
        Ok(())
    }

    /// Takes a file or folder off the device.
    fn forget_below(&mut self, root: u64, path: &str) -> Result<(), ClientError> {
        self.account.local.remove(path)?;
        let inside = format!("{path}/");
        let stays = |other: &str| other != path && !other.starts_with(&inside);
        let folder = self.account.folders.entry(root).or_default();
        folder.placed.retain(|_, placed| stays(&placed.path));
        folder.paths.retain(|other| stays(other));
        Ok(())
    }
}

fn entry(name: &str, kind: EntryKind) -> Entry {
    Entry { path: name.into(), kind, size: None, sha256: None }
}
