//! What the malicious server holds.

mod keys;
mod opens;

use std::collections::BTreeMap;

use bytes::Bytes;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Contents, MetadataKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::MoveError;
use crate::exchange::base64_bytes;
use crate::model::{FileId, Model};
use crate::test_keys::{self, Holder};
use keys::{HeldMetadataKey, HeldPrivateKey};

pub(super) use keys::Origin;
pub use opens::{Opened, Reading};

/// The attacker behind a tenant: keys that it made, chose or was given, and what it planted.
///
/// It holds no secret of the laboratory except the private keys of users that a scenario corrupts. Serialised it
/// goes into a transcript (private keys as PKCS#8 PEM: they were made to be seen), and what comes back opens the
/// same exchanges. Snapshots, phantoms' certificates and what corrupted users have read stay behind: they are for
/// playing, not for judging.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attacker {
    private_keys: Vec<HeldPrivateKey>,
    metadata_keys: Vec<HeldMetadataKey>,
    planted: Vec<Planted>,
    /// How many keys were made up.
    #[serde(skip)]
    made_up: usize,
    #[serde(skip)]
    phantoms: BTreeMap<String, Phantom>,
    #[serde(skip)]
    seen: BTreeMap<(FileId, String), Seen>,
    #[serde(skip)]
    snapshots: BTreeMap<String, Model>,
}

/// A file that the attacker made up and put into an encrypted folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Planted {
    /// The move's name.
    pub by: String,
    /// The folder, as the move names it.
    pub folder: String,
    /// The file's id in the metadata, its name on the server.
    pub file_id: String,
    /// The clear name.
    pub filename: String,
    /// The clear bytes, random each time. JSON: base64.
    #[serde(with = "base64_bytes")]
    #[schemars(with = "String")]
    pub content: Bytes,
}

/// A key that the attacker holds. The key itself stays with the attacker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it opens.
    pub kind: HeldKind,
    /// The user for whom things are wrapped that it opens, or the path of the folder.
    pub of: String,
    /// Which key it is and how the attacker came by it, for people.
    pub description: String,
}

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldKind {
    /// Whatever is wrapped for a user.
    PrivateKey,
    /// The metadata of a folder, and of all that is in it.
    MetadataKey,
}

/// A user that only the attacker has made.
#[derive(Debug, Clone)]
pub(super) struct Phantom {
    pub(super) certificate: Certificate,
    pub(super) key: PrivateKey,
}

/// What a corrupted member could read of a folder.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) metadata_key: MetadataKey,
    pub(super) contents: Contents,
}

impl Attacker {
    /// Gives the attacker a user's private key, as malware on a device would. The move `corrupt` refers to it.
    pub fn learn_private_key(&mut self, user: &str, key: PrivateKey) {
        self.hold_private_key(user, Origin::Corrupted, key);
    }

    /// Every key that the attacker holds, private keys first, each as people would call it. Metadata keys that it could
    /// unwrap from what clients upload are not among them: [`opens`](Self::opens) finds them.
    ///
    /// ```
    /// use e2ee_mock_server::adversary::{Attacker, HeldKind};
    ///
    /// let mut attacker = Attacker::default();
    /// attacker.learn_private_key("bob", e2ee_mock_server::test_key(1)?);
    /// let held = attacker.holds();
    /// assert_eq!((held[0].kind, held[0].of.as_str()), (HeldKind::PrivateKey, "bob"));
    /// assert_eq!(held[0].description, "private key of the corrupted user `bob`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn holds(&self) -> Vec<Held> {
        let private = self.private_keys.iter().map(|key| Held {
            kind: HeldKind::PrivateKey,
            of: key.user.clone(),
            description: key.to_string(),
        });
        let metadata = self.metadata_keys.iter().map(|key| Held {
            kind: HeldKind::MetadataKey,
            of: key.folder.clone(),
            description: key.to_string(),
        });
        private.chain(metadata).collect()
    }

    /// The files that the attacker has planted, oldest first.
    pub fn planted(&self) -> &[Planted] {
        &self.planted
    }

    /// What it takes to open things, without the states that were kept.
    pub(crate) fn without_states(&self) -> Self {
        let (private_keys, metadata_keys) = (self.private_keys.clone(), self.metadata_keys.clone());
        Self { private_keys, metadata_keys, ..Self::default() }
    }

    /// Whether it holds nothing but kept states: then these and the number of keys that it has made up are all of it.
    pub(crate) fn is_blank(&self) -> bool {
        let Self { private_keys, metadata_keys, planted, phantoms, seen, made_up: _, snapshots: _ } = self;
        let held = private_keys.is_empty() && metadata_keys.is_empty() && planted.is_empty();
        held && phantoms.is_empty() && seen.is_empty()
    }

    /// All of it if it is blank: the number of keys that it has made up, and the kept states.
    pub(crate) fn kept(&self) -> (usize, BTreeMap<String, Model>) {
        (self.made_up, self.snapshots.clone())
    }

    /// A blank one.
    pub(crate) fn blank(made_up: usize, snapshots: BTreeMap<String, Model>) -> Self {
        Self { made_up, snapshots, ..Self::default() }
    }

    /// A private key that this attacker has not used yet.
    pub(super) fn make_up_private_key(&mut self) -> Result<PrivateKey, MoveError> {
        let key = test_keys::key(Holder::Attacker, self.made_up)?;
        self.made_up += 1;
        Ok(key)
    }

    /// The same, with so many bits.
    pub(super) fn make_up_weak_key(&mut self, bits: u16) -> Result<PrivateKey, MoveError> {
        let key = test_keys::weak_key(self.made_up, bits)?;
        self.made_up += 1;
        Ok(key)
    }

    /// The same, with this public exponent.
    pub(super) fn make_up_key_with_exponent(&mut self, exponent: u32) -> Result<PrivateKey, MoveError> {
        let key = test_keys::key_with_exponent(self.made_up, exponent)?;
        self.made_up += 1;
        Ok(key)
    }

    /// Keeps a private key that opens what is wrapped for `user`.
    pub(super) fn hold_private_key(&mut self, user: &str, origin: Origin, key: PrivateKey) {
        self.private_keys.push(HeldPrivateKey { user: user.to_owned(), origin, key });
    }

    /// Keeps a metadata key of the folder; `origin` says how the attacker came by it.
    pub(super) fn hold_metadata_key(&mut self, folder: &str, origin: &str, key: MetadataKey) {
        if self.metadata_keys.iter().all(|held| held.key != key) {
            let (folder, origin) = (folder.to_owned(), origin.to_owned());
            self.metadata_keys.push(HeldMetadataKey { folder, origin, key });
        }
    }

    /// The own private key of a corrupted user.
    pub(super) fn corrupted(&self, user: &str) -> Result<&PrivateKey, MoveError> {
        let mut held = self.private_keys.iter().rev().filter(|held| held.origin == Origin::Corrupted);
        let found = held.find(|held| held.user == user).map(|held| &held.key);
        found.ok_or_else(|| MoveError::PrivateKeyNotHeld(user.to_owned()))
    }

    /// Keeps what a corrupted user can read of a folder.
    pub(super) fn remember(&mut self, folder: FileId, user: &str, seen: Seen) {
        self.seen.insert((folder, user.to_owned()), seen);
    }

    /// What a corrupted user could read of the folder last.
    pub(super) fn seen(&self, folder: FileId, user: &str) -> Option<&Seen> {
        self.seen.get(&(folder, user.to_owned()))
    }

    /// A phantom that was made before.
    pub(super) fn phantom(&self, user: &str) -> Option<&Phantom> {
        self.phantoms.get(user)
    }

    /// Keeps a new phantom and its private key.
    pub(super) fn keep_phantom(&mut self, user: &str, phantom: Phantom) {
        self.hold_private_key(user, Origin::Phantom, phantom.key.clone());
        self.phantoms.insert(user.to_owned(), phantom);
    }

    /// Keeps note of a planted file.
    pub(super) fn keep_planted(&mut self, planted: Planted) {
        self.planted.push(planted);
    }

    /// Keeps a state under a name.
    pub(super) fn keep_snapshot(&mut self, name: &str, model: Model) {
        self.snapshots.insert(name.to_owned(), model);
    }

    /// A kept state.
    pub(crate) fn snapshot(&self, name: &str) -> Result<&Model, MoveError> {
        self.snapshots.get(name).ok_or_else(|| MoveError::UnknownSnapshot(name.to_owned()))
    }

    /// The names of the kept states.
    pub fn snapshot_names(&self) -> impl Iterator<Item = &str> {
        self.snapshots.keys().map(String::as_str)
    }

    /// Forgets a kept state. `false`: there is none of this name.
    pub(crate) fn delete_snapshot(&mut self, name: &str) -> bool {
        self.snapshots.remove(name).is_some()
    }
}
