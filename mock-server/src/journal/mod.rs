//! The state file: what was done to a tenant, in order, from which everything is made again after a restart.
//!
//! A change is a request with the account that it was found to come from, or something that was done directly to the
//! tenant. It is carried out, appended with its number and its time, and answered once the file is synced; changes that
//! come meanwhile share the next sync. Everything random in a change follows from the seed in the file's header and from
//! the change's number ([`Ids`](crate::model::Ids)), so that doing it again comes to the same.
//!
//! When less than half of the file is still needed, it is written anew (`compact`): all that the tenant knows comes first
//! then, the bytes of files and the rest, and changes follow as ever.
//!
//! A file is a header and batches (`frame`): each is chained to the one before by a checksum, and begins with a marker
//! that only this file has and with its own position. A batch is written when the one before is on the disk. So what is
//! broken at the end, with no later batch behind it, was never answered, and is cut off; what is broken with a later
//! batch behind it was, and is an error.

mod change;
mod compact;
mod error;
mod file;
mod folder;
mod frame;
mod header;
mod writer;

pub(crate) use change::{Change, Direct, Record, Stamp};
pub use error::StateError;
pub use file::StateFile;
pub(crate) use file::{Opened, open};
pub(crate) use writer::Journal;
