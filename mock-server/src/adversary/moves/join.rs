use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::{Asker, Lie, SignedMetadata};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// A device that was kept on a history of its own ([`Fork`](super::Fork)) is shown from now on what all others are
/// (ATK-CTR-02): what it wrote meanwhile is gone, what the others wrote is there, under ETags that it has not seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The device: the label of its credential.
    pub device: String,
}

impl Play for Join {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folders = stage.model.encrypted_folders();
        let mut work = Handiwork::of("join");
        for folder in &folders {
            let own = stage.model.history_of(&self.device).metadata(*folder).cloned();
            let common = stage.model.metadata(*folder).filter(|common| own.as_ref() != Some(*common)).cloned();
            work = common.into_iter().fold(work, |work, told| work.metadata(*folder, told));
        }
        if !stage.model.join(&self.device) {
            return Err(MoveError::NotForked(self.device.clone()));
        }
        folders.into_iter().for_each(|folder| stage.model.touch(folder));
        Ok(Some(Box::new(Joined { device: self.device.clone(), work })))
    }
}

struct Joined {
    device: String,
    work: Handiwork,
}

impl Lie for Joined {
    fn name(&self) -> &'static str {
        self.work.name()
    }

    fn made_metadata(&self, told_to: &Asker, folder: FileId, told: &SignedMetadata) -> bool {
        told_to.device.as_ref() == Some(&self.device) && self.work.made_metadata(told_to, folder, told)
    }
}
