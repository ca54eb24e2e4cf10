//! What makes a tenant the same each time: its changes happen one after the other, each at a time and with random bytes
//! of its own, and are kept in its state file if it has one.

use std::cell::Cell;
use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::face::Head;
use crate::journal::{Change, Journal, Record, Stamp, StateError};
use crate::model::Ids;

/// The order of the changes of a tenant that has a seed or a state file.
pub(crate) struct Order {
    ids: Ids,
    clock: Clock,
    /// Whether the clock goes by changes.
    by_changes: bool,
    /// How many changes there were.
    turn: Mutex<u64>,
    journal: OnceLock<Journal>,
}

/// Where an order is between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rest {
    /// How many changes there were.
    changes: u64,
    /// How many numbers and ETags were given out.
    numbers: u64,
    etags: u64,
    /// The time without what the clock was advanced by, and that.
    time: i64,
    ahead: i64,
}

thread_local! {
    /// Whether this thread is in the middle of a change: what a change does besides belongs to it.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// The random bytes of a seed.
pub(crate) fn seed_bytes(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    bytes
}

impl Order {
    /// An order whose random bytes follow from `random`, on the machine's clock or on one that goes by changes.
    pub(crate) fn new(random: [u8; 32], by_changes: bool) -> Self {
        let clock = if by_changes { Clock::standing() } else { Clock::default() };
        let (turn, journal) = (Mutex::new(0), OnceLock::new());
        Self { ids: Ids::seeded(random), clock, by_changes, turn, journal }
    }

    /// What the model takes its ids and its time from.
    pub(crate) fn parts(&self) -> (Ids, Clock) {
        (self.ids.clone(), self.clock.clone())
    }

    /// From now on changes are kept there.
    pub(crate) fn keep(&self, journal: Journal) {
        // There is one file a tenant.
        let _ = self.journal.set(journal);
    }

    /// Waits for the changes that are under way, then makes this one and appends it to the state file. `made` tells
    /// the status of the answer; what was refused by 401 or 429 came to nothing, and is not kept.
    ///
    /// # Errors
    /// When the file takes no changes: then nothing is done.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce() -> Change,
        body: &Bytes,
        make: impl FnOnce() -> T,
        status: impl FnOnce(&T) -> u16,
    ) -> Result<T, StateError> {
        if INSIDE.get() {
            return Ok(make());
        }
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let journal = self.journal.get();
        journal.map_or(Ok(()), |journal| journal.check(body.len()))?;
        let before = self.clock.unadvanced();
        let (number, time) = (*turn + 1, before + i64::from(self.by_changes));
        // What the change itself advances the clock by belongs to the next one.
        let ahead = self.clock.ahead();
        let change = journal.map(|_| change());
        let made = self.at(number, time, make);
        let status = Some(status(&made)).filter(|status| !matches!(status, 401 | 429));
        self.clock_after(if status.is_some() { time } else { before });
        if let Some(status) = status {
            *turn = number;
            if let (Some(journal), Some(change)) = (journal, change) {
                let stamp = Stamp { number, time, ahead, drawn: self.ids.position(), status };
                journal.append(Record { stamp, change, body: body.clone() });
            }
        }
        Ok(made)
    }

    /// Makes a change of the state file again; it must come to the same, in ids, tokens and ETags that it takes and,
    /// unless refusals depend on more than the state, in the status of the answer.
    pub(crate) fn again(
        &self,
        stamp: Stamp,
        same_status: bool,
        make: impl FnOnce() -> u16,
    ) -> Result<(), String> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if stamp.number != *turn + 1 {
            return Err(format!("it follows change {}", *turn));
        }
        *turn = stamp.number;
        self.clock.set_ahead(stamp.ahead);
        let status = self.at(stamp.number, stamp.time, make);
        self.clock_after(stamp.time);
        let drawn = self.ids.position();
        if drawn != stamp.drawn || (same_status && status != stamp.status) {
            let Stamp { status: expected, drawn: wanted, .. } = stamp;
            return Err(format!(
                "status {status}, expected {expected}; drawn {drawn:?}, expected {wanted:?}"
            ));
        }
        Ok(())
    }

    /// Looks at the state file, if its time has come and nothing is under way: nothing changes meanwhile.
    pub(crate) fn at_rest(&self, look: impl FnOnce(&Journal, Rest)) {
        let due = |journal: &&Journal| !INSIDE.get() && journal.is_due();
        let Some(journal) = self.journal.get().filter(due) else { return };
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have looked first.
        if journal.is_due() {
            let [numbers, etags, _] = self.ids.position();
            let (time, ahead) = (self.clock.unadvanced(), self.clock.ahead());
            look(journal, Rest { changes: *turn, numbers, etags, time, ahead });
        }
    }

    /// Goes on from there.
    pub(crate) fn go_on_from(&self, rest: Rest) {
        let Rest { changes, numbers, etags, time, ahead } = rest;
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = changes;
        self.ids.go_on_behind(numbers, etags);
        self.clock.set_ahead(ahead);
        self.clock_after(time);
    }

    /// Waits until all that this thread has seen is on the disk.
    pub(crate) fn durable(&self) -> impl Future<Output = Result<(), StateError>> + Send + use<> {
        let durable = self.journal.get().map(|journal| {
            // Whoever has changed something that was seen has appended it when he gives the turn back.
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            journal.durable()
        });
        async {
            match durable {
                Some(durable) => durable.await,
                None => Ok(()),
            }
        }
    }

    /// What is done directly waits where it was called.
    pub(crate) fn wait(&self) -> Result<(), StateError> {
        self.journal.get().map_or(Ok(()), Journal::wait)
    }

    fn at<T>(&self, number: u64, time: i64, make: impl FnOnce() -> T) -> T {
        self.ids.begin(number);
        self.clock.hold(time);
        INSIDE.set(true);
        let _leave = Leave(self);
        make()
    }

    fn clock_after(&self, time: i64) {
        if self.by_changes {
            self.clock.hold(time);
        }
    }
}

/// Ends a change, also one whose handler panics.
struct Leave<'a>(&'a Order);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        INSIDE.set(false);
        if !self.0.by_changes {
            self.0.clock.release();
        }
        if std::thread::panicking()
            && let Some(journal) = self.0.journal.get()
        {
            // Half a change cannot be made again.
            journal.give_up("a change broke off");
        }
    }
}

/// Whether a request may change something. Those that only ask do not disturb the order.
pub(crate) fn may_change(head: &Head) -> bool {
    let asks = matches!(head.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "PROPFIND" | "REPORT" | "SEARCH");
    // The one thing that is made because somebody asks for it.
    !asks || head.path.ends_with(&["core".to_owned(), "getapppassword".to_owned()])
}
