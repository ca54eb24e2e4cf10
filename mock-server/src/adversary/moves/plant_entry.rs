use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// A corrupted member adds a file (ATK-PATH-01): all of it is as an honest member would write it, the counter is the
/// next one, the bytes lie in the folder; only the clear name is the attacker's choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlantEntry {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The member's user id; [`Corrupt`](super::Corrupt) has come before.
    pub by: String,
    /// The file's clear name.
    pub name: String,
    /// The file's id in the metadata; a usual one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl Play for PlantEntry {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        let certificate = root.member(&self.by)?.certificate()?;
        let key = stage.attacker.corrupted(&self.by)?.clone();
        let metadata_key = root.document.unwrap_key(&self.by, &key)?;
        let mut contents = root.document.open(&metadata_key)?;

        let mut forgery = forge::file(&self.name)?;
        forgery.file_id = self.id.clone().unwrap_or(forgery.file_id);
        contents.counter = contents.counter.saturating_add(1);
        contents.files.insert(forgery.file_id.clone(), forgery.entry.clone());
        let document = forge::reseal(&root.document, &contents, &metadata_key)?;
        let signed = forge::signed(&document, &certificate, &key, stage.now)?;

        let blob = stage.plant("plant_entry", &root, forgery)?;
        let work = stage.publish("plant_entry", &root, signed, Some(contents.counter));
        Ok(Some(Box::new(work.file(blob.node, blob.bytes))))
    }
}
