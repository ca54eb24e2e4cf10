//! What can be wrong with a state file.

use std::path::{Path, PathBuf};

/// Why a state file cannot be used, or not any longer. What is in it is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The system refuses something.
    #[error("cannot {doing} state file {path:?}: {reason}")]
    System {
        /// What was tried, for example `open`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Another server has it open.
    #[error("state file {0:?} is in use by another server")]
    Locked(PathBuf),
    /// It is no state file of this program, or its beginning is broken.
    #[error("{0:?} is no state file of this program")]
    Foreign(PathBuf),
    /// A newer program has written it.
    #[error("state file {path:?} has format {found}, expected {expected}")]
    Format {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The format that this program writes.
        expected: u32,
    },
    /// It belongs to a server with other settings, whose answers would have been others.
    #[error("state file {path:?} was made with {setting} {found}, expected {expected}")]
    Setting {
        /// The file.
        path: PathBuf,
        /// Which setting.
        setting: &'static str,
        /// What stands in the file.
        found: String,
        /// The server's.
        expected: String,
    },
    /// Something that was answered has been damaged since.
    #[error("state file {path:?} is damaged at byte {offset}, and there are later changes behind it")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the broken batch begins.
        offset: u64,
    },
    /// A change cannot be done again, or does not come to the same: the file was written by a program that worked
    /// otherwise.
    #[error("state file {path:?}: change {number} does not come to the same again: {reason}")]
    Differs {
        /// The file.
        path: PathBuf,
        /// The change's number.
        number: u64,
        /// What is different.
        reason: String,
    },
    /// It has the length that it may have. The server only answers questions from then on.
    #[error("state file {path:?} may have {limit} bytes and is full")]
    Full {
        /// The file.
        path: PathBuf,
        /// Bytes.
        limit: u64,
    },
}

impl StateError {
    /// Wraps what the system says.
    pub(super) fn system(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::System { doing, path, reason: error.to_string() }
    }
}
