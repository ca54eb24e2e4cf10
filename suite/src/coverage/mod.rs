//! Which entries of the attack catalogue are reached, and by what.

mod ledger;

pub use ledger::{Reached, entries, ledger};
