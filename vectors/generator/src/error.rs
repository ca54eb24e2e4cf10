//! What can go wrong with vectors as files, and with making them.

use std::io;
use std::path::PathBuf;

/// Why vectors could not be made, read or packed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not a vector. Fault: whoever edited it.
    #[error("{path}: not a vector: {reason}")]
    NotAVector {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with line and column or the member.
        reason: String,
    },
    /// A folder holds no vectors. Fault: caller.
    #[error("{path}: no vectors here")]
    Empty {
        /// Which folder.
        path: PathBuf,
    },
    /// The reference implementation could not make something. Fault: the vector's generator.
    #[error("making {id}: {source}")]
    Making {
        /// The vector.
        id: String,
        /// What failed.
        source: e2ee_reference::Error,
    },
    /// A vector does not come out as its generator says. Fault: the generator, or the implementation.
    #[error("{id} by {library}: expected {expected}, found {found}")]
    Disagreement {
        /// The vector.
        id: String,
        /// Which library stood behind the reference implementation.
        library: String,
        /// What the vector says.
        expected: String,
        /// What came out.
        found: String,
    },
    /// Something stands twice, is not explained or is not used: a vector, a flag, a rule, a requirement.
    /// Fault: the generator.
    #[error("{0}")]
    Inconsistent(String),
    /// Built-in keys or tables are broken. Fault: this crate.
    #[error("built-in {what}: {source}")]
    BuiltIn {
        /// Which of them.
        what: &'static str,
        /// What failed.
        source: e2ee_reference::Error,
    },
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
