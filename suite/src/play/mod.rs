//! Plays scenarios on clients and records what happens.

mod canaries;
mod client;
mod device;
mod disk;
mod kill;
mod known;
mod laboratory;
mod opening;
mod options;
mod perform;
mod random;
mod rehearsal;
mod run;
mod session;
mod stage;
mod step;
mod stored;
mod twin;
mod user;

pub use client::{Client, ClientFault};
pub(crate) use disk::{give_up, sweep};
pub use laboratory::{Laboratory, LaboratoryError};
pub use options::{Filter, Keeper, Options};
pub(crate) use random::token;
pub(crate) use rehearsal::Rehearsal;
pub use run::{Played, run, run_if};
pub use session::play;
pub use stage::Cast;
