//! Randomness of the operating system, or of a backend for reproducible test data.

use crate::backend::backend;

/// Fills `target` with random bytes (see [`Backend::fill_random`](crate::backend::Backend::fill_random)).
pub fn fill(target: &mut [u8]) {
    backend().fill_random(target);
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
