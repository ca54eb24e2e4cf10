//! One step, as it went.

use e2ee_adapter::protocol::{Answer, Notice, Released};
use e2ee_mock_server::Endpoint;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scenario::Action;

/// One step of one actor. The parts of a `together` step have the same [`StepRecord::step`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRecord {
    /// The position in the scenario's steps, from 0.
    pub step: usize,
    /// Who acted: a device, `attack` or `server`.
    pub actor: String,
    /// What was done, with the names of this play.
    pub deed: Deed,
    /// What came of it.
    pub outcome: Outcome,
    /// The number of the last exchange before it began.
    pub exchanges_before: u64,
    /// The number of the last exchange when it had ended.
    pub exchanges_after: u64,
    /// Warnings that the user saw meanwhile.
    pub warnings: Vec<Notice>,
    /// Questions that the user answered meanwhile.
    pub questions: Vec<Asked>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// By a device. The content of a write is found in the canaries.
    Device(Action),
    /// By the server: a move, as in a scenario file.
    Move(Value),
}

/// A question and what the user said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The question.
    pub notice: Notice,
    /// The answer.
    pub answer: Answer,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Success, with the result member; without secrets.
    Ok(Value),
    /// Refused for the user's safety.
    Refused {
        /// The client's words.
        reason: String,
        /// Plaintext that was given out before.
        released: Vec<Released>,
    },
    /// Somebody else holds the lock.
    Busy(String),
    /// The client lacks the feature.
    Unsupported(String),
    /// Any other error of the client.
    Failed {
        /// The client's words.
        reason: String,
        /// Plaintext that was given out before.
        released: Vec<Released>,
    },
    /// The client ended before it answered.
    Crashed(String),
    /// The client broke the adapter protocol.
    Garbage(String),
    /// The client did not answer within the time limit, in seconds.
    Hung(u64),
    /// The client was killed, as the scenario wants it, when the server had this request, which was not carried out.
    Killed(Endpoint),
    /// The server's move could not be made.
    MoveFailed(String),
}

impl Outcome {
    /// One word for tables.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ok(_) => "ok",
            Self::Refused { .. } => "refused",
            Self::Busy(_) => "busy",
            Self::Unsupported(_) => "unsupported",
            Self::Failed { .. } => "failed",
            Self::Crashed(_) => "crashed",
            Self::Garbage(_) => "garbage",
            Self::Hung(_) => "hung",
            Self::Killed(_) => "killed",
            Self::MoveFailed(_) => "move failed",
        }
    }

    /// The client's or the system's words; empty for success.
    pub fn reason(&self) -> String {
        match self {
            Self::Ok(_) => String::new(),
            Self::Refused { reason, .. } | Self::Failed { reason, .. } => reason.clone(),
            Self::Busy(text)
            | Self::Unsupported(text)
            | Self::Crashed(text)
            | Self::Garbage(text)
            | Self::MoveFailed(text) => text.clone(),
            Self::Killed(endpoint) => format!("at {endpoint}"),
            Self::Hung(seconds) => format!("no answer within {seconds} s"),
        }
    }

    /// Plaintext given out before an error.
    pub fn released(&self) -> &[Released] {
        match self {
            Self::Refused { released, .. } | Self::Failed { released, .. } => released,
            _ => &[],
        }
    }

    /// Whether the play cannot go on after it.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Crashed(_) | Self::Garbage(_) | Self::Hung(_) | Self::MoveFailed(_))
    }
}
