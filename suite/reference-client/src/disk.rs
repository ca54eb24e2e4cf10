//! What of an account outlives the process: three files in the device's folder, beside what the user sees. A client that
//! is killed finds them when it is started again (ROB-LOCK-03).

use crate::account::{Account, KnownFolder, OwnKeys, Placed};
use crate::server::LockToken;
use crate::storage::Storage;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::FileEntry;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::recognise::AnyVersion;
use e2ee_reference::trust::{Known, Pins};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The user's keys, which hardly ever change.
const KEYS: &str = "keys.json";
/// Whose they are.
const ACCOUNT: &str = "account.json";
/// Everything else. If it is there, so are the others.
const MEMORY: &str = "memory.json";

/// Whether nothing of a device was ever written down in this folder.
pub(crate) fn is_fresh(dir: &str, storage: &dyn Storage) -> bool {
    storage.kind(&Path::new(dir).join(MEMORY)).is_none()
}

/// Where a device keeps what it must not forget.
pub(crate) struct Disk {
    storage: Arc<dyn Storage>,
    dir: PathBuf,
    /// What defects keep in memory only.
    pub(crate) without: Vec<Volatile>,
    /// Whether everybody on the computer may read it, as with a defect.
    pub(crate) is_open: bool,
    /// What was written last: the same is not written twice.
    memory: Arc<str>,
    account: Option<Whose>,
    keys: Option<([u8; 32], bool)>,
}

/// What only defects lose with the process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Volatile {
    /// The tokens of locks.
    Locks,
    /// What was accepted last of each folder.
    States,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    certificate: String,
    private_key: String,
    mnemonic: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Whose {
    server: String,
    user: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory<'a> {
    server_key: Option<String>,
    certificates: Fingerprints<'a>,
    folders: BTreeMap<u64, Folder<'a>>,
    locks: Vec<(u64, Cow<'a, str>)>,
    drawn: usize,
    symmetric_drawn: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Folder<'a> {
    name: Cow<'a, str>,
    states: BTreeMap<u64, State<'a>>,
    older: BTreeMap<u64, String>,
    paths: Cow<'a, [String]>,
    placed: BTreeMap<Cow<'a, str>, Copy<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State<'a> {
    version: String,
    counter: u64,
    content_digest: Fingerprint,
    key_checksums: Cow<'a, BTreeSet<String>>,
    key_checksum: Cow<'a, str>,
    members: Fingerprints<'a>,
    is_root: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Copy<'a> {
    path: Cow<'a, str>,
    filename: Cow<'a, str>,
    mimetype: Cow<'a, str>,
    nonce: String,
    authentication_tag: String,
    key: String,
}

/// SHA-256, in lower-case hex.
struct Fingerprint([u8; 32]);

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; 64];
        let encoded = hex::encode_to_slice(self.0, &mut text).ok().and_then(|()| str::from_utf8(&text).ok());
        serializer.serialize_str(encoded.ok_or_else(|| S::Error::custom("no hex"))?)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut digest = [0; 32];
        let decoded = hex::decode_to_slice(String::deserialize(deserializer)?, &mut digest);
        decoded.map(|()| Self(digest)).map_err(D::Error::custom)
    }
}

type Fingerprints<'a> = BTreeMap<Cow<'a, str>, Fingerprint>;

fn borrowed(fingerprints: &BTreeMap<String, [u8; 32]>) -> Fingerprints<'_> {
    fingerprints.iter().map(|(of, digest)| (of.into(), Fingerprint(*digest))).collect()
}

fn owned(fingerprints: Fingerprints<'_>) -> BTreeMap<String, [u8; 32]> {
    fingerprints.into_iter().map(|(of, Fingerprint(digest))| (of.into_owned(), digest)).collect()
}

impl Disk {
    pub(crate) fn at(dir: &str, storage: Arc<dyn Storage>) -> Self {
        let (dir, memory) = (dir.into(), "".into());
        Self { storage, dir, without: Vec::new(), is_open: false, memory, account: None, keys: None }
    }

    /// The same at a place where the same lies.
    pub(crate) fn moved(&self, dir: &str, storage: Arc<dyn Storage>) -> Self {
        let (without, memory) = (self.without.clone(), Arc::clone(&self.memory));
        Self { without, is_open: self.is_open, memory, keys: self.keys, ..Self::at(dir, storage) }
    }

    /// Takes a file as a whole or not at all, even if the process ends meanwhile.
    fn write(&self, name: &str, text: &str) -> Result<(), ClientError> {
        let (place, fresh) = (self.dir.join(name), self.dir.join(format!("{name}.new")));
        let written = match self.is_open {
            true => self.storage.write_openly(&fresh, text.as_bytes()),
            false => self.storage.write_private(&fresh, text.as_bytes()),
        };
        let written = written.and_then(|()| self.storage.rename(&fresh, &place));
        written.map_err(|e| ClientError::failed(format!("{}: {e}", place.display())))
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ClientError> {
        let place = self.dir.join(name);
        let broken = |e: String| ClientError::failed(format!("{}: {e}", place.display()));
        match self.storage.read(&place) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|e| broken(e.to_string())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(broken(e.to_string())),
        }
    }
}

impl Account {
    /// Writes down what must outlive the process, if it has changed.
    pub(crate) fn keep(&mut self) -> Result<(), ClientError> {
        let keys = self.own.as_ref().map(|own| (own.certificate.fingerprint(), own.mnemonic.is_some()));
        if keys != self.disk.keys || self.disk.account.is_none() {
            self.disk.write(KEYS, &text_of(&self.own.as_ref().map(Keys::of))?)?;
            self.disk.keys = keys;
        }
        self.keep_whose()?;
        let memory = text_of(&Memory::of(self))?;
        if *memory != *self.disk.memory {
            self.disk.write(MEMORY, &memory)?;
            self.disk.memory = memory.into();
        }
        Ok(())
    }

    /// Writes down whose all this is, if it has changed.
    pub(crate) fn keep_whose(&mut self) -> Result<(), ClientError> {
        let whose = Some(self.whose());
        if whose != self.disk.account {
            self.disk.write(ACCOUNT, &text_of(&whose)?)?;
            self.disk.account = whose;
        }
        Ok(())
    }

    fn whose(&self) -> Whose {
        Whose { server: self.server.clone(), user: self.user().to_owned() }
    }

    /// Remembers what was written down of this account, if anything was.
    pub(crate) fn recall(&mut self) -> Result<(), ClientError> {
        let whose = self.disk.read::<Whose>(ACCOUNT)?;
        let memory = self.disk.read::<Memory<'static>>(MEMORY)?;
        let Some(memory) = memory.filter(|_| whose == Some(self.whose())) else { return Ok(()) };
        let unusable = || ClientError::failed(format!("{}: not as it was written", self.disk.dir.display()));
        let own = self.disk.read::<Option<Keys>>(KEYS)?.flatten();
        let own = own.map(|keys| keys.read().ok_or_else(unusable)).transpose()?;
        let user_id = self.user().to_owned();
        let recalled = memory.read(user_id).ok_or_else(unusable)?;
        self.own = own;
        self.pins = recalled.pins;
        self.folders = recalled.folders;
        // Whatever was done under them when the process ended was not done in full.
        self.held = recalled.locks;
        self.drawn = recalled.drawn;
        self.symmetric_drawn = recalled.symmetric_drawn;
        Ok(())
    }
}

impl Keys {
    fn of(own: &OwnKeys) -> Self {
        Self {
            certificate: own.certificate.to_pem(),
            private_key: own.private_key.to_pem().to_string(),
            mnemonic: own.mnemonic.as_ref().map(|words| words.words()),
        }
    }

    fn read(self) -> Option<OwnKeys> {
        Some(OwnKeys {
            certificate: Certificate::from_pem(&self.certificate).ok()?,
            private_key: PrivateKey::from_pem(&self.private_key).ok()?,
            mnemonic: self.mnemonic.map(|words| Mnemonic::parse(&words)).transpose().ok()?,
        })
    }
}

/// What [`Memory`] says, in the terms of an account.
struct Recalled {
    pins: Option<Pins>,
    folders: BTreeMap<u64, KnownFolder>,
    locks: Vec<(u64, LockToken)>,
    drawn: usize,
    symmetric_drawn: u64,
}

impl<'a> Memory<'a> {
    fn of(account: &'a Account) -> Self {
        let has = |what| !account.disk.without.contains(&what);
        let folder = |(id, folder): (&u64, &'a KnownFolder)| (*id, Folder::of(folder, has(Volatile::States)));
        let locks = account.held.iter().chain(&account.under_way).filter(|_| has(Volatile::Locks));
        let pins = account.pins.as_ref();
        Self {
            server_key: pins.map(|pins| pins.server_key.to_pem()),
            certificates: pins.map(|pins| borrowed(&pins.certificates)).unwrap_or_default(),
            folders: account.folders.iter().map(folder).collect(),
            locks: locks.map(|(id, token)| (*id, token.text().into())).collect(),
            drawn: account.drawn,
            symmetric_drawn: account.symmetric_drawn,
        }
    }

    fn read(self, user_id: String) -> Option<Recalled> {
        let certificates = owned(self.certificates);
        let pins = match self.server_key {
            Some(pem) => Some(Pins { user_id, server_key: PublicKey::from_pem(&pem).ok()?, certificates }),
            None => None,
        };
        let folders = self.folders.into_iter().map(|(id, folder)| Some((id, folder.read()?)));
        let locks = self.locks.into_iter().map(|(id, token)| (id, LockToken::kept(token.into_owned())));
        Some(Recalled {
            pins,
            folders: folders.collect::<Option<_>>()?,
            locks: locks.collect(),
            drawn: self.drawn,
            symmetric_drawn: self.symmetric_drawn,
        })
    }
}

impl<'a> Folder<'a> {
    fn of(folder: &'a KnownFolder, with_states: bool) -> Self {
        let states = folder.states.iter().filter(|_| with_states);
        Self {
            name: folder.name.as_str().into(),
            states: states.map(|(id, known)| (*id, State::of(known))).collect(),
            older: folder.older.iter().map(|(id, v)| (*id, AnyVersion::V1(*v).to_string())).collect(),
            paths: folder.paths.as_slice().into(),
            placed: folder.placed.iter().map(|(id, placed)| (id.into(), Copy::of(placed))).collect(),
        }
    }

    fn read(self) -> Option<KnownFolder> {
        let states = self.states.into_iter().map(|(id, state)| Some((id, state.read()?)));
        let older = self.older.into_iter().map(|(id, version)| match version.parse() {
            Ok(AnyVersion::V1(version)) => Some((id, version)),
            _ => None,
        });
        let placed = self.placed.into_iter().map(|(id, copy)| Some((id.into_owned(), copy.read()?)));
        Some(KnownFolder {
            name: self.name.into_owned(),
            unwrapped: None,
            states: states.collect::<Option<_>>()?,
            older: older.collect::<Option<_>>()?,
            paths: self.paths.into_owned(),
            placed: placed.collect::<Option<_>>()?,
        })
    }
}

impl<'a> State<'a> {
    fn of(known: &'a Known) -> Self {
        Self {
            version: known.version.to_string(),
            counter: known.counter,
            content_digest: Fingerprint(known.content_digest),
            key_checksums: Cow::Borrowed(&known.key_checksums),
            key_checksum: known.key_checksum.as_str().into(),
            members: borrowed(&known.members),
            is_root: known.is_root,
        }
    }

    fn read(self) -> Option<Known> {
        Some(Known {
            version: self.version.parse().ok()?,
            counter: self.counter,
            content_digest: self.content_digest.0,
            key_checksums: self.key_checksums.into_owned(),
            key_checksum: self.key_checksum.into_owned(),
            members: owned(self.members),
            is_root: self.is_root,
        })
    }
}

impl<'a> Copy<'a> {
    fn of(placed: &'a Placed) -> Self {
        let Placed { path, entry } = placed;
        Self {
            path: path.into(),
            filename: entry.filename.as_str().into(),
            mimetype: entry.mimetype.as_str().into(),
            nonce: STANDARD.encode(&entry.nonce),
            authentication_tag: STANDARD.encode(&entry.authentication_tag),
            key: entry.key.to_base64(),
        }
    }

    fn read(self) -> Option<Placed> {
        let entry = FileEntry {
            filename: self.filename.into_owned(),
            mimetype: self.mimetype.into_owned(),
            nonce: STANDARD.decode(self.nonce).ok()?,
            authentication_tag: STANDARD.decode(self.authentication_tag).ok()?,
            key: FileKey::from_base64(&self.key).ok()?,
        };
        Some(Placed { path: self.path.into_owned(), entry })
    }
}

fn text_of(value: &impl Serialize) -> Result<String, ClientError> {
    serde_json::to_string(value).map_err(|e| ClientError::failed(e.to_string()))
}
