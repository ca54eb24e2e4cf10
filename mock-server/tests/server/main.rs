//! The server as clients meet it, feature by feature.

#![expect(clippy::unwrap_used, reason = "a helper of a test that fails has failed the test")]

mod client;
mod collections;
mod dav;
mod direct;
mod flag;
mod keys;
mod lies;
mod limits;
mod locks;
mod login_flow;
mod metadata;
mod places;
mod program;
mod provisioning;
mod public;
mod recorder;
mod releases;
mod rollback;
mod shares;
mod tenants;
mod throttling;
mod trash;
mod uploads;
mod user_locks;
mod users;
