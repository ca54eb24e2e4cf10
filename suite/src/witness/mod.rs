//! The smallest change to honest bytes with which an attack still succeeds.

mod delta;
mod search;
mod sieve;

pub use delta::Delta;
pub use search::{Bench, Witness, WitnessError, search};
