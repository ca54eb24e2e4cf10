//! The state files of tenants beside that of the default one: a folder whose name is the file's with `.tenants` behind
//! it, and in it a file for each tenant.

use std::fs::{DirBuilder, File};
use std::path::PathBuf;

use super::error::StateError;
use super::file::{StateFile, sync_folder};
use super::header::Header;
use crate::server::check_name;

/// How the names of the files end.
const ENDING: &str = ".state";

impl StateFile {
    /// The file of a tenant, if this is that of the default one. The tenant's name fits into a URL.
    pub(crate) fn of_tenant(&self, name: &str) -> Self {
        Self { path: self.tenants().join(encode(name) + ENDING), ..self.clone() }
    }

    /// The files of all tenants that are there, with the tenants' names, in their order.
    pub(crate) fn of_tenants(&self) -> Result<Vec<(String, Self)>, StateError> {
        let folder = self.tenants();
        let listed = match folder.read_dir() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed.map_err(StateError::system("list", &folder))?,
        };
        let mut names = Vec::new();
        for entry in listed {
            let name = entry.map_err(StateError::system("list", &folder))?.file_name();
            names.extend(name.to_str().and_then(|name| decode(name.strip_suffix(ENDING)?)));
        }
        names.sort();
        Ok(names.into_iter().map(|name| (name.clone(), self.of_tenant(&name))).collect())
    }

    /// Makes the folder that the file of a tenant lies in.
    pub(crate) fn make_folder(&self) -> Result<(), StateError> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let mut builder = DirBuilder::new();
        builder.recursive(false);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let made = match builder.create(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
            made => made.and_then(|()| sync_folder(folder)),
        };
        made.map_err(StateError::system("make the folder of", &self.path))
    }

    /// What the file depends on. `None`: the program ended before it was made.
    pub(crate) fn peek(&self) -> Result<Option<Header>, StateError> {
        let opened = File::open(&self.path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (length, mut file) = opened.map_err(StateError::system("read", &self.path))?;
        if length == 0 {
            return Ok(None);
        }
        Header::decode(&mut file, &self.path).map(|(header, _)| Some(header))
    }

    /// Removes the file; it does not come back after a crash.
    pub(crate) fn remove(&self) -> Result<(), StateError> {
        let removed = std::fs::remove_file(&self.path).and_then(|()| sync_folder(&self.path));
        removed.map_err(StateError::system("remove", &self.path))
    }

    fn tenants(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".tenants");
        self.path.with_file_name(name)
    }
}

/// Two tenants have two files, also where case does not count in names of files: `Ab` is `+ab`.
fn encode(name: &str) -> String {
    let capital = |c: char| if c.is_ascii_uppercase() { "+" } else { "" };
    name.chars().flat_map(|c| capital(c).chars().chain([c.to_ascii_lowercase()])).collect()
}

/// The name of the tenant; `None` if this is none of our files.
fn decode(file: &str) -> Option<String> {
    let mut name = String::new();
    for piece in file.split_inclusive('+').collect::<Vec<_>>() {
        let capital = name.ends_with('+');
        if capital {
            name.pop();
        }
        let mut letters = piece.chars();
        name.extend(letters.next().map(|c| if capital { c.to_ascii_uppercase() } else { c }));
        name.extend(letters);
    }
    (encode(&name) == file && check_name(&name).is_ok()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tenant_has_a_file_of_its_own() {
        for (name, file) in [("first", "first"), ("First", "+first"), ("a-B_C9", "a-+b_+c9"), ("AA", "+a+a")]
        {
            assert_eq!((encode(name).as_str(), decode(file).as_deref()), (file, Some(name)));
        }
        for foreign in ["", "First", "+", "a+", "+9", "++a", "a b", "ä", &"a".repeat(65)] {
            assert_eq!(decode(foreign), None, "{foreign}");
        }
    }
}
