//! Documents of 1.x from the server, before the rules of trust.

use crate::account::{OwnKeys, Reason};
use crate::defects::Defect;
use crate::server::{DavPath, Node};
use crate::work::Work;
use crate::work::judge::{reason, unreadable};
use crate::work::view::Folder;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::Error;
use e2ee_reference::metadata::{Contents, MetadataKey};
use e2ee_reference::metadata_v1::{self, Document, Keys};
use e2ee_reference::recognise::{AnyVersion, Recognised};
use e2ee_reference::trust::{self, CandidateV1};
use std::collections::BTreeSet;

impl Work<'_> {
    /// Opens and judges the document of a folder of 1.x; what is accepted is remembered.
    pub(in crate::work) async fn read_older(
        &mut self,
        root: u64,
        id: u64,
        dav: DavPath,
        path: String,
        document: Document,
        listing: Option<&[Node]>,
    ) -> Result<Folder, ClientError> {
        let own = self.own().await?;
        let contents = match self.open_older(&document, &own) {
            Ok(contents) => contents,
            Err(e) => return Err(self.refuse(unreadable(&path, &e)).await),
        };
        let set_aside = self.accept_older(root, id, &path, &document, &contents).await?;
        let damaged = contents.damaged.iter().map(|(id, damaged)| (id.clone(), damaged.entry.clone()));
        let damaged = damaged.collect();
        let (folders, files) = contents.split(|_| false);
        let contents = Contents { folders, files, damaged, ..Contents::default() };
        let listed = listing.map(<[Node]>::to_vec).unwrap_or_default();
        Ok(Folder { id, dav, path, document: Recognised::V1(document), contents, set_aside, listed })
    }

    fn open_older(&self, document: &Document, own: &OwnKeys) -> Result<metadata_v1::Contents, Error> {
        let version = AnyVersion::V1(document.version());
        if version > self.account.newest {
            return Err(Error::UnknownVersion { found: version.to_string() });
        }
        let keys = match document.unwrap_keys(&own.private_key) {
            Err(_) if self.has(Defect::UsesEmptyKey) => Keys::one(MetadataKey::from_bytes([0; 16])),
            unwrapped => unwrapped?,
        };
        if self.has(Defect::BlockedByBadDrop) {
            document.filedrop().values().try_for_each(|entry| entry.open(&own.private_key).map(drop))?;
        }
        if self.has(Defect::ReadsWithNewestKey) {
            let newest = keys.newest().1;
            let same = Keys::several(keys.iter().map(|(index, _)| (index, newest.clone())).collect())?;
            return document.open(&same);
        }
        document.open(&keys)
    }

    async fn accept_older(
        &mut self,
        root: u64,
        id: u64,
        path: &str,
        document: &Document,
        contents: &metadata_v1::Contents,
    ) -> Result<BTreeSet<String>, ClientError> {
        let own = self.own().await?;
        let known = self.account.folders.get(&root).and_then(|folder| folder.version(id));
        let candidate = CandidateV1 { document, contents, mnemonic: own.words(), known };
        let has_checksum = document.version() == metadata_v1::Version::V1_2;
        let exceptions = match has_checksum && self.has(Defect::TakesChecksumsForSignatures) {
            true => &self.setup.exceptions_and(&["version-1-not-lower"]),
            false => &self.setup.exceptions,
        };
        let accepted = match trust::judge_v1(&candidate, exceptions) {
            Ok(accepted) => accepted,
            Err(refusal) => return Err(self.refuse(reason(path, refusal)).await),
        };
        let damaged = contents.damaged.iter().map(|(entry, damaged)| (entry, &damaged.entry.error));
        self.tell(path, &accepted.notices, &accepted.set_aside, damaged);
        if contents.sharing.is_some() {
            let text = format!("{path} was shared with others, who are no members any more");
            self.warn("former-recipients", text);
        }
        self.remember_older(root, id, document.version());
        Ok(accepted.set_aside.into_iter().map(|(entry, _)| entry).collect())
    }

    /// Versions only rise, but for 1.1 to 1.0, which loses nothing.
    pub(in crate::work) fn remember_older(&mut self, root: u64, id: u64, version: metadata_v1::Version) {
        let older = &mut self.account.folders.entry(root).or_default().older;
        let highest = older.get(&id).map_or(version, |known| version.max(*known));
        older.insert(id, highest);
    }

    /// What cannot be read cannot be sealed anew, and may not be left out (ROB-META-02).
    pub(in crate::work) async fn intact(&self, path: &str, contents: &Contents) -> Result<(), ClientError> {
        let Some((entry, damaged)) = contents.damaged.iter().next() else { return Ok(()) };
        let text = format!("{path}: entry {entry} cannot be read, and would be lost: {}", damaged.error);
        Err(self.refuse(Reason::new("entries-intact", &["ROB-META-02"], text)).await)
    }
}
