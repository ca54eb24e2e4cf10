//! What attackers send, byte by byte, and what others notice of it: nothing.

#![expect(clippy::unwrap_used, reason = "a helper of a test that fails has failed the test")]

mod bodies;
mod compressed;
mod flood;
mod framing;
mod heads;
mod long_files;
mod slow;
mod victim;
mod xml;
