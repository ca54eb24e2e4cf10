//! The Nextcloud end-to-end encryption protocol without input or output: what a correct client
//! computes, what it reads, and what it refuses.
//!
//! Bytes go in, bytes or typed errors come out; nothing here opens a file or a connection. Formats are
//! those of metadata 2.0 and 2.1 (`RFC.md` of `nextcloud/end_to_end_encryption_rfc`) and, in [`metadata_v1`],
//! of 1.0 (`RFC_v1.md`), 1.1 and 1.2 (the clients of their time); requirement ids such as `R2-VER-04` number
//! the sentences of those texts. Readers are as lenient as the released clients force them to be, writers
//! follow the text, or a client if they are asked to ([`dialect`]).

mod asn1;
mod base64;
mod envelope;
mod gzip;
mod json;
mod pem;
mod secret;
mod separated;

pub mod authority;
pub mod backend;
pub mod canonical_json;
pub mod certificate;
pub mod dialect;
pub mod error;
pub mod file_cipher;
pub mod filedrop;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod identity;
pub mod metadata;
pub mod metadata_v1;
pub mod migration;
pub mod mnemonic;
pub mod private_key_blob;
pub mod random;
pub mod recognise;
pub mod signature;
pub mod trust;
pub mod unlawful;

pub use error::Error;
