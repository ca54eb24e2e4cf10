//! What is judged, what it is held against, and what comes out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::certificate::PublicKey;
use crate::metadata::{Contents, Document, MetadataKey, User, Version};

/// SHA-256 of a certificate's DER.
type Fingerprint = [u8; 32];

/// What a device knows of a folder since it last accepted its metadata. Kept for each folder, subfolders
/// included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The highest version accepted.
    pub version: Version,
    /// The counter of the last accepted document.
    pub counter: u64,
    /// SHA-256 of the signed content of the last accepted document.
    pub content_digest: [u8; 32],
    /// All checksums of metadata keys that were listed; empty for subfolders.
    pub key_checksums: BTreeSet<String>,
    /// The checksum of the metadata key in use.
    pub key_checksum: String,
    /// The members with the fingerprints of their certificates; empty for subfolders.
    pub members: BTreeMap<String, Fingerprint>,
    /// Whether it is a root folder.
    pub is_root: bool,
}

/// Whom a device trusts, since it first met them (R2-SHR-01, R2-SHR-06).
#[derive(Debug, Clone)]
pub struct Pins {
    /// The device's own user.
    pub user_id: String,
    /// The key of the instance (R2-KEY-02).
    pub server_key: PublicKey,
    /// The fingerprint of everybody's certificate, the own one included.
    pub certificates: BTreeMap<String, Fingerprint>,
}

impl Known {
    /// What is known of a root folder that so far had documents of 1.x: they have one member, and he is the one to
    /// migrate it.
    #[must_use]
    pub fn of_one(user_id: &str, certificate: Fingerprint) -> Self {
        let members = BTreeMap::from([(user_id.to_owned(), certificate)]);
        Self { members, is_root: true, ..Self::default() }
    }
}

impl Pins {
    /// Remembers certificates that were accepted; who is pinned already stays as he is.
    pub fn learn(&mut self, new_pins: BTreeMap<String, Fingerprint>) {
        for (user_id, fingerprint) in new_pins {
            self.certificates.entry(user_id).or_insert(fingerprint);
        }
    }
}

/// A document as it came from the server, opened but not yet believed.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The outer document.
    pub document: &'a Document,
    /// The signature that came with it, in base64; may be empty.
    pub signature: &'a str,
    /// The opened contents.
    pub contents: &'a Contents,
    /// The key that opened them.
    pub metadata_key: &'a MetadataKey,
    /// The members of the accepted root document when this is the document of a subfolder; `None` for a root.
    pub root_members: Option<&'a [User]>,
    /// The names under which the server lists the folder's nodes, that is ids of files and subfolders; `None`
    /// when it was not listed.
    pub listing: Option<&'a [String]>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// A document that may be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What to remember of the folder.
    pub known: Known,
    /// Members met for the first time; see [`Pins::learn`].
    pub new_pins: BTreeMap<String, Fingerprint>,
    /// Files and subfolders that must not be used: their ids and the names of the rules that they break. They
    /// stay in the contents when these are written again.
    pub set_aside: Vec<(String, &'static str)>,
    /// What the user should be told.
    pub notices: Vec<Notice>,
    /// Who signed; `None` only if the rules about signatures are switched off.
    pub signer: Option<String>,
}

/// Something odd that does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The rule's name.
    pub rule: &'static str,
    /// What breaks it.
    pub reason: String,
}

/// Why something must not be believed. A client then leaves the folder alone and tells its user (R2-VER-08).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule's name.
    pub rule: &'static str,
    /// The requirements behind the rule.
    pub requirements: &'static [&'static str],
    /// What breaks it, for the user.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {} ({})", self.rule, self.reason, self.requirements.join(", "))
    }
}

impl std::error::Error for Refusal {}
