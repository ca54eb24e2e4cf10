//! Commands and the control API.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail as tests do")]

mod api;
mod commands;
mod events;
mod examples;
mod gate;
mod kept;
mod openapi;
mod program;
mod readme;
mod recording;
mod schema;
mod tls;
