//! Identifiers: of nodes and shares, ETags, and the texts that nobody can guess.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use e2ee_reference::backend::backend;

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

/// Where a tenant's ids, ETags and secret texts come from: unless it is seeded, from counters of the process and from
/// the operating system, so that a snapshot that is restored anywhere cannot repeat one. Clones are the same source.
#[derive(Clone, Default)]
pub(crate) struct Ids {
    seeded: Option<Arc<Mutex<Seeded>>>,
}

/// A source that gives the same on every run. Numbers and ETags are counted from the first command to the last; random
/// bytes begin anew with each command, so that they depend on its number and on nothing that came before it.
struct Seeded {
    seed: [u8; 32],
    first_etag: u64,
    command: u64,
    blocks: u64,
    numbers: u64,
    etags: u64,
}

impl Ids {
    /// A source that gives the same for the same seed.
    pub(crate) fn seeded(seed: [u8; 32]) -> Self {
        // Servers with other seeds have other ETags, too.
        let first = backend().sha256(&[&seed[..], b"etags"].concat());
        let first_etag = first.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes) >> 13);
        let seeded = Seeded { seed, first_etag, command: 0, blocks: 0, numbers: 0, etags: 0 };
        Self { seeded: Some(Arc::new(Mutex::new(seeded))) }
    }

    /// Begins the random bytes of this command.
    pub(crate) fn begin(&self, command: u64) {
        self.with(|seeded| (seeded.command, seeded.blocks) = (command, 0));
    }

    /// How many numbers and ETags were given out, and how many blocks of random bytes in this command.
    pub(crate) fn position(&self) -> [u64; 3] {
        self.with(|seeded| [seeded.numbers, seeded.etags, seeded.blocks]).unwrap_or_default()
    }

    /// Goes on behind so many numbers and ETags.
    pub(crate) fn go_on_behind(&self, numbers: u64, etags: u64) {
        self.with(|seeded| (seeded.numbers, seeded.etags) = (numbers, etags));
    }

    /// The number of a node or share.
    pub(super) fn number(&self) -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(FIRST_NUMBER);
        let seeded = self.with(|seeded| {
            seeded.numbers += 1;
            FIRST_NUMBER + seeded.numbers - 1
        });
        seeded.unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// An ETag without its quotes, 13 hexadecimal digits, never the same twice.
    pub(super) fn etag(&self) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let seeded = self.with(|seeded| {
            seeded.etags += 1;
            (seeded.first_etag + seeded.etags) & ((1 << 52) - 1)
        });
        let number = seeded.unwrap_or_else(|| {
            let micros =
                SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_micros() as u64);
            let next = |last: u64| micros.max(last + 1);
            NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)))
                .map_or(micros, next)
        });
        format!("{number:013x}")
    }

    /// Random letters and digits: lock tokens (64), link tokens (15), app passwords.
    pub(crate) fn secret_text(&self, length: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let bytes = self.random_bytes();
            // Bytes of 248 and more are thrown away, or some letters would come more often than others.
            let fair = bytes.iter().filter(|byte| **byte < 248);
            let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
            text.extend(letters.take(length - text.len()).map(|letter| char::from(*letter)));
        }
        text
    }

    /// The seed of everything that a move of the adversary makes up; `None` if that need not be the same each time.
    pub(crate) fn seed_of_move(&self) -> Option<[u8; 32]> {
        self.with(Seeded::next_block)
    }

    fn random_bytes(&self) -> [u8; 32] {
        self.with(Seeded::next_block).unwrap_or_else(e2ee_reference::random::array)
    }

    fn with<T>(&self, action: impl FnOnce(&mut Seeded) -> T) -> Option<T> {
        let seeded = self.seeded.as_ref()?;
        Some(action(&mut seeded.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl PartialEq for Ids {
    /// Whether both are seeded, or none is.
    fn eq(&self, other: &Self) -> bool {
        self.seeded.is_some() == other.seeded.is_some()
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.seeded.is_some() { "Ids(seeded)" } else { "Ids" })
    }
}

impl Seeded {
    fn next_block(&mut self) -> [u8; 32] {
        self.blocks += 1;
        let input = [&self.seed[..], &self.command.to_be_bytes(), &self.blocks.to_be_bytes()].concat();
        backend().sha256(&input)
    }
}

/// Ids have six digits, as on a server that has been used for a while.
const FIRST_NUMBER: u64 = 100_001;
