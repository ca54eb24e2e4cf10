//! What happened to a tenant, for those who watch.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::adversary::Move;

/// How many events are kept for those who come late or read slowly.
const MAX_EVENTS: usize = 4096;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// The exchange of this number was recorded.
    Exchange(u64),
    /// A lie was told in the exchange of this number.
    Lie(u64),
    /// A move was played.
    Move(Box<Move>),
    /// A command other than a move was carried out.
    Command(&'static str),
}

/// The newest events of a tenant. Their ids count from 1.
#[derive(Debug)]
pub(crate) struct Events {
    log: Mutex<Log>,
    news: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Log {
    kept: VecDeque<Event>,
    /// The id of the newest event.
    last: u64,
    closed: bool,
    /// The names of moves and of [`MEDDLING`] since the last reset, which are not forgotten with their events.
    meddled: BTreeSet<&'static str>,
}

/// The commands after which a server is not what requests have made it.
const MEDDLING: [&str; 3] = ["restore", "roll_back", "remove_user"];

/// What happened after an event.
#[derive(Debug, PartialEq)]
pub(crate) struct Later {
    /// How many events were not kept.
    pub(crate) missed: u64,
    /// Events with their ids, oldest first.
    pub(crate) events: Vec<(u64, Event)>,
    /// Whether nothing will happen any more.
    pub(crate) closed: bool,
}

impl Default for Events {
    fn default() -> Self {
        Self { log: Mutex::default(), news: watch::Sender::new(0) }
    }
}

impl Events {
    pub(crate) fn push(&self, event: Event) {
        let last = {
            let mut log = self.log();
            log.last += 1;
            match &event {
                Event::Move(it) if !matches!(**it, Move::Snapshot(_)) => {
                    log.meddled.insert(it.name());
                }
                Event::Command("reset") => log.meddled.clear(),
                Event::Command(name) if MEDDLING.contains(name) => {
                    log.meddled.insert(name);
                }
                _ => {}
            }
            log.kept.push_back(event);
            if log.kept.len() > MAX_EVENTS {
                log.kept.pop_front();
            }
            log.last
        };
        self.tell(last);
    }

    /// An exchange was recorded, in which lies were told or not.
    pub(crate) fn exchange(&self, number: u64, lied: bool) {
        self.push(Event::Exchange(number));
        if lied {
            self.push(Event::Lie(number));
        }
    }

    /// The tenant is gone: whoever watches can go home.
    pub(crate) fn close(&self) {
        let last = {
            let mut log = self.log();
            log.closed = true;
            log.last
        };
        self.tell(last);
    }

    /// The id of the newest event, 0 if nothing has happened.
    pub(crate) fn last(&self) -> u64 {
        self.log().last
    }

    /// What was done to the tenant since the last reset that a server does not do by itself, by name.
    pub(crate) fn meddled(&self) -> Vec<&'static str> {
        self.log().meddled.iter().copied().collect()
    }

    /// What happened after the event of this id, at most `limit` events.
    pub(crate) fn after(&self, id: u64, limit: usize) -> Later {
        let log = self.log();
        let before_first = log.last - log.kept.len() as u64;
        // An id of the future is one of another life of the server: all that is kept is new.
        let id = if id > log.last { 0 } else { id };
        let from = id.max(before_first);
        let skipped = usize::try_from(from - before_first).unwrap_or(usize::MAX);
        let events = (from + 1..).zip(log.kept.iter().skip(skipped).take(limit).cloned()).collect();
        Later { missed: from - id, events, closed: log.closed }
    }

    /// Changes whenever something has happened.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Nobody listens most of the time, and there may be fifty thousand exchanges a second.
    fn tell(&self, last: u64) {
        if self.news.receiver_count() > 0 {
            self.news.send_replace(last);
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_longer_kept_is_counted() {
        let events = Events::default();
        assert_eq!(events.after(0, 10), Later { missed: 0, events: Vec::new(), closed: false });
        for number in 1..=MAX_EVENTS as u64 + 3 {
            events.push(Event::Exchange(number));
        }
        let later = events.after(1, 2);
        assert_eq!(later.missed, 2);
        assert_eq!(later.events, [(4, Event::Exchange(4)), (5, Event::Exchange(5))]);
        let end = MAX_EVENTS as u64 + 3;
        assert_eq!(events.after(end - 1, 10).events, [(end, Event::Exchange(end))]);
        assert_eq!(events.after(end, 10).events, []);
        assert_eq!(events.after(end + 1, 1).events, [(4, Event::Exchange(4))], "of another life");
    }
}
