use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Grant, Lie};
use crate::adversary::stage::Stage;
use crate::model::{FileId, LockError};

/// The lock of a folder is granted whatever counter comes with the request (ATK-LOCK-03, ATK-CTR-01 variant c), so that a
/// client which relies on the server's check writes over what it has not seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IgnoreCounter {
    /// The path of an encrypted folder.
    pub folder: String,
}

impl Play for IgnoreCounter {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        Ok(Some(Box::new(Careless(stage.folder(&self.folder)?))))
    }
}

struct Careless(FileId);

impl Lie for Careless {
    fn name(&self) -> &'static str {
        "ignore_counter"
    }

    fn grant(&self, _: &Asker, folder: FileId, refused: LockError) -> Option<Grant> {
        let counter = matches!(refused, LockError::Counter | LockError::NoCounter);
        (folder == self.0 && counter).then_some(Grant::Instead)
    }
}
