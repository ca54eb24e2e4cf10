//! Proves that the checks can fail: every scenario on the honest reference client, in all
//! dialects, and on each of its defects.

mod deviations;
mod dialects;
mod matrix;
mod prove;
mod side_by_side;
mod table;
mod unclaimed;

pub use deviations::{DEVIATIONS, Deviation, Shows};
pub use dialects::{Heard, Spoken};
pub use matrix::{Cell, Matrix, Pairs, Row};
pub use prove::{Exposed, LIARS, prove};
pub use table::{print, print_spoken, print_unclaimed};
pub use unclaimed::{Catch, unclaimed};
