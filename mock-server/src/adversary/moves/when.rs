use std::sync::atomic::{AtomicU32, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Move, Play};
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Aim, Asker, Lie};
use crate::adversary::stage::Stage;
use crate::exchange::Endpoint;

/// Another move is played when a certain request arrives, before it is looked at: what happens between two requests of
/// one transaction (ROB-LOCK-05). A move that cannot be made then is left out, and the exchange does not name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Which requests.
    pub on: Endpoint,
    /// How many of them come first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// The device that sends it; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The other move.
    pub play: Box<Move>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Play for When {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if matches!(*self.play, Move::When(_)) {
            return Err(MoveError::OutOfRange { member: "play", expected: "expected another move than `when`" });
        }
        Ok(Some(Box::new(Cue { it: self.clone(), seen: AtomicU32::new(0) })))
    }
}

struct Cue {
    it: When,
    seen: AtomicU32,
}

impl Lie for Cue {
    fn name(&self) -> &'static str {
        "when"
    }

    fn cue(&self, aim: &Aim, told_to: &Asker) -> Option<Move> {
        let When { on, skip, by, play } = &self.it;
        let meant = aim.endpoint == *on && (by.is_none() || *by == told_to.device);
        (meant && self.seen.fetch_add(1, Ordering::Relaxed) == *skip).then(|| Move::clone(play))
    }
}
