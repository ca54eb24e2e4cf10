//! The files of an archive.

use serde::{Deserialize, Serialize};

use crate::judge::{Cause, Verdict};
use crate::report::ClientInfo;
use crate::transcript::Transcript;

/// The shape of [`RunRecord`] and [`Case`], raised when one of them changes. What a [`Transcript`] is like has a number
/// of its own.
pub const ARCHIVE_VERSION: u32 = 1;

/// `run.json`: what the report says and no transcript does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// [`ARCHIVE_VERSION`].
    pub schema_version: u32,
    /// The client that was judged.
    pub client: ClientInfo,
    /// When the run began, in seconds since 1970.
    pub started: u64,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// One for each scenario and version, in the order of the report.
    pub plays: Vec<PlayRecord>,
}

/// One scenario in one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayRecord {
    /// The scenario's id: lower-case letters, digits and `-`.
    pub scenario: String,
    /// The metadata version.
    pub version: String,
    /// How long the plays and the judging took, in milliseconds.
    pub millis: u64,
    /// Why there is no [`Case`]; absent if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unplayed: Option<Unplayed>,
}

/// A verdict without a play.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unplayed {
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub cause: Cause,
    /// One sentence.
    pub reason: String,
}

/// `plays/ID.VERSION.json`: all that the verdict on one scenario in one version rests on, but the scenario.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// [`ARCHIVE_VERSION`].
    pub schema_version: u32,
    /// The honest twin, for scenarios with an attack.
    pub twin: Option<Transcript>,
    /// The attack, or the only play.
    pub played: Transcript,
}

/// The path of a scenario in an archive.
pub(super) fn scenario_file(id: &str) -> String {
    format!("scenarios/{id}.toml")
}

/// The path of a case in an archive.
pub(super) fn case_file(id: &str, version: &str) -> String {
    format!("plays/{id}.{version}.json")
}

/// The path of the record of the run.
pub(super) const RUN_FILE: &str = "run.json";
