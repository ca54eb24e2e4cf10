//! Metadata 2.0 and 2.1: the outer document that the server stores, and what is sealed in it.
//!
//! The document of a root folder wraps one metadata key for each member; the documents of its subfolders have
//! no `users` and are sealed with the same key.

mod contents;
mod document;
mod key;
mod seal;
mod seal_as;
mod usual;
mod version;

pub use contents::{Contents, Damaged, FileEntry};
pub use document::{Document, Limits, User, with_filedrop, with_users};
pub use key::MetadataKey;
pub use seal::{Recipient, seal_root, seal_root_with_nonce, seal_subfolder, seal_subfolder_with_nonce};
pub use seal_as::{seal_root_as, seal_subfolder_as};
pub use version::Version;

pub(crate) use contents::{MAX_COUNTER, UNKNOWN_MIMETYPE, file_from_json, file_to_json};
pub(crate) use seal::{new_nonce, wrap};
