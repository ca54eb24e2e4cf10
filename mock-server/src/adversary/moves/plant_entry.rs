use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::Lie;
use crate::adversary::member::Member;
use crate::adversary::stage::Stage;

/// A corrupted member adds a file (ATK-PATH-01): all of it is as an honest member would write it, the counter is the
/// next one, the bytes lie in the folder; only the clear name is the attacker's choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
        let mut member = Member::of(stage, &self.folder, &self.by)?;
        let mut forgery = forge::file(&self.name)?;
        forgery.file_id = self.id.clone().unwrap_or(forgery.file_id);
        member.adds(&forgery);
        let signed = member.writes(stage.now)?;
        let file = stage.plant("plant_entry", &member.root, forgery)?;
        let work = stage.publish("plant_entry", &member.root, signed, Some(member.contents.counter));
        Ok(Some(Box::new(work.file(file))))
    }
}
