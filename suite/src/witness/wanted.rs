//! What a search gives.

use serde::Serialize;

use super::delta::Delta;
use crate::judge::Verdict;

/// The shape of [`Witness`], raised when something is renamed, removed or changes its meaning.
pub const WITNESS_VERSION: u32 = 1;

/// More plays than this are not made for one witness.
pub(super) const MOST_PLAYS: usize = 300;

/// What an attack needs. Its JSON is described by `witness.schema.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Witness {
    /// [`WITNESS_VERSION`].
    pub schema_version: u32,
    /// The scenario's id.
    pub scenario: String,
    /// The metadata version.
    pub version: String,
    /// The verdict that the attack has with the least that it needs.
    pub verdict: Verdict,
    /// The sentence of that verdict.
    pub reason: String,
    /// The attacker's moves that it needs, as in the scenario file.
    pub moves: Vec<serde_json::Value>,
    /// How many moves were left out.
    pub moves_left_out: usize,
    /// What of these moves forges nothing: a sentence for each that withholds, replays or disturbs.
    pub without_forgery: Vec<String>,
    /// The differences from the honest bytes that it needs.
    pub deltas: Vec<Delta>,
    /// The paths of those that it does not need.
    pub left_out: Vec<String>,
    /// How many plays the search took.
    pub plays: usize,
}

/// Why there is no witness.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// There is nothing to leave out.
    #[error("{0} has no attack: expected a scenario with `attack` steps")]
    NoAttack(String),
    /// The client withstands it.
    #[error("the attack does not succeed: {verdict}{reason}", verdict = .0.as_str(), reason = said(.1))]
    Withstood(Verdict, String),
    /// It takes too many plays.
    #[error("no witness within {MOST_PLAYS} plays")]
    TooLong,
}

fn said(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}
