use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// The server gets the app `files_lock`: it announces file locks, and takes LOCK and UNLOCK from users who edit a file
/// (LEAK-02). Nothing is falsified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferFileLocks {}

impl Play for OfferFileLocks {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        stage.model.install_user_locks();
        Ok(None)
    }
}
