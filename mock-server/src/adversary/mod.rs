//! The malicious side of the server.

pub mod lie;
