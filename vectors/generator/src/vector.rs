//! A vector as it stands in its file.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One question to a client, and the answer. The schema is `vectors/golden/schema.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Stable for ever; begins with the family and is the file's name.
    pub id: String,
    /// What kind of question it is, and the name of the folder.
    pub family: String,
    /// What is special about it, in one sentence.
    pub comment: String,
    /// Requirements that it tests; `requirements.json` lists them.
    pub requirements: Vec<String>,
    /// Properties that several vectors share; `flags.json` explains them.
    pub flags: Vec<String>,
    /// What the client is given; the members depend on the family.
    pub inputs: Value,
    /// What has to come out.
    pub expected: Expected,
}

/// What a client has to make of the inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Whether it has to accept them.
    pub result: Verdict,
    /// The rule that refuses: always with `invalid`, with `acceptable` when refusing is one of the choices.
    /// `rules.json` explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What a client that accepts has in its hands: always with `valid` and `acceptable`; of trust sequences,
    /// also the verdict on each step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

/// Accept or refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The client must accept.
    Valid,
    /// The client must refuse.
    Invalid,
    /// Both is right; a flag says what decides.
    Acceptable,
}
