//! Files in the memory of this process, which follow the rules of a file system of Linux without links.

use super::{Kind, Storage};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 255;
/// The longest path, in bytes.
const LONGEST_PATH: usize = 4095;

/// A whole file system, with its own `/`.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<Folder>);

/// A file that [`InMemory::files`] has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// From the folder that was looked through.
    pub path: String,
    /// What is in it.
    pub bytes: Arc<[u8]>,
    /// Who may do what with it: the permission bits of Unix.
    pub mode: u32,
}

/// Of a file that the user sees, and of one that is for nobody else.
const USUAL: u32 = 0o644;
const PRIVATE: u32 = 0o600;

/// Shared with copies of the file system until either changes it.
type Folder = BTreeMap<String, Node>;

#[derive(Debug, Clone)]
enum Node {
    Folder(Arc<Folder>),
    File(Arc<[u8]>, u32),
}

impl InMemory {
    /// A copy that goes on by itself.
    pub fn fork(&self) -> Self {
        Self(Mutex::new(self.lock().clone()))
    }

    /// What is in the folder `old` of `/` is in `new` instead.
    pub fn rename_top(&self, old: &str, new: &str) {
        let mut root = self.lock();
        if let Some(node) = root.remove(old) {
            root.insert(new.to_owned(), node);
        }
    }

    /// All files in and below a folder, in the order of their paths' parts; at most so many.
    pub fn files(&self, folder: &Path, most: usize) -> Vec<Kept> {
        let root = self.lock();
        let mut found = Vec::new();
        let top = names(&root, folder).ok().and_then(|names| folder_at(&root, &names).ok());
        if let Some(top) = top {
            collect(top, "", most, &mut found);
        }
        found
    }

    /// `mode`: of a file that was not there.
    fn put(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let mut root = self.lock();
        let names = names(&root, path)?;
        let (folder, name) = parent_of(&mut root, &names)?;
        let is_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        let mode = match folder.get(name) {
            Some(Node::File(_, mode)) => *mode,
            Some(Node::Folder(_)) => return Err(ErrorKind::IsADirectory.into()),
            None if is_folder => return Err(ErrorKind::IsADirectory.into()),
            None => mode,
        };
        folder.insert(name.to_owned(), Node::File(bytes.into(), mode));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Folder> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for InMemory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let root = self.lock();
        match node_at(&root, &names(&root, path)?)? {
            Some(Node::File(bytes, _)) => Ok(bytes.to_vec()),
            _ => Err(ErrorKind::IsADirectory.into()),
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.put(path, bytes, USUAL)
    }

    fn write_private(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.put(path, bytes, PRIVATE)
    }

    fn write_openly(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.put(path, bytes, USUAL)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut root = self.lock();
        let mut names = Vec::new();
        for part in parts(path)? {
            match part? {
                Part::Down(name) => {
                    let folder = folder_at_mut(&mut root, &names)?;
                    if !folder.contains_key(&*name) {
                        folder.insert(name.to_string(), Node::Folder(Arc::default()));
                    }
                    names.push(name);
                }
                Part::Up => {
                    folder_at(&root, &names)?;
                    names.pop();
                }
            }
        }
        match node_at(&root, &names)? {
            Some(Node::File(..)) => Err(ErrorKind::AlreadyExists.into()),
            _ => Ok(()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut root = self.lock();
        let (from, to) = (names(&root, from)?, names(&root, to)?);
        let moved = node_at(&root, &from)?.cloned().ok_or(ErrorKind::ResourceBusy)?;
        if from == to {
            return Ok(());
        }
        if to.starts_with(&from) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let (folder, name) = parent_of(&mut root, &to)?;
        match (&moved, folder.get(name)) {
            (Node::File(..), Some(Node::Folder(_))) => return Err(ErrorKind::IsADirectory.into()),
            (Node::Folder(_), Some(Node::File(..))) => return Err(ErrorKind::NotADirectory.into()),
            (Node::Folder(_), Some(Node::Folder(there))) if !there.is_empty() => {
                return Err(ErrorKind::DirectoryNotEmpty.into());
            }
            _ => folder.insert(name.to_owned(), moved),
        };
        let (folder, name) = parent_of(&mut root, &from)?;
        folder.remove(name);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        remove(&mut self.lock(), path, |node| match node {
            Node::File(..) => Ok(()),
            Node::Folder(_) => Err(ErrorKind::IsADirectory.into()),
        })
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        remove(&mut self.lock(), path, |node| match node {
            Node::Folder(_) => Ok(()),
            Node::File(..) => Err(ErrorKind::NotADirectory.into()),
        })
    }

    fn remove_empty_folder(&self, path: &Path) -> io::Result<()> {
        remove(&mut self.lock(), path, |node| match node {
            Node::Folder(folder) if folder.is_empty() => Ok(()),
            Node::Folder(_) => Err(ErrorKind::DirectoryNotEmpty.into()),
            Node::File(..) => Err(ErrorKind::NotADirectory.into()),
        })
    }

    fn kind(&self, path: &Path) -> Option<Kind> {
        let root = self.lock();
        match names(&root, path).and_then(|names| node_at(&root, &names)) {
            Ok(Some(Node::File(..))) => Some(Kind::File),
            Ok(Some(Node::Folder(_)) | None) => Some(Kind::Folder),
            Err(_) => None,
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(String, Kind)>> {
        let root = self.lock();
        let folder = folder_at(&root, &names(&root, path)?)?;
        let entry = |(name, node): (&String, &Node)| {
            let kind = if matches!(node, Node::Folder(_)) { Kind::Folder } else { Kind::File };
            (name.clone(), kind)
        };
        Ok(folder.iter().map(entry).collect())
    }
}

/// Where a path leads, from `/` on. `..` leads out of what is a folder only.
fn names<'p>(root: &Folder, path: &'p Path) -> io::Result<Vec<Cow<'p, str>>> {
    let mut names = Vec::new();
    for part in parts(path)? {
        match part? {
            Part::Down(name) => names.push(name),
            Part::Up => {
                folder_at(root, &names)?;
                names.pop();
            }
        }
    }
    Ok(names)
}

enum Part<'p> {
    Down(Cow<'p, str>),
    Up,
}

fn parts(path: &Path) -> io::Result<impl Iterator<Item = io::Result<Part<'_>>>> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.contains(&0) {
        return Err(ErrorKind::InvalidInput.into());
    }
    if bytes.len() > LONGEST_PATH {
        return Err(ErrorKind::InvalidFilename.into());
    }
    Ok(path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(short_enough(name).map(Part::Down)),
        Component::ParentDir => Some(Ok(Part::Up)),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    }))
}

fn short_enough(name: &OsStr) -> io::Result<Cow<'_, str>> {
    let name = name.to_string_lossy();
    if name.len() > LONGEST_NAME {
        return Err(ErrorKind::InvalidFilename.into());
    }
    Ok(name)
}

/// `None` for `/`.
fn node_at<'a>(root: &'a Folder, names: &[Cow<'_, str>]) -> io::Result<Option<&'a Node>> {
    let Some((name, way)) = names.split_last() else { return Ok(None) };
    folder_at(root, way)?.get(&**name).map(Some).ok_or_else(|| ErrorKind::NotFound.into())
}

fn folder_at<'a>(root: &'a Folder, names: &[Cow<'_, str>]) -> io::Result<&'a Folder> {
    names.iter().try_fold(root, |folder, name| match folder.get(&**name) {
        Some(Node::Folder(folder)) => Ok(&**folder),
        Some(Node::File(..)) => Err(ErrorKind::NotADirectory.into()),
        None => Err(ErrorKind::NotFound.into()),
    })
}

fn folder_at_mut<'a>(root: &'a mut Folder, names: &[Cow<'_, str>]) -> io::Result<&'a mut Folder> {
    names.iter().try_fold(root, |folder, name| match folder.get_mut(&**name) {
        Some(Node::Folder(folder)) => Ok(Arc::make_mut(folder)),
        Some(Node::File(..)) => Err(ErrorKind::NotADirectory.into()),
        None => Err(ErrorKind::NotFound.into()),
    })
}

/// The folder of what a path leads to, and its name there.
fn parent_of<'a, 'b>(
    root: &'a mut Folder,
    names: &'b [Cow<'_, str>],
) -> io::Result<(&'a mut Folder, &'b str)> {
    let (name, way) = names.split_last().ok_or(ErrorKind::ResourceBusy)?;
    Ok((folder_at_mut(root, way)?, name))
}

fn remove(root: &mut Folder, path: &Path, may: impl Fn(&Node) -> io::Result<()>) -> io::Result<()> {
    let names = names(root, path)?;
    let (folder, name) = parent_of(root, &names)?;
    may(folder.get(name).ok_or(ErrorKind::NotFound)?)?;
    folder.remove(name);
    Ok(())
}

fn collect(folder: &Folder, prefix: &str, most: usize, found: &mut Vec<Kept>) {
    for (name, node) in folder {
        let path = format!("{prefix}{name}");
        match node {
            Node::Folder(folder) => collect(folder, &format!("{path}/"), most, found),
            Node::File(bytes, mode) if found.len() < most => {
                found.push(Kept { path, bytes: Arc::clone(bytes), mode: *mode });
            }
            Node::File(..) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::System;
    use super::*;

    /// What can be done, one after the other, with a letter for each.
    const DEEDS: &[(&str, &str, &str)] = &[
        ("make", "a/b/c", ""),
        ("make", "a/b/c", ""),
        ("write", "a/b/one.txt", "one"),
        ("write", "a/none/one.txt", "one"),
        ("write", "a/b", "one"),
        ("write", "a/b/", "one"),
        ("write", "a/new/", "one"),
        ("write", "a/b/one.txt/two", "two"),
        ("make", "a/b/one.txt", ""),
        ("make", "a/b/one.txt/two", ""),
        ("read", "a/b/one.txt", ""),
        ("read", "a/b", ""),
        ("read", "a/b/none", ""),
        ("write", "a/b/../up.txt", "up"),
        ("write", "a/none/../up.txt", "up"),
        ("write", "a/up.txt/../beside.txt", "up"),
        ("make", "a/fresh/../other", ""),
        ("make", "a/b/one.txt/../other", ""),
        ("write", "a/./b//dots.txt", "dots"),
        ("write", "a/b/zero\0.txt", "zero"),
        ("rename", "a/b/one.txt", "a/b/two.txt"),
        ("rename", "a/b/none", "a/b/two.txt"),
        ("rename", "a/b/two.txt", "a/none/two.txt"),
        ("rename", "a/b/two.txt", "a/b/c"),
        ("rename", "a/b/c", "a/b/two.txt"),
        ("rename", "a/b", "a/b/c/d"),
        ("write", "a/b/c/deep.txt", "deep"),
        ("make", "a/empty", ""),
        ("rename", "a/empty", "a/b/c"),
        ("rename", "a/b/c", "a/empty"),
        ("rename", "a/b/two.txt", "a/b/two.txt"),
        ("rename", "a/b/two.txt", "a/up.txt"),
        ("remove empty", "a/b", ""),
        ("remove file", "a/b", ""),
        ("remove file", "a/none", ""),
        ("remove folder", "a/none", ""),
        ("remove folder", "a/up.txt", ""),
        ("remove empty", "a/other", ""),
        ("remove empty", "a/up.txt", ""),
        ("remove file", "a/up.txt", ""),
        ("remove folder", "a/empty", ""),
        ("kind", "a/b/dots.txt", ""),
        ("kind", "a/b/dots.txt/..", ""),
        ("kind", "a", ""),
        ("kind", "a/b/..", ""),
        ("list", "a", ""),
        ("list", "a/b", ""),
        ("list", "a/b/dots.txt", ""),
    ];

    fn outcome(files: &dyn Storage, top: &Path, (deed, path, with): (&str, &str, &str)) -> String {
        // Not `join`, which would tidy up.
        let at = |path: &str| std::path::PathBuf::from(format!("{}/{path}", top.display()));
        let (place, other) = (at(path), at(with));
        let done = match deed {
            "make" => files.make_folder(&place).map(|()| String::new()),
            "write" => files.write(&place, with.as_bytes()).map(|()| String::new()),
            "read" => files.read(&place).map(|bytes| format!("{bytes:?}")),
            "rename" => files.rename(&place, &other).map(|()| String::new()),
            "remove file" => files.remove_file(&place).map(|()| String::new()),
            "remove folder" => files.remove_folder(&place).map(|()| String::new()),
            "remove empty" => files.remove_empty_folder(&place).map(|()| String::new()),
            "kind" => Ok(format!("{:?}", files.kind(&place))),
            _ => files.list(&place).map(|mut list| {
                list.sort_by(|(one, _), (other, _)| one.cmp(other));
                format!("{list:?}")
            }),
        };
        done.unwrap_or_else(|error| error.kind().to_string())
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn it_does_as_the_system_does() {
        let dir = tempfile::tempdir().expect("a folder");
        let memory = InMemory::default();
        memory.make_folder(dir.path()).expect("a folder");
        let long =
            [format!("a/{}", "n".repeat(255)), format!("a/{}", "n".repeat(256)), "a/b/../".repeat(700)];
        let long = long.iter().map(|path| ("write", path.as_str(), "long"));
        for deed in DEEDS.iter().copied().chain(long) {
            let system = outcome(&System, dir.path(), deed);
            assert_eq!(outcome(&memory, dir.path(), deed), system, "{deed:?}");
        }
    }

    #[test]
    fn a_copy_goes_on_by_itself() {
        let files = InMemory::default();
        files.make_folder(Path::new("/play/a")).expect("a folder");
        files.write(Path::new("/play/a/one.txt"), b"one").expect("written");
        let copy = files.fork();
        copy.write(Path::new("/play/a/one.txt"), b"two").expect("written");
        copy.rename_top("play", "other");
        let bytes = |files: &InMemory, top: &str| -> Vec<_> {
            files.files(Path::new(top), 9).into_iter().map(|kept| (kept.path, kept.bytes.to_vec())).collect()
        };
        assert_eq!(bytes(&files, "/play"), [("a/one.txt".to_owned(), b"one".to_vec())]);
        assert_eq!(bytes(&copy, "/other"), [("a/one.txt".to_owned(), b"two".to_vec())]);
        assert_eq!(bytes(&copy, "/play"), []);
    }
}
