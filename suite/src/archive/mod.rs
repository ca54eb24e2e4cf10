//! Plays on disk: kept by `run --transcripts DIR`, judged again by `judge DIR`, without client and server.
//!
//! A folder holds `run.json` ([`RunRecord`]), `scenarios/ID.toml` (the scenarios as they were played) and
//! `plays/ID.VERSION.json` ([`Case`]). It holds the throw-away keys of the plays, and no other secret.

mod error;
mod read;
mod record;
mod write;

pub use error::ArchiveError;
pub use read::judge_again;
pub use record::{ARCHIVE_VERSION, Case, PlayRecord, RunRecord, Unplayed};
pub use write::Shelf;
