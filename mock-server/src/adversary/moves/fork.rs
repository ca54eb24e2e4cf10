use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// A device is kept on a history of its own from now on (ATK-CTR-02): files, metadata, locks, counters, shares and keys
/// begin as they are now; what it writes only it sees, and it sees nothing of what others write. Both sides are served
/// honestly, each from its history. Passwords, and the other moves, go on belonging to the history of all others. While
/// the histories differ, whoever is told metadata is told so by this move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fork {
    /// The device: the label of its credential.
    pub device: String,
}

impl Play for Fork {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        stage.model.fork(&self.device);
        Ok(None)
    }
}
