//! The connections that are open, of which there are not too many.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// The places for connections.
#[derive(Debug)]
pub(crate) struct Seats {
    most: usize,
    started: Instant,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    seats: BTreeMap<u64, Arc<Seat>>,
}

/// The place of one connection.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    /// Since when there is no request, in microseconds from the start of the server; [`BUSY`] while there is one.
    idle_since: AtomicU64,
    /// Somebody else needs the place.
    pub(crate) wanted: Notify,
}

const BUSY: u64 = u64::MAX;

/// Holds a place until it is dropped.
pub(crate) struct Seated {
    seats: Arc<Seats>,
    number: u64,
    seat: Arc<Seat>,
}

impl Seats {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, started: Instant::now(), taken: Mutex::default() }
    }

    /// A place, if need be that of the connection that is idle for longest. `None`: all are busy.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Seated> {
        let mut taken = self.taken();
        if taken.seats.len() >= self.most {
            let idle = |seat: &Seat| seat.idle_since.load(Ordering::Relaxed);
            let (number, _) = taken.seats.iter().min_by_key(|(_, seat)| idle(seat))?;
            let number = *number;
            let seat = taken.seats.get(&number).filter(|seat| idle(seat) != BUSY)?;
            seat.wanted.notify_one();
            taken.seats.remove(&number);
        }
        let (number, seat) = (taken.next, Arc::new(Seat::default()));
        seat.idle_since.store(self.now(), Ordering::Relaxed);
        taken.next += 1;
        taken.seats.insert(number, Arc::clone(&seat));
        drop(taken);
        Some(Seated { seats: Arc::clone(self), number, seat })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(BUSY - 1)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seated {
    /// A request has come.
    pub(crate) fn busy(&self) {
        self.seat.idle_since.store(BUSY, Ordering::Relaxed);
    }

    /// It is answered.
    pub(crate) fn idle(&self) {
        self.seat.idle_since.store(self.seats.now(), Ordering::Relaxed);
    }

    /// Ends when the place is given to somebody else.
    pub(crate) async fn wanted(&self) {
        self.seat.wanted.notified().await;
    }
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.seats.taken().seats.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_idle_makes_room() {
        let seats = Arc::new(Seats::new(2));
        let first = seats.take().unwrap();
        let second = seats.take().unwrap();
        first.busy();
        let third = seats.take().unwrap();
        second.wanted().await;
        third.busy();
        assert!(seats.take().is_none());
        drop(third);
        assert!(seats.take().is_some());
    }
}
