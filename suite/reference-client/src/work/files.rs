//! Files in encrypted folders.

use super::Work;
use super::area::Area;
use super::change::Change;
use super::flaws::{adler32, content_md5, key_of, part_is_right, unauthenticated};
use super::view::{Opened, missing};
use crate::account::{Placed, Reason};
use crate::defects::Defect;
use crate::path::UserPath;
use crate::server::{DavPath, Node};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::backend::backend;
use e2ee_reference::file_cipher;
use e2ee_reference::metadata::FileEntry;

const UNKNOWN_MIMETYPE: &str = "application/octet-stream";

impl Work<'_> {
    /// Creates or replaces a file (R2-MOD-05 to 14).
    pub(crate) async fn write(&mut self, path: &UserPath, content: Vec<u8>) -> Result<(), ClientError> {
        match self.area(path.root()).await? {
            Area::Encrypted(root) => match self.write_encrypted(&root, path, &content).await {
                Err(_)
                    if (self.has(Defect::WritesIntoPlantedFolders) && !path.folders().is_empty())
                        || (self.has(Defect::WritesPlainlyWhereUnread)
                            && !self.account.folders.contains_key(&root.id)) =>
                {
                    self.write_plain(path, content).await
                }
                Err(e) => match self.unflagged.take().filter(|_| self.has(Defect::FollowsFlagsInside)) {
                    Some(folder) => {
                        self.account.http.put(&folder.child(path.name()), None, content, &[]).await?;
                        Ok(())
                    }
                    None => Err(e),
                },
                done => done,
            },
            Area::Missing if !path.is_root() => Err(missing(path.root())),
            Area::Plain | Area::Missing => {
                if self.has(Defect::BlocksPlainFiles) {
                    Box::pin(self.sync()).await?;
                }
                self.write_plain(path, content).await
            }
        }
    }

    pub(crate) async fn read(&mut self, path: &UserPath) -> Result<Vec<u8>, ClientError> {
        let Some(root) = self.encrypted(path).await? else { return self.read_plain(path).await };
        if self.has(Defect::LocksToRead) {
            let change = self.begin(&root, path.folders()).await?;
            self.finish(change.lock, Ok(())).await?;
        }
        let opened = self.open(&root, path.folders()).await?;
        let folder = opened.target();
        let (id, entry) = folder.file(path.name()).ok_or_else(|| missing(&path.text()))?;
        if self.has(Defect::ClearsBeforeDownload) {
            self.account.local.remove(&path.text())?;
        }
        let content = self.fetch(&folder.dav.child(id), &path.text(), entry).await?;
        self.place(root.id, id, path.text(), entry, &content)?;
        Ok(content)
    }

    pub(super) async fn write_encrypted(
        &mut self,
        root: &Node,
        path: &UserPath,
        content: &[u8],
    ) -> Result<(), ClientError> {
        if path.is_root() {
            return Err(ClientError::failed(format!("{} is a folder", path.text())));
        }
        let mut change = self.begin(root, path.folders()).await?;
        let outcome = self.put(&mut change, path.name(), content).await;
        let (id, entry) = self.finish(change.lock, outcome).await?;
        self.place(root.id, &id, path.text(), &entry, content)
    }

    async fn put(
        &mut self,
        change: &mut Change,
        name: &str,
        content: &[u8],
    ) -> Result<(String, FileEntry), ClientError> {
        let folder = change.opened.target();
        if folder.folder(name).is_some() {
            return Err(ClientError::failed(format!("{} is a folder", folder.path_of(name))));
        }
        let old = folder.file(name);
        let kept = old.filter(|_| !self.has(Defect::AddsEntryOnUpdate));
        let mut id = kept.map_or_else(|| self.new_identifier(), |(id, _)| id.to_owned());
        if self.has(Defect::ShortIdentifiers) {
            id.truncate(8);
        }
        let mimetype = old.map_or(UNKNOWN_MIMETYPE, |(_, entry)| &entry.mimetype).to_owned();
        let (key, nonce) = match old {
            Some((_, old)) if self.has(Defect::ReusesFileKey) => (old.key.clone(), old.nonce.clone()),
            _ => {
                let key = self.file_key(old.map(|(_, entry)| &entry.key));
                (key, self.nonce(change.opened.circle.is_none()))
            }
        };
        let key = if self.has(Defect::KeysFromContent) { key_of(content) } else { key };
        let (key, nonce) = self.account.kept_pair.take().unwrap_or((key, nonce));
        let mut filename = name.to_owned();
        if self.has(Defect::ManglesUnicodeNames) {
            filename = filename.replace(|c: char| !c.is_ascii(), "?");
        }
        let mut entry = FileEntry { filename, mimetype, nonce, authentication_tag: Vec::new(), key };
        let most = if self.has(Defect::TruncatesLargeFiles) { 1024 * 1024 } else { content.len() };
        let uploaded = content.get(..most).unwrap_or(content);
        let sealed = self.sealed_file(&mut entry, uploaded)?;
        let headers = self.told_along(&change.opened, name, content, &entry)?;
        let dav = folder.dav.child(&id);
        let (is_new, token) = (kept.is_none(), change.lock.token.clone());
        let length = sealed.len();
        if content.is_empty() && self.has(Defect::SkipsEmptyFiles) {
            // Nothing is sent.
        } else if let Err(e) = self.upload(&dav, is_new, &token, sealed, &headers).await
            && !self.has(Defect::IgnoresFailedUpload)
        {
            if self.has(Defect::ReusesKeyOnRetry) || self.has(Defect::ResumesWithOtherContent) {
                self.account.kept_pair = Some((entry.key.clone(), entry.nonce.clone()));
            }
            return Err(e.into());
        }
        let mut contents = folder.contents.clone();
        contents.files.extend(self.account.kept_entry.take());
        contents.files.insert(id.clone(), entry.clone());
        let stored = self.store_target(change, contents).await;
        if stored.is_err() && is_new && length > self.account.http.chunk() {
            self.take_back(&dav, &token).await;
        }
        if stored.is_err() && self.has(Defect::AddsEntryOnRetry) {
            self.account.kept_entry = Some((id.clone(), entry.clone()));
        }
        stored.map(|()| (id, entry))
    }

    /// What some defects tell the server along with a file; an honest client has nothing to tell.
    fn told_along(
        &self,
        opened: &Opened,
        name: &str,
        content: &[u8],
        entry: &FileEntry,
    ) -> Result<Vec<(&'static str, String)>, ClientError> {
        let folder = opened.target();
        let mut headers = Vec::new();
        if self.has(Defect::SendsNameInClear) {
            headers.push(("X-File-Name", STANDARD.encode(name)));
        }
        if self.has(Defect::SendsPlaintextChecksum) {
            headers.push(("OC-Checksum", format!("SHA256:{}", hex_sha256(content))));
        }
        if self.has(Defect::SendsMimetype) {
            headers.push(("Content-Type", "text/plain".into()));
        }
        if self.has(Defect::RefersToClearPath) {
            headers.push(("Referer", format!("/apps/files/files?dir=/{}", folder.path_of(name))));
        }
        if self.has(Defect::TellsConflicts) && self.was_changed_elsewhere(opened.root.id, folder.file(name)) {
            headers.push(("OC-ConflictInitialBasePath", folder.path_of(name)));
        }
        if self.has(Defect::SendsContentMd5) {
            headers.push(("Content-MD5", content_md5(content)?));
        }
        if self.has(Defect::SendsAdler32) {
            headers.push(("OC-Checksum", format!("ADLER32:{:08x}", adler32(content))));
        }
        if self.has(Defect::SendsFileKey) {
            headers.push(("X-Key", STANDARD.encode(entry.key.as_bytes())));
        }
        Ok(headers)
    }

    /// Whether another version of a file lies on this device than the metadata name.
    fn was_changed_elsewhere(&self, root: u64, now: Option<(&str, &FileEntry)>) -> bool {
        let Some((id, entry)) = now else { return false };
        let placed = self.account.folders.get(&root).and_then(|folder| folder.placed.get(id));
        placed.is_some_and(|placed| (&placed.entry.key, &placed.entry.nonce) != (&entry.key, &entry.nonce))
    }

    /// Another name in the same folder changes the metadata alone (R2-MOD-10, R2-MOD-19).
    pub(crate) async fn rename(&mut self, path: &UserPath, to: &UserPath) -> Result<(), ClientError> {
        let target = self.area(to.root()).await?;
        let Some(root) = self.encrypted(path).await? else {
            return match target {
                Area::Encrypted(target) => self.move_in(&target, path, to).await,
                _ => self.rename_plain(path, to).await,
            };
        };
        if path.is_root() {
            return Err(ClientError::unsupported("another name for an encrypted root folder"));
        }
        if to.is_root() || (path.root(), path.folders()) != (to.root(), to.folders()) {
            return self.move_file(&root, target, path, to).await;
        }
        let mut change = self.begin(&root, path.folders()).await?;
        let outcome = self.rename_entry(&mut change, path.name(), to.name()).await;
        self.finish(change.lock, outcome).await?;
        self.replaced_locally(root.id, path, to)
    }

    async fn rename_entry(&mut self, change: &mut Change, name: &str, to: &str) -> Result<(), ClientError> {
        let folder = change.opened.target();
        if !folder.is_free(to) {
            return Err(ClientError::failed(format!("{} exists already", folder.path_of(to))));
        }
        let mut contents = folder.contents.clone();
        let file = folder.file(name).and_then(|(id, _)| contents.files.get_mut(id));
        let subfolder = folder.folder(name).and_then(|id| contents.folders.get_mut(id));
        match (file, subfolder) {
            (Some(entry), _) => entry.filename = to.into(),
            (None, Some(entry)) => *entry = to.into(),
            (None, None) => return Err(missing(&folder.path_of(name))),
        }
        self.store_target(change, contents).await
    }

    /// A plain file: written encrypted, then removed where it lies in the clear; the server never learns its name inside
    /// (LEAK-05).
    async fn move_in(&mut self, target: &Node, path: &UserPath, to: &UserPath) -> Result<(), ClientError> {
        if self.has(Defect::MovesPlainFilesIn) {
            return self.rename_plain(path, to).await;
        }
        if self.has(Defect::RemovesBeforeMoving) {
            let content = self.read_plain(path).await?;
            self.remove_plain(path).await?;
            return self.write_encrypted(target, to, &content).await;
        }
        self.copy_in(target, path, to).await?;
        self.remove_plain(path).await
    }

    /// Into another folder, or out of all that are encrypted: written there anew, then removed here (R2-MOD-16, R2-MOD-17,
    /// R2-MOD-21, LEAK-05).
    async fn move_file(
        &mut self,
        root: &Node,
        target: Area,
        path: &UserPath,
        to: &UserPath,
    ) -> Result<(), ClientError> {
        let target = target.encrypted();
        if to.text().starts_with(&format!("{}/", path.text())) {
            return Err(ClientError::failed(format!("{} lies in {}", to.text(), path.text())));
        }
        if self.has(Defect::RemovesBeforeMoving) {
            let content = self.read(path).await?;
            self.remove_encrypted(root, path).await?;
            return self.write_at(target.as_ref(), to, content).await;
        }
        self.copy_encrypted(root, target.as_ref(), path, to).await?;
        if target.is_none() && self.has(Defect::LeavesWhatItTakesOut) {
            return Ok(());
        }
        self.remove_encrypted(root, path).await
    }

    /// Downloads, and gives out nothing whose authentication tag is wrong (R2-READ-07, R2-READ-08).
    pub(super) async fn fetch(
        &self,
        dav: &DavPath,
        path: &str,
        entry: &FileEntry,
    ) -> Result<Vec<u8>, ClientError> {
        if self.has(Defect::AsksForPreviews) {
            self.account.http.preview(path).await;
        }
        let Some(stored) = self.account.http.get(dav).await? else {
            if self.has(Defect::TakesMissingForEmpty) {
                return Ok(Vec::new());
            }
            self.warn("file-missing", format!("{path} is in the metadata and not on the server"));
            return Err(missing(path));
        };
        match file_cipher::decrypt(&entry.key, &entry.nonce, &stored) {
            Ok(_)
                if self.has(Defect::DemandsTagInMetadata)
                    && !stored.ends_with(entry.authentication_tag.get(..16).unwrap_or(b"none")) =>
            {
                Err(ClientError::failed(format!("{path}: another authentication tag in the metadata")))
            }
            Ok(content) => Ok(content),
            Err(_) if self.has(Defect::ChecksSmallFilesOnly) && stored.len() > 1024 * 1024 => {
                unverified(entry, &stored)
            }
            Err(_) if self.has(Defect::ComparesBeginOfTag) && part_is_right(entry, &stored) => {
                unverified(entry, &stored)
            }
            Err(_) if self.has(Defect::ReleasesUnauthenticatedFile) => unverified(entry, &stored),
            Err(e) => {
                if self.has(Defect::LeavesUnauthenticatedParts) {
                    self.account.local.write(&format!("{path}.part"), &unverified(entry, &stored)?)?;
                }
                if self.has(Defect::HammersDownloads) {
                    for _ in 0..100 {
                        self.account.http.get(dav).await?;
                    }
                }
                let requirements = &["R2-READ-08", "R2-SEC-04"];
                Err(self.refuse(Reason::new("file-authentic", requirements, format!("{path}: {e}"))).await)
            }
        }
    }

    /// Puts verified bytes onto the device.
    pub(super) fn place(
        &mut self,
        root: u64,
        id: &str,
        path: String,
        entry: &FileEntry,
        content: &[u8],
    ) -> Result<(), ClientError> {
        self.account.local.write(&path, content)?;
        let folder = self.account.folders.entry(root).or_default();
        let placed = Placed { path, entry: entry.clone() };
        match folder.placed.insert(id.into(), placed.clone()) {
            Some(before) if before.path != placed.path => self.account.local.remove(&before.path),
            _ => Ok(()),
        }
    }

    /// Follows a rename on the device.
    fn replaced_locally(&mut self, root: u64, path: &UserPath, to: &UserPath) -> Result<(), ClientError> {
        self.account.local.rename(&path.text(), &to.text())?;
        let below = |old: &str| {
            let rest = old.strip_prefix(&path.text())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", to.text()))
        };
        let folder = self.account.folders.entry(root).or_default();
        for placed in folder.placed.values_mut() {
            placed.path = below(&placed.path).unwrap_or_else(|| placed.path.clone());
        }
        for path in &mut folder.paths {
            *path = below(path).unwrap_or_else(|| path.clone());
        }
        Ok(())
    }
}

fn hex_sha256(content: &[u8]) -> String {
    backend().sha256(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unverified(entry: &FileEntry, stored: &[u8]) -> Result<Vec<u8>, ClientError> {
    unauthenticated(entry, stored).map_err(|e| ClientError::failed(e.to_string()))
}
