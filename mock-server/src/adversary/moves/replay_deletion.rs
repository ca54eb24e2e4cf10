use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// What was signed last of a root folder that is gone is served once more, as the metadata of a folder that was made since
/// (ATK-DEL-03). If its deletion was signed, this is a genuine deletion of something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayDeletion {
    /// The path of an encrypted folder.
    pub folder: String,
}

impl Play for ReplayDeletion {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        let last = stage.model.metadata_of_gone().cloned();
        let last = last.ok_or_else(|| MoveError::NoMetadata("a folder that is gone".to_owned()))?;
        Ok(Some(Box::new(stage.forge_metadata(Handiwork::of("replay_deletion"), folder, last))))
    }
}
