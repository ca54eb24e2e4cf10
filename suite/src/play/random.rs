//! Random text.

use std::sync::LazyLock;

use e2ee_reference::backend::backend;
use e2ee_reference::random;

/// `bytes` random bytes as lower-case hex.
pub(crate) fn token(bytes: usize) -> String {
    let mut raw = vec![0; bytes];
    random::fill(&mut raw);
    hex::encode(raw)
}

/// The same for a purpose, which always has the same in this process, and another one in each process: what was made and
/// proved of equal things once need not be made again. 32 bytes at most.
pub(super) fn token_for(purpose: &str, bytes: usize) -> String {
    static SEED: LazyLock<[u8; 32]> = LazyLock::new(random::array);
    let digest = backend().sha256(&[&SEED[..], purpose.as_bytes()].concat());
    hex::encode(digest.get(..bytes).unwrap_or(&digest))
}
