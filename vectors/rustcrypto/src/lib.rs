//! The primitives of [`e2ee_reference`] by RustCrypto crates: pure Rust, and nothing in common with OpenSSL.
//!
//! [`RustCrypto`] checks what the first backend makes and the other way round; [`seeded`] makes test data that
//! is the same on every run; [`deviant`] does on purpose what clients did by mistake.
//!
//! For test vectors with published keys only: the `rsa` crate does not run in constant time.

mod backend;
mod keys;

pub mod deviant;
pub mod seeded;

pub use backend::RustCrypto;
