use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Aim, Asker, Fault, Lie, Pause};
use crate::adversary::stage::Stage;
use crate::exchange::Endpoint;

/// Requests go wrong, as with a server that is overloaded, broken, or means no good, or with a bad connection
/// (ROB-META-01, ROB-LOCK-01 to 06, ROB-UP-01, ROB-UP-02). `skip`, `every` and `times` pick them: the second one is
/// `skip = 1, times = 1`, counted among those that all other members fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fail {
    /// Which requests.
    pub on: Endpoint,
    /// Only those that name a node in this folder, or the folder itself: its path in its owner's files, whether it is
    /// there yet or not. The address counts, and where a MOVE, COPY or upload in chunks goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Only those that name the node at this path, and none below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What happens to them.
    #[serde(default, skip_serializing_if = "Failure::is_status")]
    pub fault: Failure,
    /// The HTTP status, 400 to 599, if an error is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the header `Retry-After` of the error says, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// How long the delay is, or each pause between two bytes; 1 to 60,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<u32>,
    /// How many such requests nothing happens to at first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// Whether it happens to every second one from there on, every third, …; to each if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<NonZeroU32>,
    /// How many it happens to; all from there on if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<NonZeroU32>,
    /// Whether a request that is answered with an error is carried out all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carried_out: bool,
    /// The device that it happens to; every one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_to: Option<String>,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// An error is answered: `status`.
    #[default]
    Status,
    /// HTTP says 200, and the OCS answer inside that it is an error: `status`. Nothing is done.
    Inside,
    /// The connection is reset (RST) without an answer, and nothing is done.
    ResetBefore,
    /// The request is carried out, and then the connection is reset without an answer.
    ResetAfter,
    /// The connection ends in good order, in the middle of the answer's body.
    HalfBody,
    /// The answer's body comes byte by byte, with pauses of `millis`.
    Drip,
    /// Behind the answer's body blanks come and come: 256 MiB of them, and then the connection ends (ATK-PARSE-02).
    Endless,
    /// The answer is compressed by the transport, although nobody has asked for it (RFC 9110, section 8.4): a quarter of a
    /// GiB of blanks before what it says (ATK-PARSE-02).
    Compressed,
    /// The request is looked at `millis` after it has arrived; not at all if the client has hung up by then.
    Delay,
    /// The request is carried out twice, as by an intermediary that tries again.
    Twice,
    /// Success is answered, and nothing is done.
    Pretence,
    /// A listing in which nothing stands is answered, with the status 207, and nothing is done (ATK-DEL-04).
    NothingListed,
}

impl Failure {
    fn is_status(&self) -> bool {
        *self == Self::Status
    }

    fn has_status(self) -> bool {
        matches!(self, Self::Status | Self::Inside)
    }

    fn takes_time(self) -> bool {
        matches!(self, Self::Drip | Self::Delay)
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The longest pause in milliseconds.
const LONGEST: u32 = 60_000;

impl Play for Fail {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let wrong = |member, expected| Err(MoveError::OutOfRange { member, expected });
        match (self.fault.has_status(), self.status) {
            (true, Some(400..600)) | (false, None) => {}
            (true, _) => return wrong("status", "expected 400 to 599"),
            (false, Some(_)) => return wrong("status", "expected none with this fault"),
        }
        match (self.fault.takes_time(), self.millis) {
            (true, Some(1..=LONGEST)) | (false, None) => {}
            (true, _) => return wrong("millis", "expected 1 to 60000"),
            (false, Some(_)) => return wrong("millis", "expected none with this fault"),
        }
        if !self.fault.is_status() && (self.carried_out || self.retry_after.is_some()) {
            return wrong("fault", "expected `status` with `carried_out` and `retry_after`");
        }
        for (member, wanted) in [("folder", &self.folder), ("path", &self.path)] {
            if wanted.as_ref().is_some_and(|_| !names_nodes(self.on)) {
                return wrong(member, "expected none with this endpoint, whose addresses name no file or folder");
            }
        }
        Ok(Some(Box::new(Failing { it: self.clone(), seen: AtomicU32::new(0) })))
    }
}

/// Whether requests of this kind name files or folders.
fn names_nodes(endpoint: Endpoint) -> bool {
    use Endpoint as E;
    matches!(
        endpoint,
        E::PostLock | E::DeleteLock | E::GetMetadata | E::PostMetadata | E::PutMetadata | E::DeleteMetadata
            | E::PutFiledrop | E::PutEncrypted | E::DeleteEncrypted | E::Propfind | E::Proppatch | E::Report
            | E::GetFile | E::HeadFile | E::PutFile | E::PutChunk | E::MoveChunks | E::Mkcol | E::Move | E::Copy
            | E::DeleteFile
            | E::LockFile
            | E::UnlockFile | E::Other
    )
}

fn trimmed(path: &str) -> &str {
    path.trim_matches('/')
}

/// Whether something is the folder, or in it.
fn is_in(folder: &str, path: &str) -> bool {
    let folder = trimmed(folder);
    let rest = path.strip_prefix(folder);
    folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

struct Failing {
    it: Fail,
    /// How many of the requests have come.
    seen: AtomicU32,
}

impl Failing {
    /// Whether it is this request's turn; asked once for each.
    fn hits(&self, aim: &Aim, told_to: &Asker) -> bool {
        let Fail { on, folder, path, skip, every, times, told_to: device, .. } = &self.it;
        let device = device.is_none() || *device == told_to.device;
        let folder = folder.as_deref().is_none_or(|folder| aim.paths.iter().any(|at| is_in(folder, at)));
        let path = path.as_deref().is_none_or(|path| aim.paths.iter().any(|at| trimmed(path) == at));
        if aim.endpoint != *on || !device || !folder || !path {
            return false;
        }
        let Some(after) = self.seen.fetch_add(1, Ordering::Relaxed).checked_sub(*skip) else { return false };
        let every = every.map_or(1, NonZeroU32::get);
        // The second, fourth, … for two.
        let turn = after % every == every - 1;
        turn && times.is_none_or(|times| after / every < times.get())
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(self.it.millis.unwrap_or_default().into())
    }
}

impl Lie for Failing {
    fn name(&self) -> &'static str {
        "fail"
    }

    fn before(&self, aim: &Aim, told_to: &Asker) -> Pause {
        let delayed = self.it.fault == Failure::Delay && self.hits(aim, told_to);
        if delayed { Pause::Delay(self.pause()) } else { Pause::None }
    }

    fn fault(&self, aim: &Aim, told_to: &Asker) -> Option<Fault> {
        let Fail { fault, status, retry_after, carried_out, .. } = self.it;
        if fault == Failure::Delay || !self.hits(aim, told_to) {
            return None;
        }
        Some(match fault {
            Failure::Status => Fault::Status { status: status?, carried_out, retry_after },
            Failure::Inside => Fault::Inside { status: status? },
            Failure::ResetBefore => Fault::Reset { carried_out: false },
            Failure::ResetAfter => Fault::Reset { carried_out: true },
            Failure::HalfBody => Fault::HalfBody,
            Failure::Drip => Fault::Drip(self.pause()),
            Failure::Endless => Fault::Endless,
            Failure::Compressed => Fault::Compressed,
            Failure::Twice => Fault::Twice,
            Failure::Pretence => Fault::Pretence,
            Failure::NothingListed => Fault::NothingListed,
            Failure::Delay => return None,
        })
    }
}
