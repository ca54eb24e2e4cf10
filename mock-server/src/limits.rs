//! What one client may take from the others.

use std::time::Duration;

/// Bounds on connections, in force for all tenants of a server together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// How many connections are open at once. One more takes the place of the one that has been without a request for
    /// longest; when all have one under way, it is answered 503 and closed.
    pub connections: usize,
    /// How long a client may take to send a head, and how long a connection stays open without a request.
    pub head: Duration,
    /// How long a body may stand still (408).
    pub idle: Duration,
    /// The slowest that a body may come on average, after the first [`ConnectionLimits::idle`] (408).
    pub bytes_per_second: u64,
    /// How many bytes of bodies that are still arriving may be in memory (503).
    pub bodies: u64,
}

impl Default for ConnectionLimits {
    /// 900 connections, which stays below the usual bound on open files; 30 seconds; 1 KiB a second; 256 MiB.
    fn default() -> Self {
        Self {
            connections: 900,
            head: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            bytes_per_second: 1024,
            bodies: 256 << 20,
        }
    }
}
