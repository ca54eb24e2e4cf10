//! Laws that hold for every input: what the targets of the folder `fuzz` run. Not part of the API.
//!
//! Each function takes the bytes that a fuzzer made and panics when a law is broken. An input that begins with
//! a zero byte is a plan by which something is built that random bytes would never be, such as contents under
//! an authentication tag; any other input is taken as it is, so that vectors are seeds. `other` is a second
//! backend, which must agree with OpenSSL in everything.

mod build;
mod canonical_json;
mod certificate;
mod file_cipher;
mod filedrop;
mod metadata_v1;
mod metadata_v2;
mod private_key_blob;
mod quick;
mod run;
mod seeds;
mod signature;

pub use canonical_json::canonical_json;
pub use certificate::certificate;
pub use file_cipher::file_cipher;
pub use filedrop::filedrop;
pub use metadata_v1::{metadata_v1, metadata_v1_contents};
pub use metadata_v2::{metadata_v2, metadata_v2_contents};
pub use private_key_blob::private_key_blob;
pub use quick::Quick;
pub use seeds::{Seed, seeds};
pub use signature::signature;
