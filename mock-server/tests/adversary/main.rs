//! Each move of the adversary against a state that was prepared with the protocol library, and what the attacker
//! can open afterwards.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod certificates;
mod dropped;
mod edited;
mod faults;
mod filtered;
mod garbled;
mod histories;
mod lab;
mod locks;
mod lost;
mod members;
mod metadata;
mod older;
mod opens;
mod resets;
mod session;
mod spelling;
mod state;
mod table;
mod told;
mod withdrawn;
