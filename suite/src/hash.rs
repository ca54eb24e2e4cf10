//! SHA-256 as lower-case hex.

use e2ee_reference::backend::backend;

/// SHA-256 of the bytes, lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(backend().sha256(bytes))
}
