//! What lies on the disk of a device, as the judge sees it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use e2ee_reference_client::{Drives, InMemory, Storage as _};
use tempfile::TempDir;

use crate::hash::sha256_hex;
use crate::transcript::DiskFile;

/// More files than this are not looked at.
const MOST: usize = 10_000;
/// Longer files are not read: they are listed without a hash.
const LONGEST: u64 = 256 * 1024 * 1024;
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
    root: PathBuf,
    files: Files,
}

/// Where they are.
enum Files {
    System(TempDir),
    /// Found by devices in this process alone. Making and removing folders by the thousand is a sixth of what a play in
    /// this process would cost on a disk.
    Memory {
        files: Arc<InMemory>,
        drives: Arc<Drives>,
    },
}

impl Disks {
    /// In the system's folder for temporary files.
    pub(super) fn on_disk() -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("e2ee-suite-").tempdir()?;
        THERE.lock().unwrap_or_else(PoisonError::into_inner).insert(root.path().to_owned());
        Ok(Self { root: root.path().to_owned(), files: Files::System(root) })
    }

    /// Nowhere but in this process; `name` has no other play.
    pub(super) fn in_memory(drives: &Arc<Drives>, name: &str) -> Self {
        Self::mounted(drives, name, InMemory::default())
    }

    fn mounted(drives: &Arc<Drives>, name: &str, files: InMemory) -> Self {
        let (drives, files, top) = (Arc::clone(drives), Arc::new(files), format!("/{name}"));
        drives.mount(&top, Arc::clone(&files));
        Self { root: top.into(), files: Files::Memory { files, drives } }
    }

    /// Makes the folder of a device, with the user's folder `files` in it.
    pub(super) fn device(&self, actor: &str) -> io::Result<PathBuf> {
        let dir = self.of(actor);
        match &self.files {
            Files::System(_) => fs::create_dir_all(dir.join("files"))?,
            Files::Memory { files, .. } => files.make_folder(&dir.join("files"))?,
        }
        Ok(dir)
    }

    /// Where the folder of a device is.
    pub(super) fn of(&self, actor: &str) -> PathBuf {
        let mut dir = self.beside(actor);
        dir.extend(ABOVE);
        dir.push(actor);
        dir
    }

    /// The same folders with the same files once more; `None` if they are on a disk. `name` has no other play.
    pub(super) fn fork(&self, name: &str) -> Option<Self> {
        let Files::Memory { files, drives } = &self.files else { return None };
        let copy = files.fork();
        let old = self.root.file_name().unwrap_or_default().to_string_lossy();
        copy.rename_top(&old, name);
        Some(Self::mounted(drives, name, copy))
    }

    /// Everything in and around the folder of a device.
    pub(super) fn look(&self, actor: &str) -> Vec<DiskFile> {
        let own = ABOVE.iter().map(|part| format!("{part}/")).collect::<String>() + actor + "/";
        let seen = |inside: &str, size, bytes: Option<&[u8]>| DiskFile {
            path: match inside.strip_prefix(&own) {
                Some(path) => path.to_owned(),
                None => format!("../{inside}"),
            },
            size,
            sha256: bytes.map(sha256_hex).unwrap_or_default(),
        };
        let top = self.beside(actor);
        match &self.files {
            Files::Memory { files, .. } => {
                let kept = files.files(&top, MOST).into_iter();
                kept.map(|kept| seen(&kept.path, kept.bytes.len() as u64, Some(&kept.bytes))).collect()
            }
            Files::System(_) => {
                let mut files = Vec::new();
                collect(&top, &mut files);
                let inside = files.iter().filter_map(|file| Some((file, file.strip_prefix(&top).ok()?)));
                let read = inside.map(|(file, inside)| {
                    let size = fs::metadata(file).map_or(0, |metadata| metadata.len());
                    let bytes = if size <= LONGEST { fs::read(file).ok() } else { None };
                    seen(&inside.to_string_lossy().replace('\\', "/"), size, bytes.as_deref())
                });
                read.collect()
            }
        }
    }

    /// A place that the judge looks at, and that is no place for a client.
    pub(super) fn beside(&self, actor: &str) -> PathBuf {
        self.root.join(actor)
    }
}

impl Drop for Disks {
    fn drop(&mut self) {
        match &self.files {
            Files::System(root) => {
                if !GIVEN_UP.load(Ordering::Relaxed) {
                    THERE.lock().unwrap_or_else(PoisonError::into_inner).remove(root.path());
                }
            }
            Files::Memory { drives, .. } => drives.unmount(&self.root.to_string_lossy()),
        }
    }
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
