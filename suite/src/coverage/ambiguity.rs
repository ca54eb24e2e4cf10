//! Where the specification can be read in two ways.

use serde::{Deserialize, Serialize};

const AMBIGUITIES: &str = include_str!("ambiguities.toml");

/// A question to which the specification has two answers, or another one than all servers and clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ambiguity {
    /// The question.
    pub about: String,
    /// The requirements and entries that it concerns.
    pub ids: Vec<String>,
    /// At least two.
    pub sides: Vec<Side>,
    /// What this suite holds a client to.
    pub ruling: String,
}

/// One of the answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Where it stands, or who does so.
    pub who: String,
    /// The answer.
    pub says: String,
}

/// All of them.
///
/// # Errors
/// When the list is not well formed, which a test would notice.
pub(super) fn ambiguities() -> Result<Vec<Ambiguity>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct List {
        ambiguity: Vec<Ambiguity>,
    }
    toml::from_str(AMBIGUITIES).map(|list: List| list.ambiguity)
}
