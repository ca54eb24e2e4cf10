//! What lies on the disk of a device, as the judge sees it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use e2ee_reference_client::{Drives, InMemory, Kept, Storage as _};
use tempfile::TempDir;

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
            Files::System(_) => {
                fs::create_dir_all(dir.join("files"))?;
                // Who may read what is in it is up to the client alone, whatever the user's settings are.
                for folder in dir.ancestors().take(ABOVE.len() + 2) {
                    open_up(folder)?;
                }
            }
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
        let seen = |inside: &str, size, mode, bytes: Option<&[u8]>| {
            let path = match inside.strip_prefix(&own) {
                Some(path) => path.to_owned(),
                None => format!("../{inside}"),
            };
            DiskFile::of(path, size, mode, bytes)
        };
        let top = self.beside(actor);
        match &self.files {
            Files::Memory { files, .. } => {
                let kept = files.files(&top, MOST).into_iter();
                let shown = kept.map(|Kept { path, bytes, mode }| {
                    seen(&path, bytes.len() as u64, Some(mode), Some(&bytes))
                });
                shown.collect()
            }
            Files::System(_) => {
                let mut files = Vec::new();
                collect(&top, ALL, &mut files);
                let inside =
                    files.iter().filter_map(|(file, may)| Some((file, may, file.strip_prefix(&top).ok()?)));
                let read = inside.map(|(file, reachable, inside)| {
                    let metadata = fs::metadata(file).ok();
                    let size = metadata.as_ref().map_or(0, fs::Metadata::len);
                    let mode = metadata.as_ref().and_then(mode).map(|mode| mode & reachable);
                    let bytes = if size <= LONGEST { fs::read(file).ok() } else { None };
                    seen(&inside.to_string_lossy().replace('\\', "/"), size, mode, bytes.as_deref())
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

/// The bits of a mode that say who may do what.
const ALL: u32 = 0o777;

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> Option<u32> {
    Some(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & ALL)
}

#[cfg(unix)]
fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_up(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Others have no such modes.
#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

/// What a folder leaves of the modes of what is in it: who may not pass through reads nothing there.
fn let_through(folder: &Path) -> u32 {
    let Some(mode) = fs::metadata(folder).ok().as_ref().and_then(mode) else { return ALL };
    let passing = |class: u32| if mode & (0o1 << class) == 0 { 0 } else { 0o7 << class };
    // The owner may do with it whatever he wants.
    (0o7 << 6) | passing(3) | passing(0)
}

/// Regular files, each with what the folders on the way leave of its mode; links are not followed.
fn collect(folder: &Path, reachable: u32, files: &mut Vec<(PathBuf, u32)>) {
    let reachable = reachable & let_through(folder);
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if files.len() >= MOST {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&entry.path(), reachable, files),
            Ok(kind) if kind.is_file() => files.push((entry.path(), reachable)),
            _ => {}
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use std::sync::Arc;

    use e2ee_reference_client::{Drives, Storage};

    use super::{Disks, Files};

    #[test]
    fn in_memory_it_looks_as_on_a_disk() {
        let memory = Disks::in_memory(&Arc::<Drives>::default(), "play-1");
        let dir = memory.device("laptop").unwrap();
        let Files::Memory { files, .. } = &memory.files else { panic!("in memory") };
        files.write(&dir.join("files/plan.txt"), b"a plan").unwrap();
        files.write_private(&dir.join("keys.json"), b"a key").unwrap();
        files.write(&dir.join("../out.txt"), b"out").unwrap();

        let disk = Disks::on_disk().unwrap();
        let dir = disk.device("laptop").unwrap();
        for (path, text, mode) in
            [("files/plan.txt", "a plan", 0o644), ("keys.json", "a key", 0o600), ("../out.txt", "out", 0o644)]
        {
            fs::write(dir.join(path), text).unwrap();
            fs::set_permissions(dir.join(path), Permissions::from_mode(mode)).unwrap();
        }
        let sorted = |disks: &Disks| {
            let mut found = disks.look("laptop");
            found.sort_by(|one, other| one.path.cmp(&other.path));
            found
        };
        assert_eq!(sorted(&memory).len(), 3);
        assert_eq!(sorted(&memory), sorted(&disk));
        let copy = memory.fork("play-2").unwrap();
        assert_eq!(sorted(&copy), sorted(&memory));
        assert!(disk.fork("play-3").is_none());
    }

    #[test]
    fn what_lies_in_a_closed_folder_is_closed() {
        let disks = Disks::on_disk().unwrap();
        let dir = disks.device("laptop").unwrap();
        for (folder, of_folder, of_file) in
            [("open", 0o755, 0o644), ("known", 0o711, 0o644), ("closed", 0o700, 0o600)]
        {
            fs::create_dir(dir.join(folder)).unwrap();
            let file = dir.join(folder).join("state");
            fs::write(&file, "x").unwrap();
            fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
            fs::set_permissions(dir.join(folder), Permissions::from_mode(of_folder)).unwrap();
            let found = disks.look("laptop");
            let path = format!("{folder}/state");
            let found = found.iter().find(|found| found.path == path).unwrap();
            assert_eq!((found.mode, found.content.is_some()), (Some(of_file), of_file == 0o644), "{folder}");
        }
    }
}
