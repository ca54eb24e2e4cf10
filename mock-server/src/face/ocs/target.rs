//! The routes of the OCS APIs.

use crate::exchange::Endpoint;
use crate::release::Behaviour;

/// What a path below `/ocs/v2.php` names. Ids are as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target<'p> {
    PrivateKey,
    PublicKey,
    ServerKey,
    Encrypted(&'p str),
    EncryptedFiles,
    Lock(&'p str),
    Metadata(&'p str),
    Filedrop(&'p str),
    LockV1(&'p str),
    MetadataV1(&'p str),
    FiledropV1(&'p str),
    Capabilities,
    OwnUser,
    User(&'p str),
    Users,
    UserGroups(&'p str),
    Groups,
    Group(&'p str),
    Shares,
    Share(&'p str),
    Sharees,
    NewAppPassword,
    AppPassword,
    Unknown,
}

impl<'p> Target<'p> {
    pub(crate) fn of(names: &[&'p str], behaviour: &Behaviour) -> Self {
        match names {
            ["apps", "end_to_end_encryption", "api", version @ ("v1" | "v2"), rest @ ..] => {
                if *version == "v2" && !behaviour.api_v2 {
                    return Self::Unknown;
                }
                Self::of_encryption(rest, *version == "v2", behaviour)
            }
            ["apps", "files_sharing", "api", "v1", rest @ ..] => match rest {
                ["shares"] => Self::Shares,
                ["shares", id] => Self::Share(id),
                ["sharees"] => Self::Sharees,
                _ => Self::Unknown,
            },
            ["cloud", "capabilities"] => Self::Capabilities,
            ["cloud", "user"] => Self::OwnUser,
            ["cloud", "users"] => Self::Users,
            ["cloud", "users", id] => Self::User(id),
            ["cloud", "users", id, "groups"] => Self::UserGroups(id),
            ["cloud", "groups"] => Self::Groups,
            ["cloud", "groups", id] => Self::Group(id),
            ["core", "getapppassword"] => Self::NewAppPassword,
            ["core", "apppassword"] => Self::AppPassword,
            _ => Self::Unknown,
        }
    }

    fn of_encryption(names: &[&'p str], v2: bool, behaviour: &Behaviour) -> Self {
        match names {
            ["private-key"] => Self::PrivateKey,
            ["public-key"] => Self::PublicKey,
            ["server-key"] => Self::ServerKey,
            ["encrypted", id] => Self::Encrypted(id),
            ["encrypted-files"] => Self::EncryptedFiles,
            ["lock", id] if v2 => Self::Lock(id),
            ["meta-data", id] if v2 => Self::Metadata(id),
            ["meta-data", id, "filedrop"] if v2 => Self::Filedrop(id),
            ["lock", id] => Self::LockV1(id),
            ["meta-data", id] => Self::MetadataV1(id),
            ["meta-data", id, "filedrop"] if behaviour.v1_filedrop => Self::FiledropV1(id),
            _ => Self::Unknown,
        }
    }

    /// The verbs that are routed.
    pub(crate) fn verbs(self, behaviour: &Behaviour) -> &'static [&'static str] {
        match self {
            Self::PublicKey if !behaviour.stores_certificates => &["GET", "POST", "DELETE"],
            Self::PrivateKey => &["GET", "POST", "DELETE"],
            Self::PublicKey | Self::Metadata(_) | Self::MetadataV1(_) => &["GET", "POST", "PUT", "DELETE"],
            Self::Encrypted(_) => &["PUT", "DELETE"],
            Self::Lock(_) | Self::LockV1(_) => &["POST", "DELETE"],
            Self::Filedrop(_) | Self::FiledropV1(_) => &["PUT"],
            Self::EncryptedFiles | Self::AppPassword => &["DELETE"],
            Self::Shares | Self::Users | Self::Groups => &["GET", "POST"],
            Self::User(_) => &["GET", "DELETE"],
            Self::UserGroups(_) => &["GET", "POST", "DELETE"],
            Self::Group(_) => &["DELETE"],
            Self::Share(_) => &["GET", "PUT", "DELETE"],
            Self::ServerKey
            | Self::Capabilities
            | Self::OwnUser
            | Self::Sharees
            | Self::NewAppPassword
            | Self::Unknown => &["GET"],
        }
    }

    /// Whether the handler itself insists on a login; others decide what anonymous callers get.
    pub(crate) fn needs_login(self, method: &str, behaviour: &Behaviour) -> bool {
        match self {
            Self::PrivateKey | Self::PublicKey | Self::ServerKey | Self::Encrypted(_) | Self::Metadata(_)
                if !behaviour.link_users =>
            {
                true
            }
            Self::PrivateKey | Self::PublicKey => method != "GET",
            Self::Encrypted(_) => method == "DELETE",
            Self::EncryptedFiles
            | Self::OwnUser
            | Self::User(_)
            | Self::Users
            | Self::UserGroups(_)
            | Self::Groups
            | Self::Group(_)
            | Self::Shares
            | Self::Share(_)
            | Self::Sharees
            | Self::NewAppPassword
            | Self::MetadataV1(_)
            | Self::AppPassword => true,
            Self::ServerKey
            | Self::Lock(_)
            | Self::Metadata(_)
            | Self::Filedrop(_)
            | Self::LockV1(_)
            | Self::FiledropV1(_)
            | Self::Capabilities
            | Self::Unknown => false,
        }
    }

    /// Whether refusals count for the brute-force protection.
    pub(crate) fn is_protected(self, method: &str) -> bool {
        match self {
            Self::PrivateKey | Self::PublicKey => method == "GET",
            Self::Encrypted(_) => method == "PUT",
            Self::Lock(_) | Self::Metadata(_) | Self::Filedrop(_) => true,
            _ => false,
        }
    }

    /// Whether only clients that support end-to-end encryption get in.
    pub(crate) fn needs_supported_client(self, method: &str, behaviour: &Behaviour) -> bool {
        match self {
            Self::PrivateKey | Self::PublicKey => method != "DELETE",
            Self::ServerKey | Self::Encrypted(_) | Self::Lock(_) | Self::LockV1(_) => true,
            Self::Metadata(_) => method == "GET" || behaviour.gates_metadata_writes,
            Self::MetadataV1(_) => method == "GET",
            _ => false,
        }
    }
}

/// The operation that a verb on a target is.
pub(crate) fn endpoint(target: &Target<'_>, method: &str) -> Endpoint {
    match (target, method) {
        (Target::Lock(_) | Target::LockV1(_), "POST") => Endpoint::PostLock,
        (Target::Lock(_) | Target::LockV1(_), "DELETE") => Endpoint::DeleteLock,
        (Target::Metadata(_) | Target::MetadataV1(_), "GET") => Endpoint::GetMetadata,
        (Target::Metadata(_) | Target::MetadataV1(_), "POST") => Endpoint::PostMetadata,
        (Target::Metadata(_) | Target::MetadataV1(_), "PUT") => Endpoint::PutMetadata,
        (Target::Metadata(_) | Target::MetadataV1(_), "DELETE") => Endpoint::DeleteMetadata,
        (Target::Filedrop(_) | Target::FiledropV1(_), "PUT") => Endpoint::PutFiledrop,
        (Target::PublicKey, "GET") => Endpoint::GetPublicKey,
        (Target::PublicKey, "POST") => Endpoint::PostPublicKey,
        (Target::PublicKey, "PUT") => Endpoint::PutPublicKey,
        (Target::PublicKey, "DELETE") => Endpoint::DeletePublicKey,
        (Target::PrivateKey, "GET") => Endpoint::GetPrivateKey,
        (Target::PrivateKey, "POST") => Endpoint::PostPrivateKey,
        (Target::PrivateKey, "DELETE") => Endpoint::DeletePrivateKey,
        (Target::ServerKey, "GET") => Endpoint::GetServerKey,
        (Target::Encrypted(_), "PUT") => Endpoint::PutEncrypted,
        (Target::Encrypted(_), "DELETE") => Endpoint::DeleteEncrypted,
        (Target::EncryptedFiles, "DELETE") => Endpoint::DeleteEncryptedFiles,
        (Target::Capabilities, "GET") => Endpoint::GetCapabilities,
        (Target::OwnUser | Target::User(_), "GET") => Endpoint::GetUser,
        (Target::Shares | Target::Share(_), "GET") => Endpoint::GetShares,
        (Target::Shares, "POST") => Endpoint::PostShares,
        (Target::Share(_), "PUT") => Endpoint::PutShares,
        (Target::Share(_), "DELETE") => Endpoint::DeleteShares,
        (Target::Sharees, "GET") => Endpoint::GetSharees,
        _ => Endpoint::Other,
    }
}
