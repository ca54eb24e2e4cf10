//! Where a device keeps its files: folders of the system, or of this process.

mod drives;
mod memory;
mod system;

pub use drives::Drives;
pub use memory::{InMemory, Kept};

pub(crate) use system::System;

use std::fmt::Debug;
use std::io;
use std::path::Path;

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// Anything else.
    File,
}

/// Files and folders. Errors are those of the system: a client that writes to a forbidden place fails alike in both.
pub trait Storage: Debug + Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// As [`std::fs::read`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Creates or replaces a file in a folder that is there.
    ///
    /// # Errors
    /// As [`std::fs::write`].
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// The same, and nobody else on the computer may read it, from its first byte on (LEAK-09).
    ///
    /// # Errors
    /// As [`std::fs::write`].
    fn write_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// The same, and everybody may read it, however careful the user's settings are: what only a defect does.
    ///
    /// # Errors
    /// As [`std::fs::write`].
    fn write_openly(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Makes a folder and those that lead to it; one that is there is no error.
    ///
    /// # Errors
    /// As [`std::fs::create_dir_all`].
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Moves a file or a folder, over a file that is there.
    ///
    /// # Errors
    /// As [`std::fs::rename`].
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// As [`std::fs::remove_file`].
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder with all that is in it.
    ///
    /// # Errors
    /// As [`std::fs::remove_dir_all`].
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder in which nothing is.
    ///
    /// # Errors
    /// As [`std::fs::remove_dir`].
    fn remove_empty_folder(&self, path: &Path) -> io::Result<()>;
    /// `None` if nothing is there.
    fn kind(&self, path: &Path) -> Option<Kind>;
    /// The names in a folder, in no order.
    ///
    /// # Errors
    /// As [`std::fs::read_dir`].
    fn list(&self, path: &Path) -> io::Result<Vec<(String, Kind)>>;
}
