//! Methods, answers and error codes: version 1 of the adapter protocol.

mod failure;
mod request;

pub use failure::{Failure, INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR};
pub use request::{Request, SeedIdentity, Start};

use serde::{Deserialize, Serialize};

/// The version of the protocol, the member `protocol` of the answer to `hello`.
pub const PROTOCOL_VERSION: u32 = 1;

/// The longest line that either side has to accept, in bytes, the line end included.
pub const MAX_LINE: usize = 64 * 1024 * 1024;

/// The answer to `hello`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// The client's name, for the report.
    pub name: String,
    /// The client's version, for the report.
    pub version: String,
    /// [`PROTOCOL_VERSION`].
    pub protocol: u32,
    /// What the client can do beyond writing and reading one folder.
    pub features: Vec<Feature>,
    /// Metadata versions that it reads, for example `["2.0", "2.1"]`.
    pub reads: Vec<String>,
    /// Metadata versions that it writes when the server announces them.
    pub writes: Vec<String>,
}

/// Optional abilities of a client. A scenario that needs one is skipped when it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// `create_identity`.
    CreateIdentity,
    /// `restore_identity`.
    RestoreIdentity,
    /// `renew_certificate`.
    RenewCertificate,
    /// `renew_keys`.
    RenewKeys,
    /// `start` takes an `identity`.
    SeedIdentity,
    /// `start` takes a version, `speaks`.
    Speaks,
    /// `make_folder`, and files in folders inside an encrypted folder.
    Subfolder,
    /// `rename`.
    Rename,
    /// `copy`.
    Copy,
    /// `remove`.
    Remove,
    /// `share` and `unshare`.
    Share,
    /// `share_publicly`.
    SharePublicly,
    /// `leave`.
    Leave,
    /// `lock_file` and `unlock_file`.
    LockFile,
    /// Killed at any moment and started anew with the same `dir`, it knows what it knew.
    OutlivesKill,
    /// `side_feature`.
    SideFeatures,
    /// An answer of the server that is not there in full after five seconds is none.
    ShortPatience,
    /// A new file of 600,000 bytes is uploaded in chunks.
    ShortChunks,
}

/// What a client may offer beside the files themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideFeature {
    /// Searches for files by what is typed.
    Search,
    /// Comments on a file.
    Comment,
    /// Puts a tag on a file.
    Tag,
    /// Sends the client's log to whoever helps the user, by way of the server.
    SendLog,
}

/// The answer to `create_identity`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct CreatedIdentity {
    /// Twelve words separated by single blanks.
    pub mnemonic: String,
}

impl std::fmt::Debug for CreatedIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CreatedIdentity(…)")
    }
}

/// The answer to `share_publicly` of a client that can say what the user is told; others answer `{}`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicLink {
    /// The token of the link, the last part of its address.
    pub token: String,
    /// Twelve words separated by single blanks, which open the link's private key.
    pub mnemonic: String,
}

impl std::fmt::Debug for PublicLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PublicLink(…)")
    }
}

/// The answer to `read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The bytes, in base64.
    pub content: String,
}

/// The answer to `list` and `tree`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// In no particular order.
    pub entries: Vec<Entry>,
}

/// One file or folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// For `list` the name; for `tree` the path relative to the root of the account.
    pub path: String,
    /// File or folder.
    pub kind: EntryKind,
    /// Plaintext bytes; files only, may be missing in `list`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of the plaintext, lower-case hex; files in `tree` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Kind of an [`Entry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// A request that did not succeed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{failure:?}: {reason}")]
pub struct ClientError {
    /// The kind.
    pub failure: Failure,
    /// For people; no secrets.
    pub reason: String,
    /// Plaintext that reached the application or the disk before the refusal.
    pub released: Vec<Released>,
}

/// Plaintext given out before an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Released {
    /// The path it was given out for.
    pub path: String,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
    /// Their number.
    pub size: u64,
}

/// What a user would see. On the wire: the notification `warning` with these params.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// A short stable word, for example `certificate-changed`.
    pub kind: String,
    /// For people; no secrets.
    pub text: String,
}

/// What a user would be asked. On the wire: the request `question` with [`Notice`]'s members as params;
/// the suite answers `{"answer": "yes"}` or `{"answer": "no"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The user agrees.
    Yes,
    /// The user does not.
    No,
}

impl ClientError {
    /// The client refuses for the user's safety.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::new(Failure::Refused, reason)
    }
    /// Somebody else holds the lock.
    pub fn busy(reason: impl Into<String>) -> Self {
        Self::new(Failure::Busy, reason)
    }
    /// The client lacks the feature.
    pub fn unsupported(reason: impl Into<String>) -> Self {
        Self::new(Failure::Unsupported, reason)
    }
    /// Anything else.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::new(Failure::Failed, reason)
    }
    fn new(failure: Failure, reason: impl Into<String>) -> Self {
        Self { failure, reason: reason.into(), released: Vec::new() }
    }
}
