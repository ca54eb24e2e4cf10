//! Temporary files for bodies that are too long for memory.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use openssl::sha::Sha256;
use tempfile::{NamedTempFile, TempPath};

/// Where long uploads are kept, and how many bytes of them. Clones are the same place, with one bound for all.
///
/// A file is deleted when nobody holds its content any more; only a process that is killed leaves some behind, whose
/// names begin with `e2ee-mock-server-`.
#[derive(Debug, Clone)]
pub struct Spill {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    directory: PathBuf,
    most: u64,
    used: AtomicU64,
}

impl Spill {
    /// In this folder, which must exist, at most so many bytes.
    pub fn new(directory: impl Into<PathBuf>, most: u64) -> Self {
        Self { shared: Arc::new(Shared { directory: directory.into(), most, used: AtomicU64::new(0) }) }
    }

    /// How many bytes are kept now.
    pub fn used(&self) -> u64 {
        self.shared.used.load(Ordering::Relaxed)
    }

    pub(crate) fn writer(&self) -> io::Result<SpillWriter> {
        let named = tempfile::Builder::new().prefix("e2ee-mock-server-").tempfile_in(&self.shared.directory);
        let file = named?;
        let room = Room { shared: Arc::clone(&self.shared), bytes: 0 };
        Ok(SpillWriter { file, room, hash: Sha256::new() })
    }
}

/// A file that is being written.
pub(crate) struct SpillWriter {
    file: NamedTempFile,
    room: Room,
    hash: Sha256,
}

impl SpillWriter {
    /// Fails with [`io::ErrorKind::StorageFull`] when the bound is reached.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.room.take(bytes.len() as u64)?;
        self.hash.update(bytes);
        self.file.write_all(bytes)
    }

    pub(crate) fn finish(self) -> io::Result<SpilledFile> {
        // Not kept open: thousands of chunks would be too many open files.
        Ok(SpilledFile {
            path: Some(self.file.into_temp_path()),
            length: self.room.bytes,
            sha256: self.hash.finish(),
            _room: Some(self.room),
        })
    }
}

/// A file that is complete, and deleted when dropped.
pub(crate) struct SpilledFile {
    /// `None`: the file is not on this machine any more.
    path: Option<TempPath>,
    length: u64,
    sha256: [u8; 32],
    _room: Option<Room>,
}

impl SpilledFile {
    /// A file of which only this is known.
    pub(crate) fn elsewhere(length: u64, sha256: [u8; 32]) -> Self {
        Self { path: None, length, sha256, _room: None }
    }

    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    pub(crate) fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// At most so many bytes, at least one; the place lies in the file.
    pub(crate) fn read_at(&self, at: u64, most: usize) -> io::Result<Bytes> {
        let path = self.path.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let mut bytes = vec![0; most];
        let read = read_at(&File::open(path)?, &mut bytes, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.truncate(read);
        Ok(bytes.into())
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}

/// The part of the bound that one file takes.
#[derive(Debug)]
struct Room {
    shared: Arc<Shared>,
    bytes: u64,
}

impl Room {
    fn take(&mut self, bytes: u64) -> io::Result<()> {
        let used = self.shared.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|used| *used <= self.shared.most)
        });
        used.map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.shared.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_kept_and_room_is_given_back() {
        let spill = Spill::new(std::env::temp_dir(), 10);
        let mut first = spill.writer().unwrap();
        first.write(b"123456").unwrap();
        let first = first.finish().unwrap();
        let mut second = spill.writer().unwrap();
        second.write(b"1234").unwrap();
        assert_eq!(second.write(b"5").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(spill.used(), 10);
        drop(first);
        second.write(b"5").unwrap();
        drop(second);
        assert_eq!(spill.used(), 0);
    }
}
