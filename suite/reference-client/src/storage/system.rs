//! The files of the system.

use super::{Kind, Storage};
use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

/// The files of the system.
#[derive(Debug)]
pub(crate) struct System;

impl Storage for System {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::write(path, bytes)
    }

    fn write_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(bytes)
    }

    fn write_openly(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::write(path, bytes)?;
        #[cfg(unix)]
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        Ok(())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn remove_empty_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn kind(&self, path: &Path) -> Option<Kind> {
        fs::metadata(path).ok().map(|metadata| if metadata.is_dir() { Kind::Folder } else { Kind::File })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(String, Kind)>> {
        let entry = |entry: io::Result<fs::DirEntry>| {
            let entry = entry?;
            let kind = if entry.file_type()?.is_dir() { Kind::Folder } else { Kind::File };
            Ok((entry.file_name().to_string_lossy().into_owned(), kind))
        };
        fs::read_dir(path)?.map(entry).collect()
    }
}
