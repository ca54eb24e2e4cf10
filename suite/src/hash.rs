//! SHA-256.

use e2ee_reference::backend::backend;

/// SHA-256 of the bytes, lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(sha256(bytes))
}

/// SHA-256 of the bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    backend().sha256(bytes)
}
