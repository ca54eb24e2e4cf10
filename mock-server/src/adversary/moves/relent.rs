use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// The server is honest again: no lie stands any more, and all devices see the same history. What moves have changed in
/// the state stays changed; encrypted folders get new ETags, so that clients look again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relent {}

impl Play for Relent {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        stage.model.join_all();
        for folder in stage.model.encrypted_folders() {
            stage.model.touch(folder);
        }
        Ok(None)
    }
}
