//! Documents of 1.x that this client makes: each under a new metadata key (R12-KEY-01).

use crate::defects::Defect;
use crate::work::change::Change;
use crate::work::lock::Lock;
use crate::work::{Work, broken};
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::metadata::{Contents, FileEntry};
use e2ee_reference::metadata_v1::{self, DIRECTORY, Document, File, Keys, Target, Version, with_filedrop};
use e2ee_reference::recognise::AnyVersion;

impl Work<'_> {
    /// Seals and stores the document of one folder; it counts once the lock is released.
    ///
    /// The metadata key is new each time: whoever has put one of his own into the old document, which before 1.2 the
    /// server can, learns nothing from the new one (ATK-META-02).
    pub(in crate::work) async fn store_older(
        &mut self,
        lock: &mut Lock,
        id: u64,
        mut contents: Contents,
        old: Option<&Document>,
    ) -> Result<(), ClientError> {
        if self.has(Defect::DropsDamagedEntries) {
            contents.damaged.clear();
        }
        self.intact(&lock.path, &contents).await?;
        let own = self.own().await?;
        let version = self.version_older(old).await?;
        let keys = match old {
            Some(old) if self.has(Defect::KeepsServedKey) => {
                let keys = old.unwrap_keys(&own.private_key).map_err(broken)?;
                Keys::one(keys.newest().1.clone())
            }
            _ => Keys::one(self.new_metadata_key()),
        };
        let target = match version {
            Version::V1_0 => Target::V1_0,
            Version::V1_1 => Target::V1_1,
            Version::V1_2 => {
                let unknown = || ClientError::failed("metadata 1.2 need the mnemonic: restore the identity");
                Target::V1_2 { mnemonic: own.words().ok_or_else(unknown)? }
            }
        };
        let older = self.joined(contents, &keys);
        let mut document = self.sealed_older(&older, &keys, &own, target)?;
        if let Some(old) = old.filter(|old| !old.filedrop().is_empty()) {
            document = with_filedrop(&document, old.filedrop()).map_err(broken)?;
        }
        let text = document.to_json_as(self.layout());
        self.store_document(id, &lock.token, &text, "", old.is_none()).await?;
        lock.stored_older.push((id, version));
        Ok(())
    }

    /// Makes a folder inside another one. It has a lock of its own: each release makes one folder's metadata final.
    pub(in crate::work) async fn make_older_subfolder(
        &mut self,
        change: &mut Change,
        name: &str,
    ) -> Result<(), ClientError> {
        let Change { lock, opened } = change;
        let parent = opened.target();
        let entry = self.new_identifier();
        let id = self.account.http.make_folder(&parent.dav.child(&entry), Some(&lock.token)).await?;
        self.account.http.mark_encrypted(id).await?;
        let token = self.account.http.lock(id, 1, Some(&lock.token), false).await?;
        let mut inside = self.granted(token, (lock.root, id), parent.path_of(name), 1)?;
        let outcome = self.store_older(&mut inside, id, Contents::default(), None).await;
        self.finish(inside, outcome).await?;
        let mut contents = parent.contents.clone();
        contents.folders.insert(entry, name.into());
        self.store_target(change, contents).await
    }

    /// What the server announces, but never less than the folder has: 1.2 has a checksum to lose.
    async fn version_older(&mut self, old: Option<&Document>) -> Result<Version, ClientError> {
        let announced = self.version().await?;
        if let (Some(old), true) = (old, self.has(Defect::KeepsOldVersion)) {
            return Ok(old.version());
        }
        match announced {
            AnyVersion::V1(version) if self.has(Defect::WritesOldestVersion) => Ok(version),
            AnyVersion::V1(version) => Ok(old.map_or(version, |old| version.max(old.version()))),
            AnyVersion::V2(_) => Err(ClientError::failed("expected a folder of 2.x")),
        }
    }

    /// Folders are entries among the files, with a key that seals nothing.
    fn joined(&self, contents: Contents, keys: &Keys) -> metadata_v1::Contents {
        let folder = |(id, filename)| {
            let entry = FileEntry {
                filename,
                mimetype: DIRECTORY.to_owned(),
                nonce: self.nonce(true),
                authentication_tag: Vec::new(),
                key: FileKey::generate(),
            };
            (id, File::new(entry, keys))
        };
        let folders = contents.folders.into_iter().map(folder);
        let files = contents.files.into_iter().map(|(id, entry)| (id, File::new(entry, keys)));
        metadata_v1::Contents { files: folders.chain(files).collect(), ..metadata_v1::Contents::default() }
    }
}
