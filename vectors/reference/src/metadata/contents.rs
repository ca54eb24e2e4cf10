//! What is sealed in a document: names, keys, counter and key history (R2-MD-09 to 13).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::file_cipher::FileKey;
use crate::json::{self, Members};

use super::{Limits, usual};

const WHAT: &str = "metadata contents";
/// Every client keeps numbers exact up to here, and no honest folder comes near.
pub(crate) const MAX_COUNTER: u64 = (1 << 53) - 1;
/// What stands for a mimetype that nobody knows (R2-MD-13, R1-MD-06).
pub(crate) const UNKNOWN_MIMETYPE: &str = "application/octet-stream";

/// The contents of a folder.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// Checksums of all metadata keys that the root folder ever had (R2-MD-10); meaningless and often absent
    /// in subfolders. The order carries no meaning.
    pub key_checksums: Vec<String>,
    /// Set when the root folder was deleted by a client (R2-MOD-23).
    pub deleted: bool,
    /// Grows with every change of this document.
    pub counter: u64,
    /// Ids of subfolders with their names.
    pub folders: BTreeMap<String, String>,
    /// Ids of files with their entries.
    pub files: BTreeMap<String, FileEntry>,
    /// Entries of `files` that cannot be read. They are written back as they are: whoever cannot read an
    /// entry has no right to drop it.
    pub damaged: BTreeMap<String, Damaged>,
}

/// What the contents say of one file (R2-MD-12).
#[derive(Debug, Clone, PartialEq)]
pub struct FileEntry {
    /// The name; not yet checked to be one (see [`trust`](crate::trust)).
    pub filename: String,
    /// The mimetype; `application/octet-stream` when unknown (R2-MD-13).
    pub mimetype: String,
    /// The nonce of the file, 12 or 16 bytes.
    pub nonce: Vec<u8>,
    /// A copy of the authentication tag, or what the writer takes for one; may be empty.
    pub authentication_tag: Vec<u8>,
    /// The file key.
    pub key: FileKey,
}

/// An entry that is not one.
#[derive(Clone, PartialEq)]
pub struct Damaged {
    /// What stands there; may hold a key.
    pub value: Value,
    /// What is wrong with it.
    pub error: Error,
}

impl std::fmt::Debug for Damaged {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Damaged({})", self.error)
    }
}

impl Contents {
    pub(super) fn from_json(text: &[u8], limits: &Limits) -> Result<Self, Error> {
        usual::read(text, limits).map_or_else(|| Self::from_tree(text, limits), Ok)
    }

    fn from_tree(text: &[u8], limits: &Limits) -> Result<Self, Error> {
        let value = json::parse(text, WHAT, limits.depth)?;
        let members = Members::of(&value, "")?;
        let checksums = members.array("keyChecksums", limits.entries)?.iter();
        let (mut files, mut damaged) = (BTreeMap::new(), BTreeMap::new());
        for (id, entry) in members.map("files", limits.entries)?.into_iter().flatten() {
            match file_from_json(entry) {
                Ok(entry) => drop(files.insert(id.clone(), entry)),
                Err(error) => drop(damaged.insert(id.clone(), Damaged { value: entry.clone(), error })),
            }
        }
        let folders = members.map("folders", limits.entries)?.into_iter().flatten();
        Ok(Self {
            key_checksums: checksums.map(|value| text_of(value, "keyChecksums")).collect::<Result<_, _>>()?,
            deleted: flag(members.get("deleted"))?,
            counter: counter(members.get("counter"))?,
            folders: folders
                .map(|(id, name)| Ok((id.clone(), text_of(name, "folders")?)))
                .collect::<Result<_, Error>>()?,
            files,
            damaged,
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        let files = self.files.iter().map(|(id, entry)| (id.clone(), file_to_json(entry)));
        let damaged = self.damaged.iter().map(|(id, entry)| (id.clone(), entry.value.clone()));
        json!({
            "keyChecksums": self.key_checksums,
            "deleted": self.deleted,
            "counter": self.counter,
            "folders": self.folders,
            "files": damaged.chain(files).collect::<Map<_, _>>(),
        })
    }
}

/// Reads the entry of a file, in the contents or in a filedrop.
pub(crate) fn file_from_json(value: &Value) -> Result<FileEntry, Error> {
    let members = Members::of(value, "file entry")?;
    Ok(FileEntry {
        filename: members.string("filename")?.to_owned(),
        mimetype: members.optional_string("mimetype")?.unwrap_or(UNKNOWN_MIMETYPE).to_owned(),
        nonce: members.nonce("nonce")?,
        authentication_tag: members.decode(TAG, members.optional_string(TAG)?.unwrap_or_default())?,
        key: FileKey::from_base64(members.string("key")?)?,
    })
}

/// Writes the entry of a file.
pub(crate) fn file_to_json(entry: &FileEntry) -> Value {
    json!({
        "filename": entry.filename,
        "mimetype": entry.mimetype,
        "nonce": crate::base64::encode(&entry.nonce),
        "authenticationTag": crate::base64::encode(&entry.authentication_tag),
        "key": entry.key.to_base64(),
    })
}

const TAG: &str = "authenticationTag";

fn text_of(value: &Value, path: &str) -> Result<String, Error> {
    value.as_str().map(str::to_owned).ok_or_else(|| Error::member(path, "strings"))
}

/// Desktop never writes `deleted`.
fn flag(value: Option<&Value>) -> Result<bool, Error> {
    value.map_or(Ok(false), |value| value.as_bool().ok_or_else(|| Error::member("deleted", "a boolean")))
}

fn counter(value: Option<&Value>) -> Result<u64, Error> {
    let counter = value.and_then(Value::as_u64).filter(|counter| *counter <= MAX_COUNTER);
    counter.ok_or_else(|| Error::member("counter", "a whole number from 0 to 2^53 - 1"))
}
