//! The server's time, which tests can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time to a tenant: that of the machine, plus what it was advanced by. Clones are the same clock.
///
/// The clock of a tenant with a seed does not look at the machine's: it begins with 2025 and goes on by a second with
/// each change of the tenant, also an attempted one.
///
/// ```
/// use std::time::Duration;
/// use e2ee_mock_server::Clock;
///
/// let clock = Clock::default();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(86_400));
/// assert!(clock.now() >= before + 86_400);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Clock {
    hands: Arc<Hands>,
}

#[derive(Debug)]
struct Hands {
    /// What the clock was advanced by.
    ahead: AtomicI64,
    /// What is taken for the machine's time; [`MACHINE`]: the machine's time.
    held: AtomicI64,
}

/// No time that a clock could be held at.
const MACHINE: i64 = i64::MIN;
/// 2025-01-01T00:00:00Z.
const BEGINNING: i64 = 1_735_689_600;

impl Default for Hands {
    fn default() -> Self {
        Self { ahead: AtomicI64::new(0), held: AtomicI64::new(MACHINE) }
    }
}

impl Clock {
    /// A clock that begins with 2025 and stands still until it is told to go on.
    pub(crate) fn standing() -> Self {
        let clock = Self::default();
        clock.hold(BEGINNING);
        clock
    }

    /// Another clock that shows the same.
    pub(crate) fn forked(&self) -> Self {
        let (ahead, held) = (self.ahead(), self.hands.held.load(Ordering::Relaxed));
        Self { hands: Arc::new(Hands { ahead: AtomicI64::new(ahead), held: AtomicI64::new(held) }) }
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.unadvanced().saturating_add(self.ahead())
    }

    /// Goes back to the time that it was not advanced from.
    pub(crate) fn reset(&self) {
        self.set_ahead(0);
    }

    /// Moves the clock forward, by whole seconds.
    pub fn advance(&self, by: Duration) {
        let _ = self.hands.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ahead| {
            Some(ahead.saturating_add(seconds(by)))
        });
    }

    /// The time without what the clock was advanced by.
    pub(crate) fn unadvanced(&self) -> i64 {
        match self.hands.held.load(Ordering::Relaxed) {
            MACHINE => seconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()),
            held => held,
        }
    }

    /// What it was advanced by, in seconds.
    pub(crate) fn ahead(&self) -> i64 {
        self.hands.ahead.load(Ordering::Relaxed)
    }

    /// Sets what it was advanced by.
    pub(crate) fn set_ahead(&self, seconds: i64) {
        self.hands.ahead.store(seconds, Ordering::Relaxed);
    }

    /// Takes this for the machine's time from now on.
    pub(crate) fn hold(&self, unadvanced: i64) {
        self.hands.held.store(unadvanced, Ordering::Relaxed);
    }

    /// Looks at the machine's time again.
    pub(crate) fn release(&self) {
        self.hold(MACHINE);
    }
}

impl PartialEq for Clock {
    /// Whether it was advanced by as much.
    fn eq(&self, other: &Self) -> bool {
        self.ahead() == other.ahead()
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
