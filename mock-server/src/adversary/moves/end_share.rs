use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;
use crate::model::ShareType;

/// The server ends the share of a folder with a user, without a word to anybody (ROB-LEAVE-01). Metadata stay as they are:
/// he is still a member there, and reads what he has kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndShare {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The user with whom it was shared.
    pub with: String,
}

impl Play for EndShare {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        let ours = stage.model.shares().filter(|share| share.node == folder && share.kind == ShareType::User);
        let ours: Vec<_> = ours.filter(|share| share.with.as_ref() == Some(&self.with)).map(|share| (share.id, share.by.clone())).collect();
        if ours.is_empty() {
            return Err(MoveError::UnknownUser(self.with.clone()));
        }
        stage.model.touch(folder);
        for (id, by) in ours {
            stage.model.unshare(&by, id).map_err(|_| MoveError::UnknownUser(self.with.clone()))?;
        }
        Ok(None)
    }
}
