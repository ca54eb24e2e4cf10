use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// Something is left out of every listing (ATK-DEL-01, ATK-DEL-02, ATK-DEL-04). It is still there for whoever asks by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hide {
    /// What is left out.
    pub what: Hidden,
    /// The path of an encrypted folder; needed unless everything is hidden.
    #[serde(default)]
    pub folder: String,
}

/// What is left out of listings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hidden {
    /// The folder with all that is in it.
    Folder,
    /// The oldest file of the folder.
    File,
    /// All that is in the folder.
    Contents,
    /// All encrypted folders of everybody.
    Everything,
}

impl Play for Hide {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let nodes = match self.what {
            Hidden::Everything => stage.model.encrypted_folders(),
            Hidden::Folder => stage.at_and_below(stage.folder(&self.folder)?),
            Hidden::Contents => stage.model.children(stage.folder(&self.folder)?),
            Hidden::File => stage.files(stage.folder(&self.folder)?).into_iter().take(1).collect(),
        };
        if nodes.is_empty() {
            return Err(MoveError::NoFile(self.folder.clone()));
        }
        for node in &nodes {
            stage.model.touch(*node);
        }
        Ok(Some(Box::new(LeftOut(nodes.into_iter().collect()))))
    }
}

struct LeftOut(BTreeSet<FileId>);

impl Lie for LeftOut {
    fn name(&self) -> &'static str {
        "hide"
    }

    fn hidden(&self, _: &Asker, node: FileId) -> bool {
        self.0.contains(&node)
    }
}
