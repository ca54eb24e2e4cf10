use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;
use crate::model::Content;

/// Every file of a folder is cut short, prolonged, or both (ATK-FILE-04). Size and ETag are those of an honest upload of
/// what is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReshapeFiles {
    /// The path of an encrypted folder.
    pub folder: String,
    /// How many bytes are left; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<usize>,
    /// How many bytes are taken off the end.
    #[serde(default)]
    pub cut: usize,
    /// How many zero bytes are put behind what is left.
    #[serde(default)]
    pub append: usize,
}

/// As much as a client may reasonably be sent for nothing.
const MOST: usize = 16 * 1024 * 1024;

impl Play for ReshapeFiles {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if self.append > MOST {
            return Err(MoveError::OutOfRange { member: "append", expected: "expected at most 16 MiB" });
        }
        let folder = stage.folder(&self.folder)?;
        let mut work = Handiwork::of("reshape_files");
        let files = stage.files(folder);
        if files.is_empty() {
            return Err(MoveError::NoFile(self.folder.clone()));
        }
        for id in files {
            let Some(node) = stage.model.node(id) else { continue };
            let Some(content) = node.content() else { continue };
            let most = content.len().saturating_sub(self.cut as u64);
            let kept = content.slice(0..self.keep.map_or(most, |keep| most.min(keep as u64)));
            let bytes = Content::joined([kept, vec![0; self.append].into()]);
            let name = node.name().to_owned();
            work = work.file(stage.forge_file(folder, &name, bytes, |_| None)?);
        }
        Ok(Some(Box::new(work)))
    }
}
