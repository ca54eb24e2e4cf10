use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// A folder is never free again (ROB-LOCK-01): the release of a lock is answered with success and takes effect, and the
/// folder is locked again at once, by nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepLock {
    /// The path of an encrypted folder.
    pub folder: String,
}

impl Play for KeepLock {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        Ok(Some(Box::new(Clinging(stage.folder(&self.folder)?))))
    }
}

struct Clinging(FileId);

impl Lie for Clinging {
    fn name(&self) -> &'static str {
        "keep_lock"
    }

    fn keeps_lock(&self, _: &Asker, folder: FileId) -> bool {
        folder == self.0
    }
}
