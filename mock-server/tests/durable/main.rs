//! The same answers for the same seed, a state that survives the process, and the proof that nothing is lost or mixed up
//! among many clients.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test that fails has failed the test"
)]

mod busy;
mod compact;
mod history;
mod model;
mod process;
mod program;
mod restart;
mod seed;
mod tenants;
