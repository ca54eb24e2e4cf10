//! Random text.

use e2ee_reference::random;

/// `bytes` random bytes as lower-case hex.
pub(crate) fn token(bytes: usize) -> String {
    let mut raw = vec![0; bytes];
    random::fill(&mut raw);
    hex::encode(raw)
}
