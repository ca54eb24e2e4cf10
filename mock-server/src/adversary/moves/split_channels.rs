use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Channel, Lie, SignedMetadata};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// One of the two channels tells the metadata of a kept state, the other those of now: a client that takes its metadata
/// from either is played against itself (traps of the catalogue, section 3; ATK-CTR-01, ATK-SIG-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitChannels {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The channel that tells what was.
    pub channel: Channel,
    /// The name that was given to [`Snapshot`](super::Snapshot).
    pub as_of: String,
}

impl Play for SplitChannels {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        let then = stage.attacker.snapshot(&self.as_of)?.metadata(folder).cloned();
        stage.model.touch(folder);
        Ok(Some(Box::new(Split { folder, channel: self.channel, then })))
    }
}

struct Split {
    folder: FileId,
    channel: Channel,
    then: Option<SignedMetadata>,
}

impl Lie for Split {
    fn name(&self) -> &'static str {
        "split_channels"
    }

    fn metadata_over(
        &self,
        channel: Channel,
        _: &Asker,
        folder: FileId,
        honest: Option<SignedMetadata>,
    ) -> Option<SignedMetadata> {
        if (channel, folder) == (self.channel, self.folder) { self.then.clone() } else { honest }
    }
}
