//! What a server knows, without HTTP: plain state and the operations on it.
//!
//! The operations follow the app `end_to_end_encryption` in the release that is set ([`AppVersion`]); their
//! outcomes are typed, and the face maps them to statuses and texts.
//!
//! [`AppVersion`]: crate::AppVersion

mod access;
mod collections;
mod content;
mod files;
mod histories;
mod ids;
mod locks;
mod logins;
mod metadata;
mod pending;
mod permissions;
mod relocate;
mod restore;
mod rollback;
mod shares;
mod state;
mod stored;
mod trash;
mod tree;
mod uploads;
mod user_locks;
mod users;
mod v1;
mod view;
mod whole;

pub use access::{Access, Caller, Denied, FlagError};
pub use collections::{Collection, CollectionKind, Object, TooMany};
pub use content::Content;
pub use files::{Stored, Upload, WriteError, Writer};
pub use ids::FileId;
pub(crate) use ids::Ids;
pub use locks::{LockError, UnlockError};
pub use metadata::{FiledropError, MetadataError};
pub use permissions::Permissions;
pub use shares::{NewShare, Share, ShareError, ShareId, ShareType};
pub use state::Model;
pub(crate) use stored::StoredMetadata;
pub use trash::Trashed;
pub use tree::{Node, Properties};
pub use uploads::UploadError;
pub use user_locks::{UserLock, UserLockError};
pub use users::{KeyOwner, User};
pub use v1::V1Error;
pub use view::Entry;
