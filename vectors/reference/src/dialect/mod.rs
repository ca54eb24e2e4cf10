//! How the released clients write, which is neither as the specification has it nor alike.
//!
//! A [`Dialect`] is plain data. Readers take all dialects without being told; functions that write, and whose
//! name ends in `_as`, take one and use the parts that concern them. Everything else writes
//! [`Dialect::SPECIFIED`].

mod clients;
mod forms;
mod layout;
mod names;

pub use forms::{
    Dialect, EmptyMaps, EntryVersion, FileTag, Identifiers, MetadataForm, MetadataV1Form, NonceLength,
    PemForm, PrivateKeyForm, Salt, Separator, SubfolderChecksums, SubfolderUsers, UpdatedKey, VersionForm,
};
pub use forms::{Encoding, SignatureAlgorithm, SignatureForm, SignedAttributes};
pub use layout::Layout;
pub use names::UnknownDialect;
