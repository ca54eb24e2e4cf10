//! What the suite asks of a client.

use super::SideFeature;
use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::{Content, CreatedIdentity, Feature, Hello, Listing, PublicLink};

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
    /// Has a new key pair take the place of the account's, under a mnemonic of its own, and brings every encrypted folder
    /// over to it. Answer: [`CreatedIdentity`].
    RenewKeys {},
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
    /// Shares an encrypted folder by a public link, whose user becomes a member. Answer: [`PublicLink`], or `{}` if the
    /// adapter cannot tell.
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
    /// Uses something that the client offers beside the files themselves: answer `{}`, or the error `unsupported` if it does
    /// not have it.
    SideFeature {
        /// What.
        feature: SideFeature,
        /// The file that it is about.
        path: String,
        /// What the user types: to search for, the comment, the tag. For a log nothing.
        text: String,
    },
    /// Brings the device up to date: every encrypted folder is refreshed, verified and downloaded. Answer: `{}`.
    Sync {},
    /// Disconnects. State is kept for a later `start`. Answer: `{}`.
    Stop {},
}

impl Request {
    /// The names of all methods.
    pub const METHODS: [&'static str; 24] = [
        "hello",
        "start",
        "create_identity",
        "restore_identity",
        "renew_certificate",
        "renew_keys",
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
        "side_feature",
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
            Self::RenewKeys {} => "renew_keys",
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
            Self::SideFeature { .. } => "side_feature",
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
