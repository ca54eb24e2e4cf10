//! What lies on the disk of a device, as the judge sees it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tempfile::TempDir;

use crate::hash::sha256_hex;
use crate::transcript::DiskFile;

/// More files than this are not looked at.
const MOST: usize = 10_000;
/// Longer files are not read: they are listed without a hash.
const LONGEST: u64 = 256 * 1024 * 1024;
/// What a folder in memory must have room for, in bytes.
const ROOM: u64 = 1 << 30;
/// How deep a device's folder lies below the folder of the play, so that what climbs out of it still lies where the
/// judge looks.
const ABOVE: [&str; 3] = ["a", "b", "c"];

/// The folders of plays that are there. They are removed with their plays; but when everything is given up, a device may
/// still write while its folder is removed.
static THERE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static GIVEN_UP: AtomicBool = AtomicBool::new(false);

/// From now on plays are broken off.
pub(crate) fn give_up() {
    GIVEN_UP.store(true, Ordering::Relaxed);
}

/// Removes what plays that were broken off have left, when nobody writes any more.
pub(crate) fn sweep() {
    for folder in std::mem::take(&mut *THERE.lock().unwrap_or_else(PoisonError::into_inner)) {
        // Most are gone.
        let _ = fs::remove_dir_all(folder);
    }
}

/// The folders of the devices of one play; removed when dropped.
pub(super) struct Disks {
    root: TempDir,
    in_memory: bool,
}

impl Disks {
    /// In the system's folder for temporary files, or in memory if asked and possible.
    pub(super) fn new(in_memory: bool) -> io::Result<Self> {
        let base = memory().filter(|_| in_memory).map_or_else(std::env::temp_dir, Path::to_owned);
        let root = tempfile::Builder::new().prefix("e2ee-suite-").tempdir_in(base)?;
        THERE.lock().unwrap_or_else(PoisonError::into_inner).insert(root.path().to_owned());
        Ok(Self { root, in_memory })
    }

    /// Makes the folder of a device, with the user's folder `files` in it.
    pub(super) fn device(&self, actor: &str) -> io::Result<PathBuf> {
        let dir = self.of(actor);
        fs::create_dir_all(dir.join("files"))?;
        Ok(dir)
    }

    /// Where the folder of a device is.
    pub(super) fn of(&self, actor: &str) -> PathBuf {
        let mut dir = self.top(actor);
        dir.extend(ABOVE);
        dir.push(actor);
        dir
    }

    /// The same folders with the same files once more.
    pub(super) fn fork(&self) -> io::Result<Self> {
        let fork = Self::new(self.in_memory)?;
        copy(self.root.path(), fork.root.path())?;
        Ok(fork)
    }

    /// Everything in and around the folder of a device.
    pub(super) fn look(&self, actor: &str) -> Vec<DiskFile> {
        let top = self.top(actor);
        let mut files = Vec::new();
        collect(&top, &mut files);
        let own = ABOVE.iter().map(|part| format!("{part}/")).collect::<String>() + actor + "/";
        let mut found = Vec::new();
        for file in files {
            let Ok(inside) = file.strip_prefix(&top) else { continue };
            let inside = inside.to_string_lossy().replace('\\', "/");
            let path = match inside.strip_prefix(&own) {
                Some(path) => path.to_owned(),
                None => format!("../{inside}"),
            };
            let size = fs::metadata(&file).map_or(0, |metadata| metadata.len());
            let bytes = if size <= LONGEST { fs::read(&file).ok() } else { None };
            found.push(DiskFile {
                path,
                size,
                sha256: bytes.map(|bytes| sha256_hex(&bytes)).unwrap_or_default(),
            });
        }
        found
    }

    /// A place that the judge looks at, and that is no place for a client.
    pub(super) fn beside(&self, actor: &str) -> PathBuf {
        self.top(actor)
    }

    fn top(&self, actor: &str) -> PathBuf {
        self.root.path().join(actor)
    }
}

impl Drop for Disks {
    fn drop(&mut self) {
        if !GIVEN_UP.load(Ordering::Relaxed) {
            THERE.lock().unwrap_or_else(PoisonError::into_inner).remove(self.root.path());
        }
    }
}

/// A folder in memory: that of Linux, if there is room and the user has not said where temporary files go. Making and
/// removing folders by the thousand is most of what a play in this process would cost on a disk.
fn memory() -> Option<&'static Path> {
    static MEMORY: OnceLock<Option<&'static Path>> = OnceLock::new();
    let find = || {
        let folder = Path::new("/dev/shm");
        let fits = free(folder)? >= ROOM && std::env::var_os("TMPDIR").is_none();
        (fits && tempfile::tempdir_in(folder).is_ok()).then_some(folder)
    };
    *MEMORY.get_or_init(find)
}

/// How many bytes may be written there.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(folder).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

/// Nobody knows.
#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

/// Folders and regular files.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, place) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            fs::create_dir(&place)?;
            copy(&entry.path(), &place)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &place)?;
        }
    }
    Ok(())
}

/// Regular files; links are not followed.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if files.len() >= MOST {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&entry.path(), files),
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
}
