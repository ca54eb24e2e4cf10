//! The end of a stream.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// How much of a program's standard error is kept, in bytes.
const KEPT: usize = 64 * 1024;

/// Keeps the last bytes that were pushed; clones share them.
#[derive(Clone, Default)]
pub(super) struct Tail(Arc<Mutex<VecDeque<u8>>>);

impl Tail {
    pub(super) fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&bytes[bytes.len().saturating_sub(KEPT)..]);
        let excess = kept.len().saturating_sub(KEPT);
        kept.drain(..excess);
    }

    pub(super) fn text(&self) -> String {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(kept.make_contiguous()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let tail = Tail::default();
        tail.push(b"lost");
        tail.push(&[b'x'; KEPT - 2]);
        tail.push(b"end");
        let text = tail.text();
        assert_eq!(text.len(), KEPT);
        assert!(text.starts_with('x') && text.ends_with("xend"));
        tail.push(&[b'y'; 2 * KEPT]);
        assert_eq!(tail.text(), "y".repeat(KEPT));
    }
}
