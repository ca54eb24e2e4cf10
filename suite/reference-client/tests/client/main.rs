//! The reference client against the mock server.

mod common;
mod contention;
mod dialects;
mod files;
mod hostile;
mod identity;
mod limits;
mod older;
mod program;
mod sharing;
