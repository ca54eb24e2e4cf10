//! Opening a state file: nobody else may have it, and nobody else may read it.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use super::change::Record;
use super::compact;
use super::error::StateError;
use super::frame::{self, Broken, End};
use super::header::Header;
use crate::tenant::TenantOptions;

/// Where a tenant keeps its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFile {
    /// The file. It is made when it is absent or empty.
    pub path: PathBuf,
    /// How long it may become, in bytes.
    pub limit: u64,
    /// How long it has to be before it is written anew, in bytes: from there on it is when less than half of it is still
    /// needed. Not while a lie stands, or the attacker holds a key or has planted something: these are the outcome of moves,
    /// which are made again from the file.
    pub compact_from: u64,
}

impl StateFile {
    /// A file that may become 4 GiB long, and is not written anew below 64 MiB.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), limit: 4 << 30, compact_from: 64 << 20 }
    }
}

/// An open state file, locked, with what was read of it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(super) file: File,
    pub(crate) header: Header,
    pub(super) end: End,
}

/// Opens or makes the file of a tenant.
pub(crate) fn open(state: &StateFile, options: &TenantOptions) -> Result<Opened, StateError> {
    let path = state.path.as_path();
    let file = lock(path)?;
    compact::clear(path)?;
    let length = file.metadata().map_err(StateError::system("read", path))?.len();
    if length == 0 {
        return create(path, options);
    }
    let mut reader = BufReader::new(file);
    let (header, bytes) = Header::decode(&mut reader, path)?;
    header.check(options, path)?;
    Ok(Opened { file: reader.into_inner(), header, end: after(&bytes) })
}

impl Opened {
    /// Reads the changes one after the other. What was broken off while it was written is cut off, and said.
    pub(crate) fn replay(
        &mut self,
        path: &Path,
        mut apply: impl FnMut(Record) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        let read = StateError::system("read", path);
        let size = self.file.metadata().map_err(read)?.len();
        let marker = self.header.marker();
        let mut reader = BufReader::new(&self.file);
        let failed = |error| StateError::system("read", path)(error);
        while let Some((changes, end)) = frame::read(&mut reader, &marker, self.end, size).map_err(failed)? {
            for change in changes {
                apply(Record::decode(change).ok_or_else(|| StateError::Damaged {
                    path: path.to_owned(),
                    offset: self.end.offset,
                })?)?;
            }
            self.end = end;
        }
        if self.end.offset == size {
            return Ok(());
        }
        let offset = self.end.offset;
        if frame::broken(&mut reader, &marker, self.end, size).map_err(failed)? == Broken::Middle {
            return Err(StateError::Damaged { path: path.to_owned(), offset });
        }
        eprintln!(
            "state file {}: the last {} bytes were not written to the end and never answered: cut off",
            path.display(),
            size - offset
        );
        let cut = self.file.set_len(offset).and_then(|()| self.file.sync_data());
        cut.map_err(StateError::system("cut", path))
    }
}

/// Writes a new file beside and gives it the name once it is whole.
fn create(path: &Path, options: &TenantOptions) -> Result<Opened, StateError> {
    let header = Header::new(options);
    let bytes = header.encode();
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = private().create(true).truncate(true).open(&new).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()?;
        Ok(file)
    });
    let file = written.map_err(StateError::system("make", path))?;
    lock_file(&file, path)?;
    let named = std::fs::rename(&new, path).and_then(|()| sync_folder(path));
    named.map_err(StateError::system("make", path))?;
    Ok(Opened { file, header, end: after(&bytes) })
}

pub(super) fn after(header: &[u8]) -> End {
    let checksum = header.last_chunk().copied().unwrap_or_default();
    End { offset: header.len() as u64, checksum }
}

pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Nobody else may open it for writing; it may be deleted.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 5);
    options
}

/// The file of this name, made if necessary, for this process alone.
fn lock(path: &Path) -> Result<File, StateError> {
    loop {
        let opened = private().create(true).truncate(false).open(path);
        let file = opened.map_err(StateError::system("open", path))?;
        lock_file(&file, path)?;
        // Whoever makes a file gives it the name of an empty one: what was locked may not be it any more.
        if is_at(&file, path) {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
pub(super) fn lock_file(file: &File, path: &Path) -> Result<(), StateError> {
    use rustix::fs::{FlockOperation, flock};
    // A program that is being started elsewhere in this process has the lock, too, until it runs.
    for _ in 0..LOCK_TRIES {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::WOULDBLOCK) => std::thread::sleep(LOCK_PAUSE),
            Err(error) => return Err(StateError::system("lock", path)(error.into())),
        }
    }
    Err(StateError::Locked(path.to_owned()))
}

/// How often a lock is tried, and how long is waited after each time.
#[cfg(unix)]
const LOCK_TRIES: usize = 10;
#[cfg(unix)]
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |one: std::fs::Metadata, other: std::fs::Metadata| {
        (one.dev(), one.ino()) == (other.dev(), other.ino())
    };
    file.metadata().is_ok_and(|open| path.metadata().is_ok_and(|named| same(open, named)))
}

/// Windows locks what is opened without sharing.
#[cfg(not(unix))]
pub(super) fn lock_file(_: &File, _: &Path) -> Result<(), StateError> {
    Ok(())
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// A new name is on the disk when its folder is.
pub(super) fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
