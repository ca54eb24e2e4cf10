use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Aim, Asker, Lie, Pause, Rendezvous as Place};
use crate::adversary::stage::Stage;
use crate::exchange::Endpoint;

/// How long a request waits for the others. Long enough for a slow client's second device, short enough not to
/// run into any client's time-out.
const PATIENCE: Duration = Duration::from_millis(500);
/// The longest wait, in milliseconds.
const LONGEST: u32 = 10_000;
/// More waiting requests than any scenario has devices.
const MOST: usize = 16;

/// Requests wait for each other, so that two devices truly compete at the same lock (R2-LOCK-01, R2-LOCK-04). All that
/// have met go on at once; whoever waits in vain goes on alone, after half a second unless told otherwise. Nothing is
/// falsified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rendezvous {
    /// The requests that wait.
    pub on: Endpoint,
    /// How many of them have to be there, 2 to 16.
    pub count: usize,
    /// How long each waits for the others, in milliseconds, 1 to 10,000; 500 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<u32>,
}

impl Play for Rendezvous {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if !(2..=MOST).contains(&self.count) {
            return Err(MoveError::OutOfRange { member: "count", expected: "expected 2 to 16 requests" });
        }
        let patience = match self.millis {
            None => PATIENCE,
            Some(millis @ 1..=LONGEST) => Duration::from_millis(millis.into()),
            Some(_) => return Err(MoveError::OutOfRange { member: "millis", expected: "expected 1 to 10000" }),
        };
        Ok(Some(Box::new(Meeting { on: self.on, place: Place::new(self.count, patience) })))
    }
}

struct Meeting {
    on: Endpoint,
    place: Arc<Place>,
}

impl Lie for Meeting {
    fn name(&self) -> &'static str {
        "rendezvous"
    }

    fn before(&self, aim: &Aim, _: &Asker) -> Pause {
        if aim.endpoint == self.on && !self.place.met() {
            Pause::Meet(Arc::clone(&self.place))
        } else {
            Pause::None
        }
    }
}
