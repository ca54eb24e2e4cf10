//! Scenario files: what is played, what is expected, and what proves that an attack has worked.

mod action;
mod check;
mod derivation;
mod error;
mod load;
mod model;
mod opening;
mod parse;
mod parse_actors;
mod parse_step;
mod step;
mod story;
mod value;

pub use action::Action;
pub(crate) use check::literals;
pub use derivation::Derivation;
pub use error::{LoadError, ScenarioError};
pub use load::{Selection, asked_for, built_in, from_dir, from_text};
pub(crate) use load::{built_in_number, from_texts, id_begins};
pub use model::{Actor, IdentitySource, Kind, Proof, Role, Scenario};
pub use step::{DeviceStep, Expect, MoveStep, Mover, Step};
pub use story::story;
pub(crate) use story::{of_move, sentence};
