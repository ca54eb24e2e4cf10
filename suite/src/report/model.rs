//! The report: all others are made from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::exit_code::ExitCode;
use crate::judge::{Cause, Evidence, StepLine, Verdict};
use crate::monitors::Finding;
use crate::play::Played;
use crate::scenario::Kind;

/// The shape of [`Report`], raised when something is renamed, removed or changes its meaning.
pub const REPORT_VERSION: u32 = 1;

/// What a run has found. Its JSON is described by `report.schema.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`REPORT_VERSION`].
    pub schema_version: u32,
    /// This program.
    pub tool: ToolInfo,
    /// The client that was judged.
    pub client: ClientInfo,
    /// When the run began, in seconds since 1970.
    pub started: u64,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// The exit code of the run.
    pub exit_code: u8,
    /// How many results have each verdict.
    pub summary: BTreeMap<Verdict, usize>,
    /// One for each scenario and version, in the order of the files.
    pub results: Vec<ScenarioResult>,
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolInfo {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

/// The client that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientInfo {
    /// As it says.
    pub name: String,
    /// As it says.
    pub version: String,
    /// The command by which it was started, or `in process`.
    pub command: String,
    /// The defects that the reference client was given.
    pub defects: Vec<String>,
    /// The dialect in which the reference client was asked to write; absent if it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
}

/// The result of one scenario in one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioResult {
    /// The scenario's id.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub kind: Kind,
    /// The metadata version.
    pub version: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What the verdict rests on.
    pub cause: Cause,
    /// One sentence; empty for a pass.
    pub reason: String,
    /// What the scenario is about.
    pub cites: Vec<String>,
    /// How long the plays and the judging took, in milliseconds.
    pub millis: u64,
    /// The proof of an exploit.
    pub proof: Option<Evidence>,
    /// What the monitors have found.
    pub findings: Vec<Finding>,
    /// Every step of every play.
    pub steps: Vec<StepLine>,
    /// The end of the client's log, if the verdict is bad.
    pub log: String,
}

impl Report {
    /// A report of these results.
    pub fn new(client: ClientInfo, started: u64, millis: u64, results: &[Played]) -> Self {
        let mut summary: BTreeMap<Verdict, usize> =
            Verdict::ALL.iter().map(|verdict| (*verdict, 0)).collect();
        for played in results {
            *summary.entry(played.judgement.verdict).or_default() += 1;
        }
        Self {
            schema_version: REPORT_VERSION,
            tool: ToolInfo {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            client,
            started,
            millis,
            exit_code: ExitCode::of_run(results).number(),
            summary,
            results: results.iter().map(ScenarioResult::of).collect(),
        }
    }
}

impl ScenarioResult {
    /// The result of one scenario.
    pub fn of(played: &Played) -> Self {
        let (scenario, judgement) = (&played.scenario, &played.judgement);
        Self {
            scenario: scenario.id.clone(),
            title: scenario.title.clone(),
            kind: scenario.kind,
            version: played.version.to_string(),
            verdict: judgement.verdict,
            cause: judgement.cause,
            reason: judgement.reason.clone(),
            cites: scenario.cites.clone(),
            millis: played.millis,
            proof: judgement.proof.clone(),
            findings: judgement.findings.clone(),
            steps: judgement.steps.clone(),
            log: played.log.clone(),
        }
    }
}
