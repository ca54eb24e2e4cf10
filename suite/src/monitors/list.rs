//! The monitors.

use super::departures::{self, Departure};
use super::finding::{Evidence, Finding, Monitor};
use super::{
    acknowledged_writes, counter_grows, entries_kept, flag_kept, history, identifiers, key_reuse, leak,
    link_opens, locks_released, made_for_members, new_entries, on_device, orphans, own_keys,
    plaintext_traces, randomness, request_budget, stored_key, token_inside, valid_uploads, write_under_lock,
};
use crate::transcript::Transcript;

/// The name of the monitor whose findings are a proof.
pub const LEAK: &str = "leak";

/// All of them, in the order in which their findings count.
pub const MONITORS: &[Monitor] = &[
    leak::MONITOR,
    key_reuse::MONITOR,
    write_under_lock::MONITOR,
    locks_released::MONITOR,
    acknowledged_writes::MONITOR,
    stored_key::MONITOR,
    valid_uploads::MONITOR,
    made_for_members::MONITOR,
    link_opens::MONITOR,
    counter_grows::MONITOR,
    history::MONITOR,
    entries_kept::MONITOR,
    new_entries::MONITOR,
    flag_kept::MONITOR,
    identifiers::MONITOR,
    orphans::MONITOR,
    on_device::MONITOR,
    own_keys::MONITOR,
    randomness::MONITOR,
    plaintext_traces::MONITOR,
    token_inside::MONITOR,
    request_budget::MONITOR,
];

/// What was seen in a play.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What is wrong, in the order of [`MONITORS`].
    pub findings: Vec<Finding>,
    /// Why something in the play could not be checked, if it could not: the monitor and a clause.
    pub unclear: Option<String>,
    /// What counts only in a scenario that cites the requirement, and there as a warning.
    pub departures: Vec<Departure>,
}

/// Asks all monitors about a play.
pub fn watch(transcript: &Transcript) -> Watched {
    let evidence = Evidence::of(transcript, None);
    let asked = MONITORS.iter().filter(|monitor| !monitor.honest_only || transcript.mode.is_honest());
    let findings = asked.flat_map(|monitor| monitor.findings(&evidence)).collect();
    let history = if transcript.mode.is_honest() { history::unclear(&evidence) } else { None };
    let history = history.map(|text| format!("monitor {}: {text}", history::MONITOR.name));
    let unlooked = || evidence.unlooked.borrow().first().map(|text| format!("monitor {LEAK}: {text}"));
    let unclear = history.or_else(unlooked);
    Watched { findings, unclear, departures: departures::departures(&evidence) }
}
