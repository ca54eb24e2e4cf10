//! What no client may make: signatures and certificates put together member by member, lawful in all but what is
//! changed.
//!
//! For vectors that a reader must refuse, and for attackers. Nothing in here is called by what reads or writes
//! documents, and no client has a use for it.

pub mod certificate;
pub mod cms;
pub mod der;
mod weak_hash;

pub use weak_hash::WeakHash;
