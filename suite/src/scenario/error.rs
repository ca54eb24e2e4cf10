//! What can be wrong with a scenario file.

use std::path::PathBuf;

/// One mistake, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct ScenarioError {
    /// The file as it was given.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub what: String,
}

/// Why scenarios could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The folder or a file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// As given.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// At least one file is wrong.
    #[error("{}", lines(.0))]
    Wrong(Vec<ScenarioError>),
}

fn lines(errors: &[ScenarioError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
