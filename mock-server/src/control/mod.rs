//! What can be done to a tenant from outside: one [`Command`] for everything that changes it.

mod apply;
mod command;
mod secret;

pub use apply::{CommandError, Outcome};
pub use command::Command;
pub use secret::Secret;
