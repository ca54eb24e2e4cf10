use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// Gives new ETags to every encrypted folder and to all that lies above, so that a client which trusts ETags looks
/// again. Nothing is falsified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TouchEtags {}

impl Play for TouchEtags {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        for folder in stage.model.encrypted_folders() {
            stage.model.touch(folder);
        }
        Ok(None)
    }
}
