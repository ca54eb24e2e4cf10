//! Randomness of the operating system, or of a backend for reproducible test data, or of a [`Stream`].

use std::cell::RefCell;

use crate::backend::backend;

thread_local! {
    static IN_FORCE: RefCell<Option<Stream>> = const { RefCell::new(None) };
}

/// Fills `target` with random bytes (see [`Backend::fill_random`](crate::backend::Backend::fill_random)).
pub fn fill(target: &mut [u8]) {
    let filled = IN_FORCE.with_borrow_mut(|stream| stream.as_mut().map(|stream| stream.fill(target)));
    if filled.is_none() {
        backend().fill_random(target);
    }
}

/// `N` random bytes.
#[must_use]
pub fn array<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// A new id for a file or subfolder: 32 lower-case hex digits, a random UUID (version 4) without its dashes
/// (R2-MOD-08, R2-MOD-18).
#[must_use]
pub fn file_id() -> String {
    let mut bytes = array::<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    hex::encode(bytes)
}

/// Random bytes that follow from a seed, for test runs in which equal devices shall draw equal keys: SHA-256 over the seed
/// and the number of each block. Whoever knows the seed knows them.
#[derive(Clone)]
pub struct Stream {
    seed: [u8; 32],
    blocks: u64,
    left: Vec<u8>,
}

impl Stream {
    /// The stream of a seed, from its beginning.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, blocks: 0, left: Vec::new() }
    }

    /// Runs `action` with this stream as the only randomness that [`fill`] has on this thread, and goes on behind what was
    /// drawn. Not what OpenSSL draws itself: RSA keys, and the padding of what is wrapped for one.
    ///
    /// ```
    /// use e2ee_reference::random::{Stream, array};
    ///
    /// let drawn = || {
    ///     let mut stream = Stream::new([7; 32]);
    ///     [stream.within(array::<16>), stream.within(array::<16>)]
    /// };
    /// let [first, second] = drawn();
    /// assert_ne!(first, second);
    /// assert_eq!(drawn(), [first, second]);
    /// ```
    pub fn within<R>(&mut self, action: impl FnOnce() -> R) -> R {
        struct Restore<'a> {
            stream: &'a mut Stream,
            before: Option<Stream>,
        }
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                if let Some(stream) = IN_FORCE.replace(self.before.take()) {
                    *self.stream = stream;
                }
            }
        }
        let before = IN_FORCE.replace(Some(self.clone()));
        let _restore = Restore { stream: self, before };
        action()
    }

    fn fill(&mut self, target: &mut [u8]) {
        for byte in target {
            if self.left.is_empty() {
                self.blocks += 1;
                let input = [&self.seed[..], &self.blocks.to_be_bytes()].concat();
                self.left = backend().sha256(&input).to_vec();
            }
            *byte = self.left.pop().unwrap_or_default();
        }
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream(…)")
    }
}
