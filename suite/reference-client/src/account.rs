//! What a device remembers of its account, also while it is stopped.

use crate::common::Common;
use crate::disk::Disk;
use crate::local::Local;
use crate::server::{Capability, Http, LockToken, Transfer};
use crate::work::LastRead;
use e2ee_adapter::client::Place;
use e2ee_adapter::protocol::{ClientError, Start};
use e2ee_reference::certificate::Certificate;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{FileEntry, MetadataKey};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::recognise::AnyVersion;
use e2ee_reference::trust::{Known, Pins};
use e2ee_reference::{metadata, metadata_v1};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One account on one server, as one device knows it.
pub(crate) struct Account {
    pub(crate) server: String,
    dir: String,
    pub(crate) disk: Disk,
    pub(crate) http: Http,
    pub(crate) local: Local,
    /// The newest metadata version that this device reads and writes.
    pub(crate) newest: AnyVersion,
    pub(crate) own: Option<OwnKeys>,
    /// The server key and the certificates that were seen first; `None` until a server key was seen.
    pub(crate) pins: Option<Pins>,
    /// Found at `start`: why nothing that rests on keys is done any more.
    pub(crate) distrust: Option<Reason>,
    /// Every root folder that was ever accepted as encrypted, by file id.
    pub(crate) folders: BTreeMap<u64, KnownFolder>,
    /// Locks that this device could not release yet: the folder's id, and the token.
    pub(crate) held: Vec<(u64, LockToken)>,
    /// Locks under which it writes at this moment.
    pub(crate) under_way: Vec<(u64, LockToken)>,
    /// What the server announced when this device started or synchronised last; `None` until it was asked.
    pub(crate) announced: Option<Option<Capability>>,
    /// The root document that was read last.
    pub(crate) last_read: Option<Arc<LastRead>>,
    /// What the server told last of its data; `None` until it did.
    pub(crate) fingerprint: Option<String>,
    /// How many key pairs it has drawn.
    pub(crate) drawn: usize,
    /// How many keys of files and folders it has drawn.
    pub(crate) symmetric_drawn: u64,
    /// Whether it has forgotten what is encrypted, as no honest client does.
    pub(crate) unguarded: bool,
    /// Whether it goes on without the server key, as no honest client does.
    pub(crate) without_server_key: bool,
    /// Key and nonce of an upload that failed, which only a defect keeps.
    pub(crate) kept_pair: Option<(FileKey, Vec<u8>)>,
    /// Chunks of an upload that failed, which only a defect keeps.
    pub(crate) kept_transfer: Option<Transfer>,
    /// An entry that may have been stored or not, which only a defect keeps.
    pub(crate) kept_entry: Option<(String, FileEntry)>,
    /// The root folder whose lock was not free, which only a defect keeps.
    pub(crate) stuck_at: Option<u64>,
}

/// Certificate and private key of the user. Normally a pair: see [`Account::own`]'s makers.
#[derive(Clone)]
pub(crate) struct OwnKeys {
    pub(crate) certificate: Certificate,
    pub(crate) private_key: PrivateKey,
    /// What binds documents of 1.2 to their owner; `None` on a device that was never told.
    pub(crate) mnemonic: Option<Mnemonic>,
}

impl OwnKeys {
    /// The words as checksums of 1.2 take them.
    pub(crate) fn words(&self) -> Option<&str> {
        self.mnemonic.as_ref().map(Mnemonic::passphrase)
    }
}

/// What is remembered of an encrypted root folder.
#[derive(Clone, Default)]
pub(crate) struct KnownFolder {
    pub(crate) name: String,
    /// The metadata key that was unwrapped last, with the wrapped form: unwrapping is slow.
    pub(crate) unwrapped: Option<(String, MetadataKey)>,
    /// The last accepted state of it and of each folder below, by file id.
    pub(crate) states: BTreeMap<u64, Known>,
    /// The highest version in which each had an accepted document of 1.x.
    pub(crate) older: BTreeMap<u64, metadata_v1::Version>,
    /// The folders that lie on this device, parents before children.
    pub(crate) paths: Vec<String>,
    /// What was downloaded or uploaded, by the id in the metadata.
    pub(crate) placed: BTreeMap<String, Placed>,
}

/// A file that lies on this device.
#[derive(Clone, PartialEq)]
pub(crate) struct Placed {
    /// Relative to the root of the account.
    pub(crate) path: String,
    /// The version of the file: each has a key and nonce of its own.
    pub(crate) entry: FileEntry,
}

/// Why the client refuses, in the terms of the requirements.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reason {
    /// A short stable word, kebab case.
    pub(crate) rule: &'static str,
    pub(crate) requirements: &'static [&'static str],
    /// For people.
    pub(crate) text: String,
}

impl Reason {
    pub(crate) fn new(
        rule: &'static str,
        requirements: &'static [&'static str],
        text: impl Into<String>,
    ) -> Self {
        Self { rule, requirements, text: text.into() }
    }

    pub(crate) fn sentence(&self) -> String {
        format!("{} [{}: {}]", self.text, self.rule, self.requirements.join(", "))
    }
}

impl KnownFolder {
    /// The highest version in which the root folder or one below was accepted.
    pub(crate) fn version(&self, id: u64) -> Option<AnyVersion> {
        let older = || self.older.get(&id).copied().map(AnyVersion::V1);
        self.states.get(&id).map(|known| AnyVersion::V2(known.version)).or_else(older)
    }
}

impl Account {
    /// The account that `start` names: what was remembered of it, here or on the disk, or a fresh one.
    pub(crate) fn connect(
        remembered: Option<Self>,
        start: &Start,
        common: &Common,
    ) -> Result<Self, ClientError> {
        let http = Http::new(&start.server, &start.user, &start.password, common)?;
        let newest = match &start.speaks {
            Some(version) => version.parse().map_err(|e| ClientError::failed(format!("speaks: {e}")))?,
            None => AnyVersion::V2(metadata::Version::V2_1),
        };
        let same = |account: &Self| {
            (&account.server, account.http.user(), &account.dir) == (&start.server, &start.user, &start.dir)
        };
        if let Some(account) = remembered.filter(same) {
            return Ok(Self { http, newest, ..account });
        }
        let storage = common.drives.of(&start.dir);
        let mut account = Self {
            server: start.server.clone(),
            dir: start.dir.clone(),
            disk: Disk::at(&start.dir, Arc::clone(&storage)),
            http,
            local: Local::open(&start.dir, storage)?,
            newest,
            own: None,
            pins: None,
            distrust: None,
            folders: BTreeMap::new(),
            held: Vec::new(),
            under_way: Vec::new(),
            announced: None,
            last_read: None,
            fingerprint: None,
            drawn: 0,
            symmetric_drawn: 0,
            unguarded: false,
            without_server_key: false,
            kept_pair: None,
            kept_transfer: None,
            kept_entry: None,
            stuck_at: None,
        };
        account.recall()?;
        Ok(account)
    }

    /// The same memory of an account on a server, and in a folder, that hold the same. Between two calls all that is to be
    /// kept is.
    pub(crate) fn fork(&self, to: &Place, common: &Common) -> Result<Self, ClientError> {
        let storage = common.drives.of(&to.dir);
        let mut account = Self {
            server: to.server.clone(),
            dir: to.dir.clone(),
            disk: self.disk.moved(&to.dir, Arc::clone(&storage)),
            http: self.http.at(&to.server),
            local: self.local.at_another(&to.dir, storage)?,
            newest: self.newest,
            own: self.own.clone(),
            pins: self.pins.clone(),
            distrust: self.distrust.clone(),
            folders: self.folders.clone(),
            held: self.held.clone(),
            under_way: self.under_way.clone(),
            announced: self.announced.clone(),
            last_read: self.last_read.clone(),
            fingerprint: self.fingerprint.clone(),
            drawn: self.drawn,
            symmetric_drawn: self.symmetric_drawn,
            unguarded: self.unguarded,
            without_server_key: self.without_server_key,
            kept_pair: self.kept_pair.clone(),
            kept_transfer: self.kept_transfer.clone(),
            kept_entry: self.kept_entry.clone(),
            stuck_at: self.stuck_at,
        };
        account.keep_whose()?;
        Ok(account)
    }

    /// The name of the device's folder.
    pub(crate) fn device(&self) -> &str {
        self.dir.rsplit('/').next().unwrap_or_default()
    }

    pub(crate) fn user(&self) -> &str {
        self.http.user()
    }

    /// The encrypted root folder that was known under this name.
    pub(crate) fn known_by_name(&self, name: &str) -> Option<u64> {
        self.folders.iter().find(|(_, folder)| folder.name == name).map(|(id, _)| *id)
    }
}
