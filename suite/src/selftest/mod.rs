//! Proves that the checks can fail: every scenario on the honest reference client and on each of its defects.

mod matrix;
mod prove;
mod table;
mod unclaimed;

pub use matrix::{Cell, Matrix, Pairs, Row};
pub use prove::{Exposed, LIARS, prove};
pub use table::{print, print_unclaimed};
pub use unclaimed::{Catch, unclaimed};
