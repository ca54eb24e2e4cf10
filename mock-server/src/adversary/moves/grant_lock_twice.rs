use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Grant, Lie};
use crate::adversary::stage::Stage;
use crate::model::{FileId, LockError};

/// Whoever asks for the lock of a folder gets it, also while somebody else holds it (ATK-LOCK-01). Counters are checked
/// as ever when the folder is free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantLockTwice {
    /// The path of an encrypted folder.
    pub folder: String,
    /// With which token.
    #[serde(default, skip_serializing_if = "SecondToken::is_own")]
    pub token: SecondToken,
}

/// The token of a lock that was held already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondToken {
    /// Another one; both are good, and whoever writes last wins.
    #[default]
    Own,
    /// That of the holder.
    Shared,
    /// Another one, and the holder's is good no more: the lock is stolen.
    Stolen,
}

impl SecondToken {
    fn is_own(&self) -> bool {
        *self == Self::Own
    }
}

impl Play for GrantLockTwice {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let grant = match self.token {
            SecondToken::Own => Grant::Beside,
            SecondToken::Shared => Grant::Shared,
            SecondToken::Stolen => Grant::Instead,
        };
        Ok(Some(Box::new(Generous { folder: stage.folder(&self.folder)?, grant })))
    }
}

struct Generous {
    folder: FileId,
    grant: Grant,
}

impl Lie for Generous {
    fn name(&self) -> &'static str {
        "grant_lock_twice"
    }

    fn grant(&self, _: &Asker, folder: FileId, refused: LockError) -> Option<Grant> {
        (folder == self.folder && refused == LockError::Locked).then_some(self.grant)
    }
}
