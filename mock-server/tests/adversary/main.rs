//! Each move of the adversary against a state that was prepared with the protocol library, and what the attacker
//! can open afterwards. No HTTP: the moves know none.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod certificates;
mod lab;
mod members;
mod metadata;
mod opens;
mod spelling;
mod state;
mod withdrawn;
