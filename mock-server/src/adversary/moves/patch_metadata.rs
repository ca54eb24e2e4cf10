use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Lie, SignedMetadata};
use crate::adversary::patch::{self, Change};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// The server changes the text of stored metadata, of whatever version, and can neither open nor sign them. A signature
/// stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchMetadata {
    /// The path of an encrypted folder.
    pub folder: String,
    /// Whether it is the metadata of the first folder inside that is changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub below: bool,
    /// JSON patch, where `*` stands for the first member of an object.
    pub changes: Vec<Change>,
}

impl Play for PatchMetadata {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = self.target(stage)?;
        let missing = || MoveError::NoMetadata(self.folder.clone());
        let stored = stage.model.metadata(folder).cloned().ok_or_else(missing)?;
        let mut document = serde_json::from_str(&stored.document).map_err(|error| MoveError::NotOlder {
            folder: self.folder.clone(),
            reason: error.to_string(),
        })?;
        patch::apply(&mut document, &self.changes)?;
        let made = SignedMetadata { document: document.to_string(), ..stored };
        Ok(Some(Box::new(stage.publish_unsigned("patch_metadata", folder, made))))
    }
}

impl PatchMetadata {
    fn target(&self, stage: &Stage<'_>) -> Result<FileId, MoveError> {
        let folder = stage.folder(&self.folder)?;
        if !self.below {
            return Ok(folder);
        }
        let mut inside = stage.model.children(folder).into_iter();
        let found = inside.find(|id| stage.model.metadata(*id).is_some());
        found.ok_or_else(|| MoveError::NoSubfolder(self.folder.clone()))
    }
}
