//! Opens a metadata document and says what is inside and what is wrong with it.

mod examine;
mod input;
mod print;
mod rules;
mod wrapping;

pub use examine::{Examination, examine};
pub use input::{Input, InspectError};
pub use print::print;
pub use rules::{RuleLine, State};
pub use wrapping::{blob, document};
