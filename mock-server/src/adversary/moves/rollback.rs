use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// Goes back to a kept state (ATK-CTR-01): files, listings, flags, metadata with its signatures byte for byte, and
/// the counters that locks are checked against, under new ETags. Accounts, keys, shares and locks stay as they are.
/// From there the server goes on honestly and takes what clients write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// The name that was given to [`Snapshot`](super::Snapshot).
    pub to: String,
}

impl Play for Rollback {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let snapshot = stage.attacker.snapshot(&self.to)?.clone();
        let newest = stage.all_metadata();
        stage.model.restore_storage(&snapshot);
        let old = stage.all_metadata().into_iter().filter(|(folder, told)| newest.get(folder) != Some(told));
        let work = old.fold(Handiwork::of("rollback"), |work, (folder, told)| work.metadata(folder, told));
        Ok(Some(Box::new(work)))
    }
}
