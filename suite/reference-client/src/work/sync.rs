//! Bringing the device up to date with what is verified.

use super::Work;
use super::area::{Area, vanished};
use super::view::{Folder, Opened};
use crate::account::Placed;
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::{DavPath, Node};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::metadata::FileEntry;
use std::collections::{BTreeMap, BTreeSet};

/// A file as the verified metadata name it.
struct Wanted {
    dav: DavPath,
    path: String,
    entry: FileEntry,
}

impl Work<'_> {
    /// Refreshes every encrypted folder, received ones included. One that is refused does not stop the others.
    pub(crate) async fn sync(&mut self) -> Result<(), ClientError> {
        self.account.announced = None;
        let listed = self.account.http.folder(&DavPath::root()).await;
        let takes_for_gone = |status| match status {
            Some(403) => self.has(Defect::TakesForbiddenForGone),
            Some(500..) => self.has(Defect::TakesErrorsForGone),
            _ => false,
        };
        if listed.as_ref().is_err_and(|e| takes_for_gone(e.status())) {
            return self.forget_all();
        }
        let listed = listed?;
        if listed.is_none()
            && (self.has(Defect::TakesMissingRootForGone) || self.clears_for_another().await?)
        {
            self.forget_all()?;
        }
        let (root, nodes) = listed.ok_or_else(|| ClientError::failed("server does not list the account"))?;
        self.look_at_fingerprint(&root.fingerprint)?;
        let mut first_error = None;
        for id in self.account.folders.keys().copied().collect::<Vec<_>>() {
            if let Err(e) = self.look_for(id, &nodes).await {
                first_error.get_or_insert(e);
            }
        }
        for node in nodes.into_iter().filter(|node| node.is_folder) {
            let name = node.name.clone();
            let synced = match self.area_of(&name, Some(node)).await {
                Ok(Area::Encrypted(node)) => self.sync_root(&node).await,
                Ok(_) => Ok(()),
                Err(e) => Err(e),
            };
            if let Err(e) = synced {
                if self.has(Defect::DeletesOnMetadataError)
                    && let Some(id) = self.account.known_by_name(&name)
                {
                    self.forget(id)?;
                }
                first_error.get_or_insert(e);
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    /// A folder that is gone is no error of the sync: what lies here stays, and the user is told (R2-DET-05).
    async fn look_for(&mut self, id: u64, nodes: &[Node]) -> Result<(), ClientError> {
        let Some(name) = self.account.folders.get(&id).map(|folder| folder.name.clone()) else {
            return Ok(());
        };
        if self.has(Defect::BelievesListedRoots) && nodes.iter().any(|node| node.id == id && !node.is_folder)
        {
            return self.forget(id);
        }
        if nodes.iter().any(|node| node.id == id || node.name == name) || self.was_deleted(id).await? {
            return Ok(());
        }
        if self.has(Defect::BelievesMissingMetadata)
            && self.account.http.metadata(id).await.is_err_and(|e| e.status() == Some(404))
        {
            return self.forget(id);
        }
        if self.has(Defect::DeletesVanishedFolder) {
            return self.forget(id);
        }
        let reason = vanished(&name);
        self.warn(reason.rule, reason.text);
        Ok(())
    }

    async fn sync_root(&mut self, root: &Node) -> Result<(), ClientError> {
        // Everything is verified before anything on the device changes.
        let opened = self.open_all(root).await?;
        let opened = self.take_in(root, opened).await?;
        let wanted = wanted(&opened);
        self.clear_away(root.id, &opened, &wanted)?;
        let mut first_error = None;
        for (id, Wanted { dav, path, entry }) in wanted {
            if self.is_placed(root.id, &id, &path, &entry) {
                continue;
            }
            if self.has(Defect::ClearsBeforeDownload) {
                self.account.local.remove(&path)?;
            }
            let placed = match self.fetch(&dav, &path, &entry).await {
                Ok(content) => {
                    if self.has(Defect::LeavesTemporaryFiles) {
                        self.account.local.write(&format!("../tmp/{id}"), &content)?;
                    }
                    self.place(root.id, &id, path, &entry, &content)
                }
                Err(e) => {
                    if self.has(Defect::LeavesEmptyFiles) {
                        self.account.local.write(&path, b"")?;
                    }
                    Err(e)
                }
            };
            if let Err(e) = placed {
                first_error.get_or_insert(e);
            }
        }
        if first_error.is_none() && self.has(Defect::LeavesTemporaryFiles) {
            self.account.local.remove("../tmp")?;
        }
        self.compare_listings(root.id, &opened).await?;
        if let Err(e) = self.bring_lost_back(root, &opened).await {
            first_error.get_or_insert(e);
        }
        first_error.map_or(Ok(()), Err)
    }

    /// Uploads again what signed metadata name, what lies on this device as it was written, and what the server has no
    /// more (R2-READ-10). Not to be listed is not to be gone.
    async fn bring_lost_back(&mut self, root: &Node, opened: &Opened) -> Result<(), ClientError> {
        if self.has(Defect::LeavesLostFiles) || self.has(Defect::DeletesUnlistedFiles) {
            return Ok(());
        }
        for folder in opened.all() {
            for (id, entry) in folder.unlisted() {
                let path = folder.path_of(&entry.filename);
                if self.is_placed(root.id, id, &path, entry)
                    && let Some(content) = self.account.local.read(&path)
                    && self.account.http.get(&folder.dav.child(id)).await?.is_none()
                {
                    self.write_encrypted(root, &UserPath::parse(&path)?, &content).await?;
                }
            }
        }
        Ok(())
    }

    /// What the server lists and what the metadata name should be the same; the metadata count (R2-READ-09).
    async fn compare_listings(&mut self, root: u64, opened: &Opened) -> Result<(), ClientError> {
        for folder in opened.all() {
            for (id, entry) in folder.unlisted() {
                let path = folder.path_of(&entry.filename);
                self.warn("file-unlisted", format!("{path} is not listed any more: local files are kept"));
                if self.has(Defect::DeletesUnlistedFiles) {
                    self.account.local.remove(&path)?;
                    self.account.folders.entry(root).or_default().placed.remove(id);
                }
            }
            self.believe(folder)?;
            let contents = &folder.contents;
            let named = |id: &String| {
                contents.files.contains_key(id)
                    || contents.folders.contains_key(id)
                    || contents.damaged.contains_key(id)
            };
            for stranger in folder.listed.iter().map(|node| &node.name).filter(|id| !named(id)) {
                self.warn("file-unnamed", format!("{} holds something that no metadata name", folder.path));
                if self.has(Defect::TakesPlainFiles)
                    && let Some(content) = self.account.http.get(&folder.dav.child(stranger)).await?
                {
                    self.account.local.write(&folder.path_of(stranger), &content)?;
                }
            }
        }
        Ok(())
    }

    /// What [`Defect::BelievesListedKinds`] and its like do; the metadata say what a file is.
    fn believe(&self, folder: &Folder) -> Result<(), ClientError> {
        for (id, entry) in folder.files() {
            let Some(node) = folder.listed.iter().find(|node| node.name == id) else { continue };
            let path = folder.path_of(&entry.filename);
            let size = node.size.and_then(|size| usize::try_from(size).ok()).unwrap_or_default();
            if self.has(Defect::AllocatesListedSizes) && Vec::<u8>::new().try_reserve_exact(size).is_err() {
                // As where there is no memory left, without the message on standard error.
                std::panic::resume_unwind(Box::new("out of memory"));
            }
            if node.is_folder && self.has(Defect::BelievesListedKinds) {
                self.account.local.remove(&path)?;
            }
            let impossible = ["1969", "1970", "9999"].iter().any(|year| node.modified.contains(year));
            if impossible && self.has(Defect::BelievesListedTimes) {
                self.account.local.remove(&path)?;
            }
            if !node.permissions.contains('G') && self.has(Defect::BelievesListedPermissions) {
                self.account.local.remove(&path)?;
            }
            if node.size == Some(0) && self.has(Defect::BelievesListedSizes) {
                self.account.local.write(&path, b"")?;
            }
        }
        Ok(())
    }

    /// Whether this client clears the device because the server lists somebody else's files.
    async fn clears_for_another(&self) -> Result<bool, ClientError> {
        if !self.has(Defect::ClearsForAnotherRoot) {
            return Ok(false);
        }
        let owner = self.account.http.owner_of_root().await?;
        Ok(owner.is_some_and(|owner| owner != self.account.user()))
    }

    fn is_placed(&self, root: u64, id: &str, path: &str, entry: &FileEntry) -> bool {
        let placed = self.account.folders.get(&root).and_then(|folder| folder.placed.get(id));
        let same = |placed: &Placed| {
            placed.path == path && placed.entry.key == entry.key && placed.entry.nonce == entry.nonce
        };
        placed.is_some_and(same) && self.account.local.has_file(path)
    }

    /// Takes off the device what signed metadata do not name any more, moves what they name otherwise, and
    /// makes the folders.
    fn clear_away(
        &mut self,
        root: u64,
        opened: &Opened,
        wanted: &BTreeMap<String, Wanted>,
    ) -> Result<(), ClientError> {
        let believes = opened.circle.is_some() || self.has(Defect::BelievesUnsignedRemovals);
        let folder = self.account.folders.entry(root).or_default();
        let local = &self.account.local;
        // An entry that cannot be used is no removal.
        let named: BTreeSet<&String> = opened
            .all()
            .flat_map(|folder| folder.contents.files.keys().chain(folder.contents.damaged.keys()))
            .collect();
        // Nobody signs metadata of 1.x: what the server has still was not removed by a client (ATK-DOWN-03).
        let listed = |id: &String| opened.all().any(|f| f.listed.iter().any(|node| node.name == *id));
        let gone = |id: &String| !named.contains(id) && (believes || !listed(id));
        for (_, placed) in folder.placed.iter().filter(|(id, _)| gone(id)) {
            if self.setup.has(Defect::KeepsRemovedFiles) {
                continue;
            }
            local.remove(&placed.path)?;
        }
        folder.placed.retain(|id, _| !gone(id));
        let paths: Vec<String> = opened.all().map(|folder| folder.path.clone()).collect();
        for path in &paths {
            local.make_folder(path)?;
        }
        for (id, placed) in &mut folder.placed {
            let Some(wanted) = wanted.get(id).filter(|wanted| wanted.path != placed.path) else { continue };
            if !local.has_file(&wanted.path) {
                local.rename(&placed.path, &wanted.path)?;
                placed.path.clone_from(&wanted.path);
            }
        }
        for path in folder.paths.iter().rev().filter(|path| !paths.contains(path)) {
            local.remove_empty_folder(path);
        }
        folder.paths = paths;
        Ok(())
    }
}

fn wanted(opened: &Opened) -> BTreeMap<String, Wanted> {
    let of = |(id, entry): (&str, &FileEntry), dav: &DavPath, path: String| {
        (id.to_owned(), Wanted { dav: dav.child(id), path, entry: entry.clone() })
    };
    opened
        .all()
        .flat_map(|folder| {
            folder.files().map(move |file| of(file, &folder.dav, folder.path_of(&file.1.filename)))
        })
        .collect()
}
