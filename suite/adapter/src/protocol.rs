//! Methods, answers and error codes: version 1 of the adapter protocol.

use serde::{Deserialize, Serialize};

/// The version of the protocol, the member `protocol` of the answer to `hello`.
pub const PROTOCOL_VERSION: u32 = 1;

/// The longest line that either side has to accept, in bytes, the line end included.
pub const MAX_LINE: usize = 64 * 1024 * 1024;

/// What the suite asks of a client. On the wire: `method` is the name, `params` the members.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Who are you? Always the first request. Answer: [`Hello`].
    Hello {},
    /// Connects a device to an account. A second `start` after `stop` is a restart of the same device:
    /// it keeps what it knew. Answer: `{}`.
    Start(Start),
    /// Makes the key pair of the account, has it certified and stores it. Answer: [`CreatedIdentity`].
    CreateIdentity {},
    /// Fetches the key pair of the account with its mnemonic. Answer: `{}`.
    RestoreIdentity {
        /// Twelve words separated by single blanks.
        mnemonic: String,
    },
    /// Has the key of the account certified anew, and brings every encrypted folder over to the new certificate.
    /// Answer: `{}`.
    RenewCertificate {},
    /// Makes a folder in the root of the account and encrypts it. Answer: `{}`.
    EncryptFolder {
        /// One path component.
        path: String,
    },
    /// Makes a folder inside an encrypted folder. Answer: `{}`.
    MakeFolder {
        /// `/`-separated, relative to the root of the account.
        path: String,
    },
    /// Creates or replaces a file. Answer: `{}` once the server has it.
    Write {
        /// `/`-separated, relative to the root of the account.
        path: String,
        /// The bytes, in base64.
        content: String,
    },
    /// Fetches and opens a file. Answer: [`Content`].
    Read {
        /// `/`-separated, relative to the root of the account.
        path: String,
    },
    /// Lists a folder as the server has it now. Answer: [`Listing`].
    List {
        /// `/`-separated; the empty string is the root of the account.
        path: String,
    },
    /// What lies on this device now, without asking the server. Answer: [`Listing`] of the whole tree.
    Tree {},
    /// Renames or moves a file or folder. Answer: `{}`.
    Rename {
        /// The path it has.
        path: String,
        /// The path it gets.
        to: String,
    },
    /// Copies a file or folder; the copy is one of its own. Answer: `{}`.
    Copy {
        /// The path it has.
        path: String,
        /// The path of the copy.
        to: String,
    },
    /// Deletes a file or folder. Answer: `{}`.
    Remove {
        /// The path to delete.
        path: String,
    },
    /// Shares an encrypted folder of the root with a user. Answer: `{}`.
    Share {
        /// The folder.
        path: String,
        /// The user id.
        with: String,
    },
    /// Takes the folder back from a user. Answer: `{}`.
    Unshare {
        /// The folder.
        path: String,
        /// The user id.
        with: String,
    },
    /// Shares an encrypted folder by a public link, whose user becomes a member; mnemonic and link are told to the user by
    /// the client's own way. Answer: `{}`.
    SharePublicly {
        /// The folder.
        path: String,
    },
    /// Leaves a folder that another user has shared: it stays for all others. Answer: `{}`.
    Leave {
        /// The folder.
        path: String,
    },
    /// Has the server keep others from editing a file, as by its app `files_lock`. Answer: `{}`.
    LockFile {
        /// The file.
        path: String,
    },
    /// Lets others edit the file again. Answer: `{}`.
    UnlockFile {
        /// The file.
        path: String,
    },
    /// Brings the device up to date: every encrypted folder is refreshed, verified and downloaded. Answer: `{}`.
    Sync {},
    /// Disconnects. State is kept for a later `start`. Answer: `{}`.
    Stop {},
}

impl Request {
    /// The names of all methods.
    pub const METHODS: [&'static str; 22] = [
        "hello",
        "start",
        "create_identity",
        "restore_identity",
        "renew_certificate",
        "encrypt_folder",
        "make_folder",
        "write",
        "read",
        "list",
        "tree",
        "rename",
        "copy",
        "remove",
        "share",
        "unshare",
        "share_publicly",
        "leave",
        "lock_file",
        "unlock_file",
        "sync",
        "stop",
    ];

    /// The name of the method.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Hello {} => "hello",
            Self::Start(_) => "start",
            Self::CreateIdentity {} => "create_identity",
            Self::RestoreIdentity { .. } => "restore_identity",
            Self::RenewCertificate {} => "renew_certificate",
            Self::EncryptFolder { .. } => "encrypt_folder",
            Self::MakeFolder { .. } => "make_folder",
            Self::Write { .. } => "write",
            Self::Read { .. } => "read",
            Self::List { .. } => "list",
            Self::Tree {} => "tree",
            Self::Rename { .. } => "rename",
            Self::Copy { .. } => "copy",
            Self::Remove { .. } => "remove",
            Self::Share { .. } => "share",
            Self::Unshare { .. } => "unshare",
            Self::SharePublicly { .. } => "share_publicly",
            Self::Leave { .. } => "leave",
            Self::LockFile { .. } => "lock_file",
            Self::UnlockFile { .. } => "unlock_file",
            Self::Sync {} => "sync",
            Self::Stop {} => "stop",
        }
    }
}

/// Without the parameters: they hold passwords and mnemonics.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} …)", self.method())
    }
}

/// The parameters of `start`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Base URL without a trailing slash, for example `http://127.0.0.1:8080/t/7`.
    pub server: String,
    /// User id for HTTP Basic.
    pub user: String,
    /// Password for HTTP Basic.
    pub password: String,
    /// A folder of the device's own, absolute. Its subfolder `files` is what the user sees; nothing that
    /// comes from the server may appear anywhere else.
    pub dir: String,
    /// Key material to begin with, as if it had been restored before. Only for clients with the feature
    /// [`Feature::SeedIdentity`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<SeedIdentity>,
    /// The newest metadata version that this device reads and writes, as if it ran an older release of the client,
    /// for example `1.2`. Only for clients with the feature [`Feature::Speaks`]; absent: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaks: Option<String>,
}

impl std::fmt::Debug for Start {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Start({} at {} …)", self.user, self.server)
    }
}

/// Key material of a user in the clear.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedIdentity {
    /// X.509, PEM.
    pub certificate: String,
    /// PKCS#8, PEM.
    pub private_key: String,
    /// Twelve words separated by single blanks.
    pub mnemonic: String,
}

impl std::fmt::Debug for SeedIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeedIdentity(…)")
    }
}

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

/// Why a request did not succeed: a closed set. On the wire `error.code` is [`Failure::code`], `error.message`
/// the reason, and `error.data` may hold `released`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The client refuses for the user's safety.
    Refused,
    /// Somebody else holds the lock; try later.
    Busy,
    /// The client lacks the feature.
    Unsupported,
    /// Anything else: not found, no network, a bug.
    Failed,
}

impl Failure {
    /// The number in `error.code`.
    pub fn code(self) -> i64 {
        match self {
            Self::Refused => 1,
            Self::Busy => 2,
            Self::Unsupported => 3,
            Self::Failed => 4,
        }
    }

    /// The failure of a number. JSON-RPC's own "method not found" counts as [`Failure::Unsupported`], its
    /// "internal error", by which libraries report an exception, as [`Failure::Failed`].
    pub fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            1 => Self::Refused,
            2 => Self::Busy,
            3 | METHOD_NOT_FOUND => Self::Unsupported,
            4 | INTERNAL_ERROR => Self::Failed,
            _ => return None,
        })
    }
}

/// JSON-RPC 2.0: the method does not exist.
pub const METHOD_NOT_FOUND: i64 = -32601;
/// JSON-RPC 2.0: the parameters do not fit.
pub const INVALID_PARAMS: i64 = -32602;
/// JSON-RPC 2.0: the program met an error of its own.
pub const INTERNAL_ERROR: i64 = -32603;
/// JSON-RPC 2.0: the line is no request.
pub const INVALID_REQUEST: i64 = -32600;
/// JSON-RPC 2.0: the line is no JSON.
pub const PARSE_ERROR: i64 = -32700;

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
