//! Files that somebody without an account has left in a root folder (R2-FD-02, R2-FD-03).
//!
//! Nobody signs what lies there: it can only add, and what is wrong with one entry concerns no other.

use super::Work;
use super::change::Change;
use super::view::{Folder, Opened};
use crate::defects::Defect;
use crate::server::Node;
use e2ee_adapter::protocol::{ClientError, Failure};
use e2ee_reference::Error;
use e2ee_reference::file_cipher;
use e2ee_reference::filedrop::Entry;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Document, FileEntry, Limits};
use e2ee_reference::recognise::Recognised;
use e2ee_reference::trust;

impl Work<'_> {
    /// Makes files of the dropped entries that are in order, under a lock. The others stay where they are.
    pub(super) async fn take_in(&mut self, root: &Node, opened: Opened) -> Result<Opened, ClientError> {
        if self.has(Defect::IgnoresDrops) || self.dropped(&opened.root).await?.is_empty() {
            return Ok(opened);
        }
        let mut change = match self.begin(root, &[]).await {
            // It waits until the folder is free; reading does not (R2-READ-01).
            Err(e) if e.failure == Failure::Busy => return Ok(opened),
            begun => begun?,
        };
        let outcome = self.take_in_under_lock(&mut change).await;
        self.finish(change.lock, outcome).await?;
        self.open_all(root).await
    }

    async fn take_in_under_lock(&mut self, change: &mut Change) -> Result<(), ClientError> {
        let folder = &change.opened.root;
        let dropped = self.dropped(folder).await?;
        let mut contents = folder.contents.clone();
        for (id, mut entry) in dropped {
            let taken = |name: &str| {
                let files = contents.files.values().any(|file| file.filename == name);
                files || contents.folders.values().any(|folder| folder == name)
            };
            if self.has(Defect::DropsReplaceFiles) {
                let name = &entry.filename;
                contents.files.retain(|_, file| file.filename != *name);
            } else {
                entry.filename = free_name(&entry.filename, taken);
            }
            change.lock.taken_in.insert(id.clone());
            contents.files.insert(id, entry);
        }
        self.store_target(change, contents).await
    }

    /// The dropped entries that can be opened and used, whose bytes are there and genuine.
    async fn dropped(&self, folder: &Folder) -> Result<Vec<(String, FileEntry)>, ClientError> {
        // Folders of 1.x have a filedrop, too, but nothing is dropped there that this client takes in.
        let Recognised::V2(document) = &folder.document else { return Ok(Vec::new()) };
        let own = self.own().await?;
        let mut usable = Vec::new();
        for (id, drop) in document.filedrop() {
            let entry = match self.open_drop(drop, &own.private_key) {
                Ok(entry) => entry,
                Err(e) => {
                    self.warn("filedrop-readable", format!("{}: dropped entry {id}: {e}", folder.path));
                    continue;
                }
            };
            if let Some(wrong) = self.unusable(folder, id, &entry) {
                self.warn("filedrop-usable", format!("{}: dropped entry {id}: {wrong}", folder.path));
                continue;
            }
            // The upload may still be under way.
            let Some(stored) = self.account.http.get(&folder.dav.child(id)).await? else { continue };
            match file_cipher::decrypt(&entry.key, &entry.nonce, &stored) {
                Ok(content) => {
                    if self.has(Defect::DropsFollowPaths) {
                        self.account.local.write(&folder.path_of(&entry.filename), &content)?;
                    }
                    usable.push((id.clone(), entry))
                }
                Err(e) => self.warn("filedrop-usable", format!("{}: dropped file {id}: {e}", folder.path)),
            }
        }
        Ok(usable)
    }

    fn open_drop(&self, drop: &Entry, key: &PrivateKey) -> Result<FileEntry, Error> {
        let own = self.account.user();
        let user = drop.users().next().filter(|_| self.has(Defect::OpensFirstDropKey)).unwrap_or(own);
        if self.has(Defect::InflatesDrops) {
            let limits = Limits { inflated_bytes: usize::MAX / 2, ..Limits::default() };
            return drop.open_with(user, key, &limits);
        }
        drop.open(user, key)
    }

    /// What speaks against an entry that anybody may have made.
    fn unusable(&self, folder: &Folder, id: &str, entry: &FileEntry) -> Option<String> {
        let contents = &folder.contents;
        let known = contents.files.contains_key(id)
            || contents.folders.contains_key(id)
            || contents.damaged.contains_key(id);
        if known && !self.has(Defect::DropsReplaceFiles) && !self.has(Defect::DropsTakeIdentifiers) {
            return Some("its identifier is that of another entry".into());
        }
        self.odd(id, &entry.filename)
    }

    /// What speaks against the identifier or the name of such an entry.
    pub(super) fn odd(&self, id: &str, name: &str) -> Option<String> {
        if self.has(Defect::DropsFollowPaths) || self.has(Defect::SignsOddDrops) {
            return None;
        }
        trust::check_entry(id, name, &self.setup.exceptions).err().map(|refusal| refusal.reason)
    }

    /// What [`Defect::BlockedByBadDrop`] refuses.
    pub(super) fn stumbles_over(&self, document: &Document, key: &PrivateKey) -> bool {
        let opens = |drop: &Entry| drop.open(self.account.user(), key).is_ok();
        self.has(Defect::BlockedByBadDrop) && !document.filedrop().values().all(opens)
    }
}

/// The name, or the first of `name (2).ext`, `name (3).ext`, … that nobody has.
fn free_name(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    let (stem, extension) = match name.rfind('.').filter(|at| *at > 0) {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let mut numbered = (2u32..).map(|number| format!("{stem} ({number}){extension}"));
    numbered.find(|name| !taken(name)).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::free_name;

    #[test]
    fn names_are_numbered_before_the_extension() {
        let taken = ["a.txt", "a (2).txt", ".profile", "b"];
        let name = |wanted| free_name(wanted, |name| taken.contains(&name));
        assert_eq!(name("new.txt"), "new.txt");
        assert_eq!(name("a.txt"), "a (3).txt");
        assert_eq!(name(".profile"), ".profile (2)");
        assert_eq!(name("b"), "b (2)");
    }
}
