//! What is watched in every play, whatever the scenario is about.

mod acknowledged_writes;
mod finding;
mod haystack;
mod key_reuse;
mod leak;
mod list;
mod locks_released;
mod needle;
mod stored_key;
mod uploads;
mod write_under_lock;

pub use finding::{Finding, Monitor};
pub use list::{LEAK, MONITORS, watch};
