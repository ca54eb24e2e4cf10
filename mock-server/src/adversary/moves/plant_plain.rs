use bytes::Bytes;
use e2ee_reference::random;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::attacker::Planted;
use crate::adversary::error::MoveError;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;
use crate::model::{Content, FileId};

/// A file or folder that nobody encrypted lies in an encrypted folder (ATK-FILE-06), under a clear name; no metadata name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlantPlain {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The name on the server.
    pub name: String,
    /// Whether it is an empty folder, and not a file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub directory: bool,
}

impl Play for PlantPlain {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        if self.directory {
            let taken = || MoveError::OutOfRange { member: "name", expected: "expected a name that nothing has" };
            let node = stage.model.store_folder(folder, &self.name).ok_or_else(taken)?;
            return Ok(Some(Box::new(Listed { node: Some(node), work: Handiwork::of("plant_plain") })));
        }
        let content = Bytes::from(format!("planted {}\n", hex::encode(random::array::<32>())));
        let file = stage.forge_file(folder, &self.name, content.clone(), |_| None)?;
        stage.attacker.keep_planted(Planted {
            by: "plant_plain".to_owned(),
            folder: self.folder.clone(),
            file_id: self.name.clone(),
            filename: self.name.clone(),
            content,
        });
        let node = file.as_ref().map(|file| file.node);
        Ok(Some(Box::new(Listed { node, work: Handiwork::of("plant_plain").file(file) })))
    }
}

struct Listed {
    node: Option<FileId>,
    work: Handiwork,
}

impl Lie for Listed {
    fn name(&self) -> &'static str {
        self.work.name()
    }

    fn shows(&self, _: &Asker, node: FileId) -> bool {
        Some(node) == self.node
    }

    fn made_file(&self, node: FileId, told: &Content) -> bool {
        self.work.made_file(node, told)
    }
}
