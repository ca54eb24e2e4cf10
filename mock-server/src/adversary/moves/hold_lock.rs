use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// A folder is locked, and nobody knows by whom (ROB-LOCK-01, ROB-LOCK-02): requests for the lock are refused with 423,
/// writes with whatever token, too. Whoever held the lock does not hold it any more. It stays so until
/// [`ExpireLocks`](super::ExpireLocks).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldLock {
    /// The path of an encrypted folder.
    pub folder: String,
}

impl Play for HoldLock {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        stage.model.lock_anyway(folder);
        Ok(None)
    }
}
