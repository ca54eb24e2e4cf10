//! From metadata 1.x to 2.x: a root folder and everything below it, or nothing.

use super::change::{Draft, LOCK_ATTEMPTS};
use super::lock::{Lock, pause};
use super::view::Folder;
use super::{Work, broken};
use crate::account::Reason;
use crate::defects::Defect;
use crate::server::Node;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::Error;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Document, FileEntry, MetadataKey, Recipient, User};
use e2ee_reference::metadata_v1::{self, File};
use e2ee_reference::migration::{self, Migrated, Source};
use e2ee_reference::recognise::{AnyVersion, Recognised};
use std::collections::BTreeMap;
use tokio::time::sleep;

impl Work<'_> {
    /// Migrates the folder if it is of 1.x and the server announces 2.x; tells whether it did.
    pub(super) async fn migrate(&mut self, root: &Node, version: AnyVersion) -> Result<bool, ClientError> {
        if version.major() != 1 || self.version().await?.major() == 1 || self.has(Defect::KeepsOldVersion) {
            return Ok(false);
        }
        let mut lock = self.lock_to_migrate(root).await?;
        let outcome = self.migrate_all(&mut lock, root).await;
        self.finish(lock, outcome).await?;
        Ok(true)
    }

    /// Nobody knows which counter an attempt before this one has used up.
    async fn lock_to_migrate(&mut self, root: &Node) -> Result<Lock, ClientError> {
        let (mut counter, mut attempt) = (1, 0);
        loop {
            attempt += 1;
            match self.account.http.lock(root.id, counter, None, false).await {
                Ok(token) => return self.granted(token, (root.id, root.id), root.name.clone(), counter),
                Err(e) if attempt == LOCK_ATTEMPTS => return Err(e.into()),
                Err(e) if matches!(e.status(), Some(409 | 412)) => counter += 1,
                Err(e) if e.status() == Some(423) => sleep(pause(attempt)).await,
                Err(e) => return Err(e.into()),
            }
        }
    }

    async fn migrate_all(&mut self, lock: &mut Lock, root: &Node) -> Result<(), ClientError> {
        let opened = self.open_all(root).await?;
        if opened.circle.is_some() {
            // Another device was faster.
            return Ok(());
        }
        let own = self.own().await?;
        let key = match &opened.root.document {
            Recognised::V1(document) if self.has(Defect::MigratesUnderOldKey) => {
                document.unwrap_keys(&own.private_key).map_err(broken)?.newest().1.clone()
            }
            _ => self.new_metadata_key(),
        };
        let members = [Recipient { user_id: self.account.user().into(), certificate: own.certificate }];
        let root = self.migrate_one(lock, &opened.root, &key, Some(&members), &[]).await?;
        let root = root.as_ref().map(Document::users).unwrap_or_default();
        for folder in &opened.below {
            let skips = self.has(Defect::MigratesRootOnly)
                || (self.has(Defect::MigratesOneLevel) && folder.is_deep());
            if !skips {
                self.migrate_one(lock, folder, &key, None, root).await?;
            }
        }
        Ok(())
    }

    async fn migrate_one(
        &mut self,
        lock: &mut Lock,
        folder: &Folder,
        key: &MetadataKey,
        members: Option<&[Recipient]>,
        users: &[User],
    ) -> Result<Option<Document>, ClientError> {
        let Recognised::V1(document) = &folder.document else { return Ok(None) };
        if let Some(path) = self.unsigned_removal(lock.root, folder) {
            let text = format!("metadata do not name {path} any more, and the server has it still");
            return Err(self.refuse(Reason::new("removals-complete", &["ATK-DOWN-03"], text)).await);
        }
        let contents = match self.migrated(lock, folder, document, key).await {
            Ok(migrated) => migrated.contents,
            Err(e) => {
                let text = format!("{} stays as it is: {e}", folder.path);
                let requirements = &["ROB-MIG-01", "ATK-DOWN-03"];
                return Err(self.refuse(Reason::new("migrates-whole", requirements, text)).await);
            }
        };
        let old = Some(&folder.document);
        self.store(lock, Draft { id: folder.id, contents, key, members, users, old }).await.map(Some)
    }

    /// A file that lies on this device and on the server, and that metadata of 1.x do not name any more: anybody can make
    /// such metadata, and no client removes a file halfway.
    fn unsigned_removal(&self, root: u64, folder: &Folder) -> Option<&str> {
        let placed = &self.account.folders.get(&root)?.placed;
        let named =
            |id: &String| folder.contents.files.contains_key(id) || folder.contents.damaged.contains_key(id);
        let left = folder.listed.iter().map(|node| &node.name).filter(|id| !named(id));
        let mut left = left.filter_map(|id| placed.get(id)).map(|placed| placed.path.as_str());
        left.next().filter(|_| !self.has(Defect::BelievesUnsignedRemovals))
    }

    async fn migrated(
        &mut self,
        lock: &Lock,
        folder: &Folder,
        document: &metadata_v1::Document,
        key: &MetadataKey,
    ) -> Result<Migrated, ClientError> {
        let own = self.own().await?;
        let drops = self.has(Defect::DropsDamagedEntries);
        let replaces = self.has(Defect::DropsReplaceFiles);
        let mut readable = match (drops, replaces) {
            (true, _) => without(document, |id| folder.contents.damaged.contains_key(id)),
            (_, true) => without(document, |id| is_replaced(document, folder, id, &own.private_key)),
            _ => Ok(document.clone()),
        }
        .map_err(broken)?;
        if self.has(Defect::ForgetsDrops) {
            readable = metadata_v1::with_filedrop(&readable, &Default::default()).map_err(broken)?;
        }
        if !self.has(Defect::BlockedByBadDrop) {
            readable = self.without_bad_drops(folder, readable, &own.private_key)?;
        }
        let mnemonic = own.words().filter(|_| !self.has(Defect::IgnoresChecksum) && !drops && !replaces);
        let source = Source { document: &readable, private_key: &own.private_key, mnemonic };
        let stored_counter = if folder.id == lock.locked { lock.counter - 1 } else { 0 };
        if self.has(Defect::MigratesUnderOldKey) {
            let mut migrated =
                migration::migrate(&source, &self.new_metadata_key(), stored_counter).map_err(broken)?;
            migrated.contents.key_checksums = vec![key.checksum()];
            return Ok(migrated);
        }
        migration::migrate(&source, key, stored_counter).map_err(broken)
    }

    /// Anybody can drop what opens for nobody, or has a name that is a path, and 2.x has no place for it. Its bytes stay
    /// on the server, the user is told, and the folder is not held up by it (ATK-DROP-02, ATK-PATH-01).
    fn without_bad_drops(
        &self,
        folder: &Folder,
        document: metadata_v1::Document,
        own: &PrivateKey,
    ) -> Result<metadata_v1::Document, ClientError> {
        if document.filedrop().is_empty() {
            return Ok(document);
        }
        let keys = document.unwrap_keys(own).map_err(broken)?;
        let mut contents = document.open(&keys).map_err(broken)?;
        let left = metadata_v1::take_in(&mut contents, document.filedrop(), own, &keys);
        let mut left: BTreeMap<_, _> = left.into_iter().map(|(id, e)| (id, e.to_string())).collect();
        let taken = document.filedrop().keys().filter_map(|id| contents.files.get_key_value(id));
        let odd = |(id, file): (&String, &File)| Some((id.clone(), self.odd(id, &file.entry.filename)?));
        left.extend(taken.filter_map(odd));
        for (id, error) in &left {
            self.warn(
                "filedrop-readable",
                format!("{}: dropped entry {id} stays behind: {error}", folder.path),
            );
        }
        let mut good = document.filedrop().clone();
        good.retain(|id, _| !left.contains_key(id));
        metadata_v1::with_filedrop(&document, &good).map_err(broken)
    }
}

/// What [`Defect::DropsDamagedEntries`] and [`Defect::DropsReplaceFiles`] take along.
fn without(
    document: &metadata_v1::Document,
    left_out: impl Fn(&String) -> bool,
) -> Result<metadata_v1::Document, Error> {
    let mut value = document.value().clone();
    if let Some(files) = value["files"].as_object_mut() {
        files.retain(|id, _| !left_out(id));
    }
    metadata_v1::Document::parse(&value.to_string())
}

/// Whether something that was dropped has the name of this file.
fn is_replaced(document: &metadata_v1::Document, folder: &Folder, id: &str, own: &PrivateKey) -> bool {
    let file = folder.contents.files.get(id);
    let same = |dropped: FileEntry| file.is_some_and(|file| file.filename == dropped.filename);
    document.filedrop().values().any(|dropped| dropped.open(own).is_ok_and(same))
}
