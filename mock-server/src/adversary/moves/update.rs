use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// The server is updated, or put back, to an installation that announces another metadata version. What it stores stays
/// as it is; nothing is falsified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// What is announced from now on: `1.0`, `1.1`, `1.2`, `2.0` or `2.1`.
    pub to: String,
}

/// What was ever announced by releases that are modelled.
pub(super) const ANNOUNCED: [&str; 5] = ["1.0", "1.1", "1.2", "2.0", "2.1"];

impl Play for Update {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if !ANNOUNCED.contains(&self.to.as_str()) {
            return Err(MoveError::OutOfRange { member: "to", expected: "expected 1.0, 1.1, 1.2, 2.0 or 2.1" });
        }
        stage.model.install(&self.to);
        for folder in stage.model.encrypted_folders() {
            stage.model.touch(folder);
        }
        Ok(None)
    }
}
