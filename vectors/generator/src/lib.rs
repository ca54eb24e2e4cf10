//! Golden vectors: files that say byte for byte what a client has to accept and what it has to refuse.
//!
//! [`generate`] makes all of them again from [`SEED`], [`check`] compares a folder with that, [`verify`] asks
//! the reference implementation with both cryptographic libraries whether a folder is true, [`export`] packs
//! it. The files are described in `vectors/golden/README.md`.

mod collection;
mod error;
mod export;
mod families;
mod folder;
mod ledger;
mod make;
mod memo;
mod outcome;
mod published;
mod set;
mod vector;
mod verify;
mod world;

pub use collection::SEED;
pub use error::Error;
pub use export::export;
pub use folder::{Difference, check, generate};
pub use published::{Published, published};
pub use vector::{Expected, Vector, Verdict};
pub use verify::{Failure, Library, Report, verify};
