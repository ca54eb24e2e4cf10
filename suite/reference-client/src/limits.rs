//! What a client bears, and how much it sends at once.

use std::time::Duration;

/// Settings that a person has no opinion about. By default they suit servers on the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long one exchange with the server may take; an answer that is not there in full by then is none.
    pub patience: Duration,
    /// How many bytes of a file go in one piece; a new file that is longer is uploaded in chunks of this length.
    pub chunk: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { patience: Duration::from_secs(30), chunk: 10 * 1024 * 1024 }
    }
}

impl Limits {
    /// For plays in one process: whoever waits there for two seconds waits for nothing, and files are small.
    pub const IN_PLAYS: Self = Self { patience: Duration::from_secs(2), chunk: 256 * 1024 };
}
