//! What attackers send, byte by byte, and what others notice of it: nothing.

mod bodies;
mod compressed;
mod flood;
mod framing;
mod heads;
mod long_files;
mod slow;
mod victim;
mod xml;
