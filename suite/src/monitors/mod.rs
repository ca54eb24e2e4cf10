//! What is watched in every play, whatever the scenario is about.

mod acknowledged_writes;
mod bias;
mod counter_grows;
mod departures;
mod entries_kept;
mod finding;
mod flag_kept;
mod haystack;
mod history;
mod identifiers;
mod key_reuse;
mod leak;
mod link_opens;
mod list;
mod locks_released;
mod logged;
mod made_for_members;
mod needle;
mod odd_files;
mod orphans;
mod own_keys;
mod plaintext_traces;
mod randomness;
mod request_budget;
mod stored_key;
mod token_inside;
mod uploads;
mod valid_uploads;
mod write_under_lock;

pub use departures::Departure;
pub use finding::{Finding, Monitor};
pub use list::{LEAK, MONITORS, Watched, watch};
