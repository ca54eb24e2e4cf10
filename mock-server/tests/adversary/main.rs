//! Each move of the adversary against a state that was prepared with the protocol library, and what the attacker
//! can open afterwards.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod certificates;
mod edited;
mod lab;
mod members;
mod metadata;
mod older;
mod opens;
mod spelling;
mod state;
mod told;
mod withdrawn;
