//! Under construction.

pub mod adversary;
mod exchange;
pub mod model;

pub use adversary::lie::{Asker, Lie, Pause, Rendezvous, SignedMetadata};
pub use exchange::{Endpoint, Exchange, UnknownEndpoint};
