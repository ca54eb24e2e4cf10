use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// The server loses a file (R2-READ-09, R2-READ-10, R1-READ-04): the oldest one in the folder that is not empty is gone,
/// whoever asks and however. Metadata name it still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoseFile {
    /// The path of an encrypted folder.
    pub folder: String,
}

impl Play for LoseFile {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let first = stage.files(stage.folder(&self.folder)?).into_iter().next();
        stage.model.lose(first.ok_or_else(|| MoveError::NoFile(self.folder.clone()))?);
        Ok(None)
    }
}
