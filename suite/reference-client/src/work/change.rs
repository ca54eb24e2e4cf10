//! A change of an encrypted folder: lock, write, store the metadata, unlock (R2-UPD-01 to 06, R2-MOD-01 to 04).

use super::flaws::{is_reserved, nameless_signature, wrapped_as_text};
use super::lock::{Lock, pause};
use super::view::Opened;
use super::{Work, now};
use crate::account::Reason;
use crate::defects::Defect;
use crate::server::{LockToken, Node, ServerError};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::metadata::{Contents, Document, MetadataKey, Recipient, User, with_filedrop};
use e2ee_reference::recognise::{AnyVersion, Recognised};
use e2ee_reference::trust::Candidate;
use tokio::time::sleep;

/// How often a lock is asked for before the client reports that the folder is busy.
pub(super) const LOCK_ATTEMPTS: u8 = 5;

/// A locked folder, and what was verified under the lock.
pub(super) struct Change {
    pub(super) lock: Lock,
    pub(super) opened: Opened,
}

/// A document to make.
pub(super) struct Draft<'a> {
    pub(super) id: u64,
    pub(super) contents: Contents,
    pub(super) key: &'a MetadataKey,
    /// Of the root folder; `None` makes the document of a folder below.
    pub(super) members: Option<&'a [Recipient]>,
    /// The users of the root document when this is a folder below.
    pub(super) users: &'a [User],
    /// The document that is replaced.
    pub(super) old: Option<&'a Recognised>,
}

impl Work<'_> {
    /// Locks the folder that the names lead to, and only then takes its contents for current.
    pub(super) async fn begin(&mut self, root: &Node, names: &[String]) -> Result<Change, ClientError> {
        let attempts = if self.has(Defect::HammersLocks) { u8::MAX } else { LOCK_ATTEMPTS };
        self.release_held().await;
        if self.account.stuck_at.is_some_and(|stuck_at| stuck_at != root.id) {
            return Err(ClientError::busy("another folder comes first"));
        }
        let mut opened = self.open(root, names).await?;
        if self.migrate(root, opened.root.document.version()).await? {
            opened = self.open(root, names).await?;
        }
        let mut counter = opened.target().contents.counter + 1;
        let (mut token, mut attempt) = (None, 0);
        while token.is_none() {
            let locked = match self.has(Defect::WritesWithoutLock) {
                true => Ok(LockToken::none()),
                false => {
                    let any_token = self.has(Defect::AcceptsOddLockToken);
                    self.account.http.lock(opened.target().id, counter, None, any_token).await
                }
            };
            attempt += 1;
            match locked {
                Ok(granted) => token = Some(granted),
                Err(e) if !matches!(e.status(), Some(409 | 412 | 423)) => {
                    if self.has(Defect::LeavesOnRefusedLock) && e.status() == Some(403) {
                        self.forget(root.id)?;
                    }
                    if self.has(Defect::StuckAfterRefusedLock) && matches!(e.status(), Some(400 | 403)) {
                        self.account.distrust = Some(Reason::new("never-again", &[], "refused once"));
                    }
                    if !self.has(Defect::WritesAfterLostLock) {
                        return Err(e.into());
                    }
                    token = Some(LockToken::none());
                }
                Err(e) if attempt == attempts => {
                    self.account.stuck_at = Some(root.id).filter(|_| self.has(Defect::BlocksOtherFolders));
                    return Err(ClientError::busy(format!("{}: {e}", opened.target().path)));
                }
                Err(e) if e.status() == Some(423) && self.has(Defect::HammersLocks) => {}
                Err(e) if e.status() == Some(423) => sleep(pause(attempt)).await,
                Err(_) if self.has(Defect::LosesConcurrentWrite) => counter += 1,
                // Somebody wrote since we looked.
                Err(_) => {
                    if self.has(Defect::StuckAfterConflict) {
                        let text = "somebody else wrote first";
                        self.account.distrust = Some(Reason::new("never-again", &[], text));
                    }
                    opened = self.open(root, names).await?;
                    counter = opened.target().contents.counter + 1;
                }
            }
        }
        let target = opened.target();
        let token = token.unwrap_or_else(LockToken::none);
        let (at, path) = ((root.id, target.id), target.path.clone());
        let lock = self.granted(token, at, path, counter)?;
        if self.has(Defect::LosesConcurrentWrite) {
            return Ok(Change { lock, opened });
        }
        self.holds_lock = true;
        match self.open(root, names).await {
            Ok(opened) => Ok(Change { lock, opened }),
            Err(e) if self.has(Defect::KeepsLockAfterRefusal) => Err(e),
            Err(e) => self.finish(lock, Err(e)).await,
        }
    }

    /// Locks a root folder that has no metadata yet.
    pub(super) async fn begin_first(
        &mut self,
        root: u64,
        path: &str,
        counter: u64,
    ) -> Result<Lock, ClientError> {
        let token = self.account.http.lock(root, counter, None, false).await?;
        self.granted(token, (root, root), path.into(), counter)
    }

    /// Seals, signs and stores a document; it counts once the lock is released.
    pub(super) async fn store(
        &mut self,
        lock: &mut Lock,
        mut draft: Draft<'_>,
    ) -> Result<Document, ClientError> {
        if self.has(Defect::DropsDamagedEntries) {
            draft.contents.damaged.clear();
        }
        if self.has(Defect::DropsReservedNames) {
            draft.contents.files.retain(|_, entry| !is_reserved(&entry.filename));
        }
        if self.has(Defect::OmitsKeyChecksum) {
            draft.contents.key_checksums.clear();
        }
        if self.has(Defect::KeepsCounter) && draft.old.is_some() {
            draft.contents.counter = draft.contents.counter.saturating_sub(1);
        }
        let own = self.own().await?;
        let AnyVersion::V2(announced) = self.version().await? else {
            return Err(ClientError::failed("a folder of 2.x is not written in 1.x"));
        };
        let version = match draft.old {
            Some(Recognised::V2(old)) if self.has(Defect::KeepsOldVersion) => old.version(),
            _ => announced,
        };
        let mut document = self.sealed(&draft, version)?;
        let mut dropped = match draft.old {
            Some(Recognised::V2(old)) => old.filedrop().clone(),
            _ => Default::default(),
        };
        dropped.retain(|id, _| draft.id != lock.locked || !lock.taken_in.contains(id));
        if !dropped.is_empty() && !self.has(Defect::ForgetsDrops) {
            document = with_filedrop(&document, dropped);
        }
        if let (Some(members), true) = (draft.members, self.has(Defect::WrapsKeyAsText)) {
            document = wrapped_as_text(&document, members, draft.key, self.account.user())?;
        }
        let content = match self.has(Defect::SignsOtherContent) {
            true => document.to_json(),
            false => document.signed_content(),
        };
        let signature = match self.has(Defect::SignsWithoutCertificate) {
            true => nameless_signature(&content, &own)?,
            false => self.signed(&content, &own)?,
        };
        let candidate = Candidate {
            document: &document,
            signature: &signature,
            contents: &draft.contents,
            metadata_key: draft.key,
            root_members: draft.members.is_none().then_some(draft.users),
            listing: None,
            now: now(),
        };
        let accepted = self.judge_own(lock.root, draft.id, &candidate)?;
        let first = draft.old.is_none();
        let text = document.to_json_as(self.layout());
        let stored = self.store_document(draft.id, &lock.token, &text, &signature, first).await;
        if !self.has(Defect::IgnoresFailedStore) {
            stored?;
        }
        lock.stored.push((draft.id, accepted.known));
        if let Some(wrapped) = self.wrapped_key(&document) {
            lock.unwrapped = Some((wrapped.into(), draft.key.clone()));
        }
        Ok(document)
    }

    /// Sends a document, the `first` of its folder or another one.
    pub(super) async fn store_document(
        &self,
        id: u64,
        token: &LockToken,
        document: &str,
        signature: &str,
        first: bool,
    ) -> Result<(), ServerError> {
        match self.account.http.store_metadata(id, token, document, signature, first).await {
            Err(e) if e.status() == Some(409) && self.has(Defect::OverwritesUnknownVersion) => {
                self.account.http.store_metadata(id, token, document, signature, false).await
            }
            stored => stored,
        }
    }

    /// Enters what lies on this device and others have removed.
    fn bring_back(&self, lock: &Lock, before: &Contents, contents: &mut Contents) {
        let placed = self.account.folders.get(&lock.root).map(|folder| &folder.placed);
        for (id, placed) in placed.into_iter().flatten() {
            let name = placed.path.strip_prefix(&format!("{}/", lock.path));
            if name == Some(&placed.entry.filename) && !before.files.contains_key(id) {
                contents.files.entry(id.clone()).or_insert_with(|| placed.entry.clone());
            }
        }
    }

    /// Stores the folder that is locked with other contents.
    pub(super) async fn store_target(
        &mut self,
        change: &mut Change,
        mut contents: Contents,
    ) -> Result<(), ClientError> {
        let Change { lock, opened } = change;
        let target = opened.target();
        if self.has(Defect::BringsRemovedBack) {
            self.bring_back(lock, &target.contents, &mut contents);
        }
        let circle = match (&opened.circle, &target.document) {
            (Some(circle), _) => circle,
            (None, Recognised::V1(old)) => {
                return self.store_older(lock, target.id, contents, Some(old)).await;
            }
            (None, Recognised::V2(_)) => {
                return Err(ClientError::failed("a document of 2.x below one of 1.x"));
            }
        };
        contents.counter = lock.counter_for(target.id, &contents);
        let draft = Draft {
            id: target.id,
            contents,
            key: &circle.key,
            members: opened.below.is_empty().then_some(&circle.members),
            users: opened.users(),
            old: Some(&target.document),
        };
        self.store(lock, draft).await.map(drop)
    }
}
