//! The server as clients meet it, feature by feature.

#![expect(clippy::unwrap_used, reason = "a helper of a test that fails has failed the test")]

mod client;
mod dav;
mod flag;
mod keys;
mod lies;
mod limits;
mod locks;
mod metadata;
mod program;
mod recorder;
mod shares;
mod tenants;
mod users;
