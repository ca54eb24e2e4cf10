use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// All locks are released, and what was written under them and is not yet in force is thrown away (ROB-LOCK-05): as the
/// real server's hourly job does with locks of a day. Tokens are worth nothing afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpireLocks {}

impl Play for ExpireLocks {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        for folder in stage.model.locked_folders() {
            stage.model.expire_lock(folder);
        }
        Ok(None)
    }
}
