//! The malicious side of the server: what it may play, what it then tells, and what it holds.

mod attacker;
mod error;
mod forge;
mod handiwork;
pub mod lie;
pub mod moves;
mod stage;

pub use attacker::{Attacker, Opened, Planted};
pub use error::MoveError;
pub use moves::Move;
pub use stage::Stage;
