//! What lies on this device: files under `files` in the device's folder.

use crate::storage::{Kind, Storage};
use e2ee_adapter::protocol::{ClientError, Entry, EntryKind};
use e2ee_reference::backend::backend;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The tree that the user sees. Nothing is written before it was verified, and nothing anywhere else.
pub(crate) struct Local {
    storage: Arc<dyn Storage>,
    files: PathBuf,
    /// What only defects do to a path.
    pub(crate) bent: Vec<Bend>,
}

/// A way to end up in another place than where a name leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bend {
    /// Percent encoding is undone.
    Decoded,
    /// A backslash is a slash.
    Turned,
    /// A slash after a slash begins anew.
    Restarted,
    /// A zero byte is the end.
    Cut,
    /// Case does not count, nor how an accent is written.
    Folded,
    /// Blanks and dots at the end of a name do not count.
    Trimmed,
    /// What is behind 255 bytes of a name does not count.
    Shortened,
}

impl Local {
    /// Makes `files` below `dir` when it is not there.
    pub(crate) fn open(dir: &str, storage: Arc<dyn Storage>) -> Result<Self, ClientError> {
        let files = Path::new(dir).join("files");
        storage.make_folder(&files).map_err(|e| broken(&files, &e))?;
        Ok(Self { storage, files, bent: Vec::new() })
    }

    /// The same with other files.
    pub(crate) fn at_another(&self, dir: &str, storage: Arc<dyn Storage>) -> Result<Self, ClientError> {
        Ok(Self { bent: self.bent.clone(), ..Self::open(dir, storage)? })
    }

    /// Creates or replaces a file, and the folders that lead to it.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), ClientError> {
        let file = self.at(path);
        file.parent()
            .map_or(Ok(()), |folder| self.storage.make_folder(folder))
            .and_then(|()| self.storage.write(&file, bytes))
            .map_err(|e| broken(&file, &e))
    }

    /// The bytes of a file; `None` when it cannot be read.
    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.storage.read(&self.at(path)).ok()
    }

    pub(crate) fn make_folder(&self, path: &str) -> Result<(), ClientError> {
        let folder = self.at(path);
        self.storage.make_folder(&folder).map_err(|e| broken(&folder, &e))
    }

    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.storage.kind(&self.at(path)) == Some(Kind::File)
    }

    /// Moves what is there; nothing is no error.
    pub(crate) fn rename(&self, path: &str, to: &str) -> Result<(), ClientError> {
        let (from, to) = (self.at(path), self.at(to));
        if self.storage.kind(&from).is_none() {
            return Ok(());
        }
        to.parent()
            .map_or(Ok(()), |folder| self.storage.make_folder(folder))
            .and_then(|()| self.storage.rename(&from, &to))
            .map_err(|e| broken(&from, &e))
    }

    /// Removes a file or a whole folder; nothing is no error.
    pub(crate) fn remove(&self, path: &str) -> Result<(), ClientError> {
        let node = self.at(path);
        let removed = match self.storage.kind(&node) {
            Some(Kind::Folder) => self.storage.remove_folder(&node),
            _ => self.storage.remove_file(&node),
        };
        match removed {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(broken(&node, &e)),
            _ => Ok(()),
        }
    }

    /// Removes a folder if nothing is in it.
    pub(crate) fn remove_empty_folder(&self, path: &str) {
        // What the user put there himself stays.
        let _ = self.storage.remove_empty_folder(&self.at(path));
    }

    /// Everything, folders before what is in them.
    pub(crate) fn tree(&self) -> Result<Vec<Entry>, ClientError> {
        let mut entries = Vec::new();
        let mut folders = vec![(self.files.clone(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for (name, kind) in self.storage.list(&folder).map_err(|e| broken(&folder, &e))? {
                let (node, path) = (folder.join(&name), format!("{prefix}{name}"));
                if kind == Kind::Folder {
                    folders.push((node, format!("{path}/")));
                    entries.push(Entry { path, kind: EntryKind::Folder, size: None, sha256: None });
                } else {
                    let bytes = self.storage.read(&node).map_err(|e| broken(&node, &e))?;
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
        for bend in &self.bent {
            path = match bend {
                Bend::Decoded => percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned(),
                Bend::Cut => path.split('\0').next().unwrap_or_default().to_owned(),
                Bend::Folded => path.to_lowercase().replace("e\u{301}", "\u{e9}"),
                Bend::Trimmed => by_name(&path, |name| name.trim_end_matches([' ', '.'])),
                Bend::Shortened => by_name(&path, |name| shortened(name, 255)),
                Bend::Turned => path.replace('\\', "/"),
                Bend::Restarted => match path.find("//") {
                    Some(at) => return PathBuf::from(path.split_off(at + 1)),
                    None => path,
                },
            };
        }
        PathBuf::from(format!("{}/{path}", self.files.display()))
    }
}

/// At most so many bytes of a name, none of a character that does not fit.
fn shortened(name: &str, most: usize) -> &str {
    let fits = (0..=most).rev().find_map(|end| name.get(..end));
    fits.filter(|_| name.len() > most).unwrap_or(name)
}

/// A path with something else in the place of each name but `..`.
fn by_name(path: &str, change: impl Fn(&str) -> &str) -> String {
    path.split('/').map(|name| if name == ".." { name } else { change(name) }).collect::<Vec<_>>().join("/")
}

/// Lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(backend().sha256(bytes))
}

fn broken(path: &Path, error: &io::Error) -> ClientError {
    ClientError::failed(format!("{}: {error}", path.display()))
}
