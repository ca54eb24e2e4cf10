//! The server's time, which tests can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time to a tenant: that of the machine, plus what it was advanced by. Clones are the same clock.
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
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        seconds(machine).saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// Goes back to the machine's time.
    pub(crate) fn reset(&self) {
        self.ahead.store(0, Ordering::Relaxed);
    }

    /// Moves the clock forward, by whole seconds.
    pub fn advance(&self, by: Duration) {
        let _ = self.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ahead| {
            Some(ahead.saturating_add(seconds(by)))
        });
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
