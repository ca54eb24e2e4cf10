//! What lies on this device: real files under `files` in the device's folder.

use e2ee_adapter::protocol::{ClientError, Entry, EntryKind};
use e2ee_reference::backend::backend;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The tree that the user sees. Nothing is written before it was verified, and nothing anywhere else.
pub(crate) struct Local {
    files: PathBuf,
    /// Only defects do this: undo percent encoding, begin anew at a slash after a slash, end at a zero byte.
    pub(crate) decodes: bool,
    pub(crate) restarts: bool,
    pub(crate) cuts: bool,
}

impl Local {
    /// Makes `files` below `dir` when it is not there.
    pub(crate) fn open(dir: &str) -> Result<Self, ClientError> {
        let files = Path::new(dir).join("files");
        fs::create_dir_all(&files).map_err(|e| broken(&files, &e))?;
        Ok(Self { files, decodes: false, restarts: false, cuts: false })
    }

    /// The same with other files.
    pub(crate) fn at_another(&self, dir: &str) -> Result<Self, ClientError> {
        let Self { decodes, restarts, cuts, .. } = *self;
        Ok(Self { decodes, restarts, cuts, ..Self::open(dir)? })
    }

    /// Creates or replaces a file, and the folders that lead to it.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), ClientError> {
        let file = self.at(path);
        file.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&file, bytes))
            .map_err(|e| broken(&file, &e))
    }

    /// The bytes of a file; `None` when it cannot be read.
    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.at(path)).ok()
    }

    pub(crate) fn make_folder(&self, path: &str) -> Result<(), ClientError> {
        let folder = self.at(path);
        fs::create_dir_all(&folder).map_err(|e| broken(&folder, &e))
    }

    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.at(path).is_file()
    }

    /// Moves what is there; nothing is no error.
    pub(crate) fn rename(&self, path: &str, to: &str) -> Result<(), ClientError> {
        let (from, to) = (self.at(path), self.at(to));
        if !from.exists() {
            return Ok(());
        }
        to.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::rename(&from, &to))
            .map_err(|e| broken(&from, &e))
    }

    /// Removes a file or a whole folder; nothing is no error.
    pub(crate) fn remove(&self, path: &str) -> Result<(), ClientError> {
        let node = self.at(path);
        let removed = if node.is_dir() { fs::remove_dir_all(&node) } else { fs::remove_file(&node) };
        match removed {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(broken(&node, &e)),
            _ => Ok(()),
        }
    }

    /// Removes a folder if nothing is in it.
    pub(crate) fn remove_empty_folder(&self, path: &str) {
        // What the user put there himself stays.
        let _ = fs::remove_dir(self.at(path));
    }

    /// Everything, folders before what is in them.
    pub(crate) fn tree(&self) -> Result<Vec<Entry>, ClientError> {
        let mut entries = Vec::new();
        let mut folders = vec![(self.files.clone(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for node in fs::read_dir(&folder).map_err(|e| broken(&folder, &e))? {
                let node = node.map_err(|e| broken(&folder, &e))?;
                let path = format!("{prefix}{}", node.file_name().to_string_lossy());
                let kind = node.file_type().map_err(|e| broken(&folder, &e))?;
                if kind.is_dir() {
                    folders.push((node.path(), format!("{path}/")));
                    entries.push(Entry { path, kind: EntryKind::Folder, size: None, sha256: None });
                } else {
                    let bytes = fs::read(node.path()).map_err(|e| broken(&node.path(), &e))?;
                    entries.push(Entry {
                        path,
                        kind: EntryKind::File,
                        size: Some(bytes.len() as u64),
                        sha256: Some(sha256(&bytes)),
                    });
                }
            }
        }
        Ok(entries)
    }

    /// The names in `path` were judged before; a client that does not judge them ends up anywhere.
    fn at(&self, path: &str) -> PathBuf {
        let mut path = path.to_owned();
        if self.decodes {
            path = percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned();
        }
        if self.cuts {
            path.truncate(path.find('\0').unwrap_or(path.len()));
        }
        if let (true, Some(at)) = (self.restarts, path.find("//")) {
            return PathBuf::from(path.split_off(at + 1));
        }
        PathBuf::from(format!("{}/{path}", self.files.display()))
    }
}

/// Lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(backend().sha256(bytes))
}

fn broken(path: &Path, error: &io::Error) -> ClientError {
    ClientError::failed(format!("{}: {error}", path.display()))
}
