//! Identifiers: of nodes and shares, ETags, and the texts that nobody can guess.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The number of a file or folder, which the E2EE API takes as `{id}` and DAV shows as `oc:fileid`.
/// The server hands out ids of six digits and more, unique in the whole process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileId(u64);

impl FileId {
    /// The id with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The long form of `oc:id` and the header `OC-FileId`: eight digits and the instance's id.
    pub fn long(self, instance: &str) -> String {
        format!("{:08}{instance}", self.0)
    }

    pub(super) fn fresh() -> Self {
        Self(fresh_number())
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for FileId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A number that no other node or share of this process has: a snapshot that is restored cannot repeat one.
pub(super) fn fresh_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(100_001);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An ETag without its quotes, 13 hexadecimal digits, never the same twice.
pub(super) fn fresh_etag() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_micros() as u64);
    let before = NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(micros.max(last + 1)));
    format!("{:013x}", before.map_or(micros, |last| micros.max(last + 1)))
}

/// Random letters and digits: lock tokens (64), link tokens (15), app passwords.
pub(crate) fn secret_text(length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    let mut bytes = [0u8; 64];
    while text.len() < length {
        e2ee_reference::random::fill(&mut bytes);
        // Bytes of 248 and more are thrown away, or some letters would come more often than others.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
        text.extend(letters.take(length - text.len()).map(|letter| char::from(*letter)));
    }
    text
}
