//! Proves that the checks can fail: every scenario on the honest reference client and on each of its defects.

mod matrix;
mod prove;
mod table;

pub use matrix::{Cell, Matrix, Row};
pub use prove::{Exposed, LIARS, prove};
pub use table::print;
