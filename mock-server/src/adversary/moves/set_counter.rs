use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// The counter that the next lock of a folder has to exceed is set (ROB-LOCK-06, ATK-CTR-03). The one inside the metadata
/// stays: the server cannot read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCounter {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The counter.
    pub to: i64,
}

impl Play for SetCounter {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        stage.model.set_counter(folder, self.to);
        Ok(None)
    }
}
