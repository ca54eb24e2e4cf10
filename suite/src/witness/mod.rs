//! The smallest change to honest bytes with which an attack still succeeds.

mod bytes;
mod cut;
mod delta;
mod entries;
mod nature;
mod search;
mod sieve;
mod told;
mod wanted;

pub use delta::{ByteRange, Delta};
pub use search::{Bench, search};
pub use wanted::{WITNESS_VERSION, Witness, WitnessError};
