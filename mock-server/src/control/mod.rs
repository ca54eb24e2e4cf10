//! What can be done to a tenant from outside: one [`Command`] for everything that changes it, and the control API,
//! which speaks JSON over HTTP on a port of its own ([`Builder::control`](crate::Builder::control)).

mod apply;
mod body;
mod command;
pub(crate) mod events;
mod gate;
mod openapi;
pub(crate) mod port;
mod read;
mod recording;
mod refusal;
mod request;
mod routes;
mod schema;
mod secret;
pub(crate) mod service;
mod tenants;
mod view;
mod watch;

pub use apply::{CommandError, Outcome};
pub use command::{AddUser, Command};
pub use openapi::document as openapi;
pub use recording::{RECORDING_VERSION, RecordedFolder, Recording};
pub use schema::moves_schema;
pub use secret::Secret;
