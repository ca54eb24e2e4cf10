//! What a device is asked to do.

use e2ee_adapter::protocol::{Feature, SideFeature};
use serde::{Deserialize, Serialize};

/// What a device is asked to do, in scenario spelling. Paths are `/`-separated and relative to the root of
/// the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Connects again after [`Action::Stop`]; every device is connected when a play begins.
    Start {},
    /// Disconnects; what it knows is kept.
    Stop {},
    /// [`Action::Stop`], then [`Action::Start`].
    Restart {},
    /// Makes the key pair of the account.
    CreateIdentity {},
    /// Fetches the key pair of the account with the user's mnemonic.
    RestoreIdentity {
        /// Other words than the user's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mnemonic: Option<String>,
    },
    /// Has the key of the account certified anew, for all folders.
    RenewCertificate {},
    /// Has a new key pair take the place of the account's, for all folders.
    RenewKeys {},
    /// Makes an encrypted folder in the root of the account.
    EncryptFolder {
        /// One component.
        path: String,
    },
    /// Makes a folder inside an encrypted folder.
    MakeFolder {
        /// The folder.
        path: String,
    },
    /// Creates or replaces a file.
    Write {
        /// The file.
        path: String,
        /// Literal text. Without it a random canary is written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
        /// The canary's length in bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<u32>,
    },
    /// Reads a file; a success is compared with what was written last.
    Read {
        /// The file.
        path: String,
    },
    /// Lists a folder as the server has it.
    List {
        /// The folder; empty is the root of the account.
        path: String,
    },
    /// Lists what lies on the device.
    Tree {},
    /// Renames or moves.
    Rename {
        /// From.
        path: String,
        /// To.
        to: String,
    },
    /// Copies.
    Copy {
        /// From.
        path: String,
        /// To.
        to: String,
    },
    /// Deletes.
    Remove {
        /// The file or folder.
        path: String,
    },
    /// Shares an encrypted folder.
    Share {
        /// The folder.
        path: String,
        /// The user id.
        with: String,
    },
    /// Takes it back.
    Unshare {
        /// The folder.
        path: String,
        /// The user id.
        with: String,
    },
    /// Shares an encrypted folder by a public link.
    SharePublicly {
        /// The folder.
        path: String,
    },
    /// Leaves a folder that another user has shared.
    Leave {
        /// The folder.
        path: String,
    },
    /// Has the server keep others from editing a file.
    LockFile {
        /// The file.
        path: String,
    },
    /// Lets others edit it again.
    UnlockFile {
        /// The file.
        path: String,
    },
    /// Uses something that the client offers beside the files themselves. What the user types is the file's name.
    SideFeature {
        /// What.
        feature: SideFeature,
        /// The file.
        path: String,
    },
    /// Brings the device up to date.
    Sync {},
}

/// The largest canary, in bytes.
pub(crate) const MAX_SIZE: u32 = 32 * 1024 * 1024;

impl Action {
    /// The method's name in scenario spelling.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Start {} => "start",
            Self::Stop {} => "stop",
            Self::Restart {} => "restart",
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
        }
    }

    /// The paths that it names.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Self::EncryptFolder { path }
            | Self::MakeFolder { path }
            | Self::Write { path, .. }
            | Self::Read { path }
            | Self::List { path }
            | Self::Remove { path }
            | Self::Share { path, .. }
            | Self::Unshare { path, .. }
            | Self::SharePublicly { path }
            | Self::Leave { path }
            | Self::LockFile { path }
            | Self::UnlockFile { path }
            | Self::SideFeature { path, .. } => vec![path],
            Self::Rename { path, to } | Self::Copy { path, to } => vec![path, to],
            _ => Vec::new(),
        }
    }

    /// The same with every path replaced.
    pub fn map_paths(&self, map: impl Fn(&str) -> String) -> Self {
        let mut mapped = self.clone();
        match &mut mapped {
            Self::EncryptFolder { path }
            | Self::MakeFolder { path }
            | Self::Write { path, .. }
            | Self::Read { path }
            | Self::List { path }
            | Self::Remove { path }
            | Self::Share { path, .. }
            | Self::Unshare { path, .. }
            | Self::SharePublicly { path }
            | Self::Leave { path }
            | Self::LockFile { path }
            | Self::UnlockFile { path }
            | Self::SideFeature { path, .. } => *path = map(path),
            Self::Rename { path, to } | Self::Copy { path, to } => {
                *path = map(path);
                *to = map(to);
            }
            _ => {}
        }
        mapped
    }

    /// The optional feature that a client needs for it.
    pub fn feature(&self) -> Option<Feature> {
        match self {
            Self::CreateIdentity {} => Some(Feature::CreateIdentity),
            Self::RestoreIdentity { .. } => Some(Feature::RestoreIdentity),
            Self::RenewCertificate {} => Some(Feature::RenewCertificate),
            Self::RenewKeys {} => Some(Feature::RenewKeys),
            Self::MakeFolder { .. } => Some(Feature::Subfolder),
            Self::Rename { .. } => Some(Feature::Rename),
            Self::Copy { .. } => Some(Feature::Copy),
            Self::Remove { .. } => Some(Feature::Remove),
            Self::Share { .. } | Self::Unshare { .. } => Some(Feature::Share),
            Self::SharePublicly { .. } => Some(Feature::SharePublicly),
            Self::Leave { .. } => Some(Feature::Leave),
            Self::LockFile { .. } | Self::UnlockFile { .. } => Some(Feature::LockFile),
            Self::SideFeature { .. } => Some(Feature::SideFeatures),
            _ => None,
        }
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start {} => f.write_str("start"),
            Self::Stop {} => f.write_str("stop"),
            Self::Restart {} => f.write_str("restart"),
            Self::CreateIdentity {} => f.write_str("create the identity of the account"),
            Self::RestoreIdentity { mnemonic: None } => f.write_str("restore the identity with the mnemonic"),
            Self::RestoreIdentity { mnemonic: Some(_) } => {
                f.write_str("restore the identity with other words")
            }
            Self::RenewCertificate {} => f.write_str("renew the certificate of the account"),
            Self::RenewKeys {} => f.write_str("renew the keys of the account"),
            Self::EncryptFolder { path } => write!(f, "make the encrypted folder {path}"),
            Self::MakeFolder { path } => write!(f, "make the folder {path}"),
            Self::Write { path, .. } => write!(f, "write {path}"),
            Self::Read { path } => write!(f, "read {path}"),
            Self::List { path } if path.is_empty() => f.write_str("list the account's root"),
            Self::List { path } => write!(f, "list {path}"),
            Self::Tree {} => f.write_str("tell what lies on the device"),
            Self::Rename { path, to } => write!(f, "rename {path} to {to}"),
            Self::Copy { path, to } => write!(f, "copy {path} to {to}"),
            Self::Remove { path } => write!(f, "remove {path}"),
            Self::Share { path, with } => write!(f, "share {path} with {with}"),
            Self::Unshare { path, with } => write!(f, "take {path} back from {with}"),
            Self::SharePublicly { path } => write!(f, "share {path} by a public link"),
            Self::Leave { path } => write!(f, "leave {path}"),
            Self::LockFile { path } => write!(f, "lock {path} for editing"),
            Self::UnlockFile { path } => write!(f, "unlock {path}"),
            Self::SideFeature { feature: SideFeature::Search, path } => {
                write!(f, "search for {path} by its name")
            }
            Self::SideFeature { feature: SideFeature::Comment, path } => write!(f, "comment on {path}"),
            Self::SideFeature { feature: SideFeature::Tag, path } => write!(f, "put a tag on {path}"),
            Self::SideFeature { feature: SideFeature::SendLog, .. } => f.write_str("send the client's log"),
            Self::Sync {} => f.write_str("synchronise"),
        }
    }
}
