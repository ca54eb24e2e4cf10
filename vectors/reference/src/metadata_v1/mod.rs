//! Metadata 1.0, 1.1 and 1.2: one document for each folder, with a metadata key of its own, that belongs to
//! one user and carries no signature.
//!
//! What of it can be believed: each string is authenticated by the metadata key, but that key is only wrapped
//! for the user's public key, so the server can make one. In 1.2 a checksum over the mnemonic binds key and
//! file ids ([`Document::checksum_matches`]); 1.0 and 1.1 have nothing, and a client must not write under
//! their keys. [`trust::judge_v1`](crate::trust::judge_v1) holds the rules,
//! [`migration`](crate::migration) the way out.

mod checksum;
mod contents;
mod document;
mod filedrop;
mod keys;
mod seal;
mod symmetric;
mod version;

pub use checksum::checksum;
pub use contents::{Contents, DIRECTORY, Damaged, File};
pub use document::{Document, with_filedrop};
pub use filedrop::{FiledropEntry, take_in};
pub use keys::{Keys, unwrap_key, wrap_key};
pub use seal::{Target, seal, seal_as};
pub use symmetric::{open_text, seal_text};
pub use version::Version;
