//! What lies on the disk of a device, as the judge sees it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

/// The folders of the devices of one play; removed when dropped.
pub(super) struct Disks {
    root: TempDir,
}

impl Disks {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { root: tempfile::Builder::new().prefix("e2ee-suite-").tempdir()? })
    }

    /// Makes the folder of a device, with the user's folder `files` in it.
    pub(super) fn device(&self, actor: &str) -> io::Result<PathBuf> {
        let mut dir = self.top(actor);
        dir.extend(ABOVE);
        dir.push("device");
        fs::create_dir_all(dir.join("files"))?;
        Ok(dir)
    }

    /// Everything in and around the folder of a device.
    pub(super) fn look(&self, actor: &str) -> Vec<DiskFile> {
        let top = self.top(actor);
        let mut files = Vec::new();
        collect(&top, &mut files);
        let own = ABOVE.iter().map(|part| format!("{part}/")).collect::<String>() + "device/";
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

    fn top(&self, actor: &str) -> PathBuf {
        self.root.path().join(actor)
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
