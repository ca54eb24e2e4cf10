//! What the judge says.

use serde::{Deserialize, Serialize};

use crate::monitors::Finding;
use crate::transcript::Mode;

/// The verdict on one scenario in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The step was reached, and the client did what it must.
    Pass,
    /// The client says that it lacks the feature or the version.
    Skipped,
    /// No harm, but a required notice or hygiene rule is missing.
    Warn,
    /// The step was not reached; never a pass.
    Inconclusive,
    /// The harness or the adapter broke.
    Error,
    /// The time limit of a step passed.
    Hang,
    /// The step was reached, and the client did not do what it must.
    Fail,
    /// A failure with proof: plaintext or a key in the attacker's hands, forged bytes accepted, data lost.
    Exploited,
}

impl Verdict {
    /// All of them, the best first.
    pub const ALL: &[Self] = &[
        Self::Pass,
        Self::Skipped,
        Self::Warn,
        Self::Inconclusive,
        Self::Error,
        Self::Hang,
        Self::Fail,
        Self::Exploited,
    ];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Skipped => "skipped",
            Self::Warn => "warn",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::Hang => "hang",
            Self::Fail => "fail",
            Self::Exploited => "exploited",
        }
    }

    /// Whether the client has failed.
    pub fn is_red(self) -> bool {
        matches!(self, Self::Hang | Self::Fail | Self::Exploited)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nothing is wrong.
    None,
    /// What a step gave back, or did not.
    Step,
    /// The scenario's proof.
    Proof,
    /// A monitor.
    Monitor,
    /// The honest twin did not succeed.
    Twin,
    /// The attacked answer was not seen.
    Reach,
    /// The client lacks something.
    Lacking,
    /// The client broke the adapter protocol, or could not be started.
    Adapter,
    /// The suite itself.
    Harness,
}

/// Why an attack counts as successful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The proof's name in scenario spelling, for example `attacker_reads`.
    pub kind: String,
    /// What was shown, in one sentence.
    pub text: String,
    /// The exchanges that show it.
    pub exchanges: Vec<u64>,
    /// The canary that the attacker has read, or the forged bytes that were taken for genuine; shortened.
    pub canary: Option<String>,
}

/// One step in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepLine {
    /// Which of the plays.
    pub play: Mode,
    /// The line in the scenario file.
    pub line: usize,
    /// Who acted.
    pub actor: String,
    /// The method of the adapter protocol; none for a move of the server.
    pub method: Option<String>,
    /// What was done.
    pub text: String,
    /// What had to come back; empty for a move.
    pub expected: String,
    /// What came back.
    pub got: String,
    /// Whether that was right.
    pub met: bool,
    /// What was wrong, or the client's words; no secrets.
    pub reason: String,
    /// What the user was told and asked meanwhile; no secrets.
    pub notices: Vec<String>,
    /// The numbers of the first and last exchange meanwhile; none if there was none.
    pub exchanges: Option<(u64, u64)>,
    /// Milliseconds.
    pub millis: u64,
}

/// The verdict with everything that it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub cause: Cause,
    /// One sentence; empty for a pass.
    pub reason: String,
    /// The proof, for [`Verdict::Exploited`].
    pub proof: Option<Evidence>,
    /// What the monitors have found.
    pub findings: Vec<Finding>,
    /// Every step of every play.
    pub steps: Vec<StepLine>,
}

impl Judgement {
    /// A verdict without a play.
    pub fn unplayed(verdict: Verdict, cause: Cause, reason: impl Into<String>) -> Self {
        Self { verdict, cause, reason: reason.into(), proof: None, findings: Vec::new(), steps: Vec::new() }
    }
}
