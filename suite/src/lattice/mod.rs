//! Which versions of clients and servers get along: every version that a folder can be written in, every one that the
//! next device can speak, and every one that the server can announce by then. The scenarios are made from one rule.

mod make;
mod rule;

pub(crate) use make::number;
pub use make::{asked_for, is_of_lattice, scenarios};
pub use rule::{Expected, Point, expected};
