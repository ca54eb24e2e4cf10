//! What can be wrong with an archive.

use std::io;
use std::path::PathBuf;

use crate::scenario::ScenarioError;

/// Why plays cannot be kept or judged again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The folder holds something already.
    #[error("{0} is not empty: expected a new or empty folder for the transcripts")]
    NotEmpty(PathBuf),
    /// A file or folder cannot be written.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be read, or is longer than any that is written.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file comes from a program that writes another shape.
    #[error("{path} has schema_version {found}: expected {expected}")]
    Version {
        /// Which.
        path: PathBuf,
        /// The number in it.
        found: u64,
        /// The number that this program reads.
        expected: u32,
    },
    /// A file does not hold what it has to.
    #[error("{path}: {what}")]
    Wrong {
        /// Which.
        path: PathBuf,
        /// What is wrong, and what was expected.
        what: String,
    },
    /// A scenario is not one.
    #[error("wrong scenario files\n{}", lines(.0))]
    Scenario(Vec<ScenarioError>),
}

fn lines(errors: &[ScenarioError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
