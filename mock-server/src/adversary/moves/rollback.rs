use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;
use crate::model::{FileId, Model};

/// Goes back to a kept state (ATK-CTR-01): files, listings, flags, metadata with its signatures byte for byte, and
/// the counters that locks are checked against, under new ETags. Accounts, keys, shares and locks stay as they are.
/// From there the server goes on honestly and takes what clients write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// The name that was given to [`Snapshot`](super::Snapshot).
    pub to: String,
    /// Whether only the bytes of files go back (ATK-FILE-02); metadata, counters and listings stay.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_files: bool,
}

impl Play for Rollback {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let snapshot = stage.attacker.snapshot(&self.to)?.clone();
        if self.only_files {
            return Ok(Some(Box::new(old_bytes(stage, &snapshot)?)));
        }
        let newest = stage.all_metadata();
        let encrypted = stage.model.encrypted_folders().into_iter();
        let parent = |id| Some((id, stage.model.node(id)?.parent()?));
        let lying: Vec<(FileId, FileId)> = encrypted.filter_map(parent).collect();
        stage.model.restore_storage(&snapshot);
        let old = stage.all_metadata().into_iter().filter(|(folder, told)| newest.get(folder) != Some(told));
        let work = old.fold(Handiwork::of("rollback"), |work, (folder, told)| work.metadata(folder, told));
        let gone = lying.into_iter().filter(|(folder, _)| stage.model.node(*folder).is_none());
        let work = gone.fold(work, |work, (_, parent)| work.listing(parent));
        Ok(Some(Box::new(work)))
    }
}

/// Puts the bytes of then into every file that is still there.
fn old_bytes(stage: &mut Stage<'_>, snapshot: &Model) -> Result<Handiwork, MoveError> {
    let mut work = Handiwork::of("rollback");
    for folder in stage.model.encrypted_folders() {
        for file in stage.files(folder) {
            let now = stage.model.node(file).map(|node| (node.name().to_owned(), node.content().cloned()));
            let Some((name, now)) = now else { continue };
            let then = snapshot.children(folder).into_iter().filter_map(|id| snapshot.node(id));
            let old = then.filter(|node| node.name() == name).find_map(|node| node.content().cloned());
            let Some(old) = old else { continue };
            if now.as_ref() == Some(&old) {
                continue;
            }
            work = work.file(stage.forge_file(folder, &name, old, |_| None)?);
        }
    }
    Ok(work)
}
