//! What a server knows, without HTTP: plain state and the operations on it.
//!
//! The operations follow the app `end_to_end_encryption` 2.2.3; their outcomes are typed, and the face maps
//! them to statuses and texts.

mod access;
mod files;
mod ids;
mod locks;
mod metadata;
mod pending;
mod permissions;
mod relocate;
mod shares;
mod state;
mod tree;
mod users;
mod view;

pub use access::{Access, Caller, Denied, FlagError};
pub use files::{Stored, Upload, WriteError, Writer};
pub use ids::FileId;
pub(crate) use ids::{now, secret_text};
pub use locks::{LockError, UnlockError};
pub use metadata::{FiledropError, MetadataError};
pub use permissions::Permissions;
pub use shares::{NewShare, Share, ShareError, ShareId, ShareType};
pub use state::Model;
pub use tree::Node;
pub use users::{KeyOwner, User};
pub use view::Entry;
