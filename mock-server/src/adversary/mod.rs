//! The malicious side of the server: what it may play, what it then tells, and what it holds.

mod attacker;
mod blob;
mod envelope;
mod error;
mod filter;
mod forge;
pub(crate) mod gzip;
mod handiwork;
pub mod lie;
mod member;
pub mod moves;
mod oddity;
mod older;
mod patch;
mod signing;
mod stage;

pub use attacker::{Attacker, Held, HeldKind, Opened, Planted, Reading};
pub use error::MoveError;
pub use filter::{Fact, ForgeryFilter, Place};
pub use moves::Move;
pub use patch::Change;
pub use stage::Stage;
