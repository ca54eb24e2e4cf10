use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// An encrypted folder is no longer shown as encrypted, nor is what lies below it now (ATK-FLAG-02). Capabilities,
/// metadata and the checks before a write stay honest: what a client then sends in clear is seen in the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawFlag {
    /// The path of an encrypted folder.
    pub folder: String,
    /// Whether it is only the first folder inside that is told so, and what lies below that one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub below: bool,
    /// Whether what lies inside is told as encrypted as before (ATK-SUB-04).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    /// What is told.
    pub how: FlagGone,
}

/// How the flag of a folder is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlagGone {
    /// The properties are answered as unknown.
    Absent,
    /// The properties are `0`.
    Zero,
}

impl Play for WithdrawFlag {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = match self.below {
            true => stage.first_below(&stage.root(&self.folder)?)?.folder,
            false => stage.folder(&self.folder)?,
        };
        let nodes = if self.alone { vec![folder] } else { stage.at_and_below(folder) };
        stage.model.touch(folder);
        Ok(Some(Box::new(Unflagged { nodes: nodes.into_iter().collect(), how: self.how })))
    }
}

struct Unflagged {
    nodes: BTreeSet<FileId>,
    how: FlagGone,
}

impl Lie for Unflagged {
    fn name(&self) -> &'static str {
        "withdraw_flag"
    }

    fn encrypted_flag(&self, _: &Asker, node: FileId, honest: Option<bool>) -> Option<bool> {
        match self.how {
            _ if !self.nodes.contains(&node) => honest,
            FlagGone::Absent => None,
            FlagGone::Zero => Some(false),
        }
    }
}
