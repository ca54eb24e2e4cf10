//! Randomness of the operating system.

/// Fills `target` with random bytes.
///
/// # Panics
/// When the operating system has no randomness to give: no key may be made then, and nothing can be done.
#[expect(clippy::expect_used, reason = "a system without randomness must not go on")]
pub fn fill(target: &mut [u8]) {
    getrandom::fill(target).expect("the operating system gives random bytes");
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
