use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie, Pause, Rendezvous as Place};
use crate::adversary::stage::Stage;
use crate::exchange::Endpoint;

/// How long a request waits for the others. Long enough for a slow client's second device, short enough not to
/// run into any client's time-out.
const PATIENCE: Duration = Duration::from_millis(500);
/// More waiting requests than any scenario has devices.
const MOST: usize = 16;

/// Requests wait for each other, so that two devices truly compete at the same lock (R2-LOCK-01, R2-LOCK-04). All that
/// have met go on at once; whoever waits in vain goes on alone after half a second. Nothing is falsified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rendezvous {
    /// The requests that wait.
    pub on: Endpoint,
    /// How many of them have to be there, 2 to 16.
    pub count: usize,
}

impl Play for Rendezvous {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if !(2..=MOST).contains(&self.count) {
            return Err(MoveError::OutOfRange { member: "count", expected: "expected 2 to 16 requests" });
        }
        Ok(Some(Box::new(Meeting { on: self.on, place: Place::new(self.count, PATIENCE) })))
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

    fn before(&self, endpoint: Endpoint, _: &Asker) -> Pause {
        if endpoint == self.on && !self.place.met() {
            Pause::Meet(Arc::clone(&self.place))
        } else {
            Pause::None
        }
    }
}
