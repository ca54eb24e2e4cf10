//! What is sealed in a document: one encrypted string for each file.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::symmetric::{open_text, seal_text};
use super::{Keys, Version};
use crate::canonical_json;
use crate::dialect::{Dialect, EntryVersion};
use crate::error::Error;
use crate::file_cipher::FileKey;
use crate::json::{self, Members};
use crate::metadata::{self, FileEntry, Limits, MetadataKey, UNKNOWN_MIMETYPE};

/// The mimetype that marks a subfolder.
pub const DIRECTORY: &str = "httpd/unix-directory";
/// What old desktop clients wrote by mistake, and what others did not write at all.
const OTHER_DIRECTORIES: [&str; 2] = ["inode/directory", ""];

const WHAT: &str = "file entry";
const SEALED: &str = "file entry: encrypted";
const SHARING: &str = "metadata.sharing";

/// The contents of a folder.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// Ids of files and of subfolders with their entries.
    pub files: BTreeMap<String, File>,
    /// Entries that cannot be read.
    pub damaged: BTreeMap<String, Damaged>,
    /// The former recipients of a 1.0 folder: `{"recipient": {"user@host": public key}}` (R1-MD-04). No
    /// client uses it.
    pub sharing: Option<Value>,
}

/// A file or a subfolder.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// What the contents say of it.
    pub entry: FileEntry,
    /// Index of the metadata key that seals the entry (R1-MD-07); 0 in 1.1 and 1.2.
    pub key_index: u32,
}

/// An entry that cannot be read. It can be kept as it is as long as its key stays; under another key it would
/// be lost, and a client must rather not write.
#[derive(Debug, Clone, PartialEq)]
pub struct Damaged {
    /// What stands there and what is wrong with it.
    pub entry: metadata::Damaged,
    /// Index and checksum of the key under which it was found.
    sealed_under: (u32, String),
}

impl Contents {
    /// The contents when every entry could be read.
    ///
    /// # Errors
    /// [`Error::DamagedEntry`] for the first that could not.
    pub fn intact(&self) -> Result<&Self, Error> {
        match self.damaged.iter().next() {
            None => Ok(self),
            Some((id, damaged)) => Err(Error::damaged(id, damaged.entry.error.clone())),
        }
    }

    /// Folders and files apart, as 2.x has them: ids of subfolders with their names, and entries of files. What
    /// `is_strange` says was dropped by a stranger is a file, whatever its mimetype says.
    #[must_use]
    pub fn split(
        self,
        is_strange: impl Fn(&str) -> bool,
    ) -> (BTreeMap<String, String>, BTreeMap<String, FileEntry>) {
        let (mut folders, mut files) = (BTreeMap::new(), BTreeMap::new());
        for (id, file) in self.files {
            if file.is_directory() && !is_strange(&id) {
                folders.insert(id, file.entry.filename);
            } else {
                files.insert(id, file.entry);
            }
        }
        (folders, files)
    }

    /// Opens all entries of a document.
    pub(super) fn open<'a>(
        files: impl Iterator<Item = (&'a String, &'a Value)>,
        sharing: Option<&str>,
        version: Version,
        keys: &Keys,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let sharing = sharing.map(|sealed| {
            let text = open_text(keys.newest().1.as_bytes(), sealed, SHARING)?;
            json::parse(text.as_bytes(), SHARING, limits.depth)
        });
        let mut contents = Self { sharing: sharing.transpose()?, ..Self::default() };
        for (id, value) in files {
            // An entry whose key nobody knows is held for one under the newest.
            let (index, key) = match key_of(value, version, keys) {
                Ok(found) => found,
                Err(error) => {
                    contents.set_aside(id, value, error, keys.newest());
                    continue;
                }
            };
            match File::open(value, index, key, limits) {
                Ok(file) => drop(contents.files.insert(id.clone(), file)),
                Err(error) => contents.set_aside(id, value, error, (index, key)),
            }
        }
        match contents.damaged.values().next() {
            // That all are damaged has one likely cause.
            Some(damaged) if contents.files.is_empty() => Err(damaged.entry.error.clone()),
            _ => Ok(contents),
        }
    }

    /// Seals all entries; those that are damaged stay as they are.
    pub(super) fn seal(
        &self,
        keys: &Keys,
        version: Version,
        dialect: &Dialect,
    ) -> Result<Map<String, Value>, Error> {
        let damaged = self.damaged.iter().map(|(id, damaged)| Ok((id.clone(), damaged.under(id, keys)?)));
        let files = self.files.iter().map(|(id, file)| Ok((id.clone(), file.seal(keys, version, dialect)?)));
        damaged.chain(files).collect()
    }

    /// The string form of `sharing`.
    pub(super) fn seal_sharing(&self, key: &MetadataKey, dialect: &Dialect) -> Result<Option<String>, Error> {
        let form = &dialect.metadata_v1;
        let seal = |sharing| {
            let text = canonical_json::to_string(sharing);
            seal_text(key.as_bytes(), &form.nonce.random(), &text, form.separator)
        };
        self.sharing.as_ref().map(seal).transpose()
    }

    fn set_aside(&mut self, id: &str, value: &Value, error: Error, (index, key): (u32, &MetadataKey)) {
        let entry = metadata::Damaged { value: value.clone(), error };
        self.damaged.insert(id.to_owned(), Damaged { entry, sealed_under: (index, key.checksum()) });
    }
}

impl File {
    /// A file sealed with the newest key, as every new or changed one is (R1-FILE-03, R1-MD-09).
    #[must_use]
    pub fn new(entry: FileEntry, keys: &Keys) -> Self {
        Self { entry, key_index: keys.newest().0 }
    }

    /// Whether it is a subfolder: by its mimetype, [`DIRECTORY`] or what clients wrote in its place.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.entry.mimetype == DIRECTORY || OTHER_DIRECTORIES.contains(&&self.entry.mimetype[..])
    }

    fn open(value: &Value, key_index: u32, key: &MetadataKey, limits: &Limits) -> Result<Self, Error> {
        let members = Members::of(value, WHAT)?;
        let inner = open_text(key.as_bytes(), members.string("encrypted")?, SEALED)?;
        Ok(Self { entry: entry_from_parts(members, &inner, limits)?, key_index })
    }

    fn seal(&self, keys: &Keys, version: Version, dialect: &Dialect) -> Result<Value, Error> {
        let index = if version == Version::V1_0 { self.key_index } else { keys.newest().0 };
        let key = keys.get(index).ok_or_else(no_such_key)?;
        let form = &dialect.metadata_v1;
        let inner = inner_json(&self.entry, form.entry_version);
        let sealed = seal_text(key.as_bytes(), &form.nonce.random(), &inner, form.separator)?;
        let mut value = clear_parts(&self.entry);
        value.insert("encrypted".to_owned(), Value::from(sealed));
        if version == Version::V1_0 {
            value.insert(KEY_INDEX.to_owned(), Value::from(index));
        }
        Ok(Value::Object(value))
    }
}

impl Damaged {
    /// The entry as it stands, if its key is still there.
    fn under(&self, id: &str, keys: &Keys) -> Result<Value, Error> {
        let (index, checksum) = &self.sealed_under;
        if keys.get(*index).is_some_and(|key| key.checksum() == *checksum) {
            Ok(self.entry.value.clone())
        } else {
            Err(Error::damaged(id, self.entry.error.clone()))
        }
    }
}

/// Joins what stands in the clear with what was sealed, in `files` or in a filedrop.
pub(super) fn entry_from_parts(clear: Members<'_>, inner: &str, limits: &Limits) -> Result<FileEntry, Error> {
    let inner = json::parse(inner.as_bytes(), SEALED, limits.depth)?;
    let inner = Members::of(&inner, SEALED)?;
    Ok(FileEntry {
        filename: inner.string("filename")?.to_owned(),
        mimetype: inner.optional_string("mimetype")?.unwrap_or(UNKNOWN_MIMETYPE).to_owned(),
        nonce: clear.nonce("initializationVector")?,
        authentication_tag: clear.decode(TAG, clear.optional_string(TAG)?.unwrap_or_default())?,
        key: FileKey::from_base64(inner.string("key")?)?,
    })
}

/// What is sealed of an entry (R1-MD-05).
pub(super) fn inner_json(entry: &FileEntry, version: EntryVersion) -> zeroize::Zeroizing<String> {
    let mut inner =
        json!({ "key": entry.key.to_base64(), "filename": entry.filename, "mimetype": entry.mimetype });
    if version == EntryVersion::One {
        inner["version"] = Value::from(1);
    }
    zeroize::Zeroizing::new(canonical_json::to_string(&inner))
}

/// What stands in the clear of an entry.
pub(super) fn clear_parts(entry: &FileEntry) -> Map<String, Value> {
    let members = [("initializationVector", &entry.nonce), (TAG, &entry.authentication_tag)];
    members
        .map(|(name, bytes)| (name.to_owned(), Value::from(crate::base64::encode(bytes))))
        .into_iter()
        .collect()
}

const KEY_INDEX: &str = "metadataKey";
const TAG: &str = "authenticationTag";

/// The key that an entry names in 1.0, or the newest; later versions have but one.
fn key_of<'a>(entry: &Value, version: Version, keys: &'a Keys) -> Result<(u32, &'a MetadataKey), Error> {
    match Members::of(entry, WHAT)?.get(KEY_INDEX) {
        Some(index) if version == Version::V1_0 => {
            // Java writes 0.0.
            let index = index
                .as_f64()
                .filter(|index| index.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(index));
            let index = index.ok_or_else(no_such_key)? as u32;
            keys.get(index).map(|key| (index, key)).ok_or_else(no_such_key)
        }
        _ => Ok(keys.newest()),
    }
}

fn no_such_key() -> Error {
    Error::member(format!("{WHAT}.{KEY_INDEX}"), "an index into metadata.metadataKeys")
}
