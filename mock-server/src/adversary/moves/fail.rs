use std::sync::atomic::{AtomicU32, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Fault, Lie};
use crate::adversary::stage::Stage;
use crate::exchange::Endpoint;

/// Requests are answered with an error, as by a server that is overloaded, broken, or means no good. Nothing is done
/// for them, unless `carried_out`: then only the answer is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fail {
    /// Which requests.
    pub on: Endpoint,
    /// The HTTP status, 400 to 599.
    pub status: u16,
    /// How many of them; all from now on if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Whether the request is carried out all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carried_out: bool,
    /// The device that it happens to; every one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_to: Option<String>,
}

impl Play for Fail {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if !(400..600).contains(&self.status) {
            return Err(MoveError::OutOfRange { member: "status", expected: "expected 400 to 599" });
        }
        Ok(Some(Box::new(Failing { it: self.clone(), left: AtomicU32::new(self.times.unwrap_or(u32::MAX)) })))
    }
}

struct Failing {
    it: Fail,
    left: AtomicU32,
}

impl Lie for Failing {
    fn name(&self) -> &'static str {
        "fail"
    }

    fn fault(&self, endpoint: Endpoint, told_to: &Asker) -> Option<Fault> {
        let meant = self.it.told_to.is_none() || self.it.told_to == told_to.device;
        if endpoint != self.it.on || !meant {
            return None;
        }
        let take = |left: u32| match left {
            u32::MAX => Some(left),
            left => left.checked_sub(1),
        };
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()?;
        Some(Fault { status: self.it.status, carried_out: self.it.carried_out })
    }
}
