use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// Keeps the whole state of now under a name, for [`Rollback`](super::Rollback). Nothing is falsified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The snapshot's name. One that exists is replaced.
    pub name: String,
}

impl Play for Snapshot {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        stage.attacker.keep_snapshot(&self.name, stage.model.clone());
        Ok(None)
    }
}
