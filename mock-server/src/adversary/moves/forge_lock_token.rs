use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// The token of a lock is told as something else (ATK-LOCK-02). The lock itself is granted as ever, under a token that
/// nobody learns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgeLockToken {
    /// The path of an encrypted folder.
    pub folder: String,
    /// What is told.
    pub token: OddToken,
}

/// What is told in the place of a lock token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OddToken {
    /// The member is left out.
    Missing,
    /// `null`.
    Null,
    /// Empty text.
    Empty,
    /// A number.
    Number,
    /// Text with a line break and what looks like another header behind it.
    LineBreak,
    /// Text that is not ASCII.
    NotAscii,
    /// A MiB of letters.
    Long,
    /// The same good-looking text for everybody, which no lock has.
    Same,
}

impl OddToken {
    fn told(self) -> Option<Value> {
        Some(match self {
            Self::Missing => return None,
            Self::Null => Value::Null,
            Self::Empty => Value::from(""),
            Self::Number => Value::from(7),
            Self::LineBreak => Value::from("token\r\nX-Injected: yes"),
            Self::NotAscii => Value::from("t\u{f6}ken"),
            Self::Long => Value::from("a".repeat(1024 * 1024)),
            Self::Same => Value::from("0".repeat(64)),
        })
    }
}

impl Play for ForgeLockToken {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        Ok(Some(Box::new(Forged { folder: stage.folder(&self.folder)?, told: self.token.told() })))
    }
}

struct Forged {
    folder: FileId,
    told: Option<Value>,
}

impl Lie for Forged {
    fn name(&self) -> &'static str {
        "forge_lock_token"
    }

    fn lock_token(&self, _: &Asker, folder: FileId, honest: Option<Value>) -> Option<Value> {
        if folder == self.folder { self.told.clone() } else { honest }
    }
}
