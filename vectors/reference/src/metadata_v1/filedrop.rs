//! Files that somebody without an account left in a folder of 1.1 or 1.2.
//!
//! Anyone can make an entry, the server included; an entry that does not open must not spoil the folder.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::contents::{clear_parts, entry_from_parts, inner_json};
use super::keys::{unwrap_key, wrap_key};
use super::symmetric::Sealed;
use super::{Contents, File, Keys};
use crate::base64;
use crate::certificate::PublicKey;
use crate::dialect::MetadataV1Form;
use crate::error::Error;
use crate::identity::PrivateKey;
use crate::json::Members;
use crate::metadata::{FileEntry, Limits, MetadataKey};

const WHAT: &str = "filedrop entry";
const SEALED: &str = "filedrop entry: encrypted";
const KEY: &str = "filedrop entry: encryptedKey";

/// One entry, not looked into before it is opened.
#[derive(Debug, Clone, PartialEq)]
pub struct FiledropEntry(Value);

impl FiledropEntry {
    /// An entry as it stands in a document, or something else.
    #[must_use]
    pub fn from_value(value: Value) -> Self {
        Self(value)
    }

    /// The entry as it stands in a document.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Seals a file's entry for the owner of the folder, with a new key.
    ///
    /// # Errors
    /// [`Error::Backend`] when the public key is unusable.
    pub fn seal(entry: &FileEntry, to: &PublicKey, form: &MetadataV1Form) -> Result<Self, Error> {
        let key = MetadataKey::generate();
        let nonce = form.nonce.random();
        let sealed = Sealed::seal(key.as_bytes(), &nonce, &inner_json(entry, form.entry_version))?;
        let mut members = clear_parts(entry);
        for (name, value) in [
            ("encrypted", sealed.to_text(form.separator)),
            ("encryptedKey", wrap_key(to, key.as_bytes())?),
            ("encryptedTag", base64::encode(sealed.tag())),
            (NONCE, base64::encode(&nonce)),
        ] {
            members.insert(name.to_owned(), Value::from(value));
        }
        Ok(Self(Value::Object(members)))
    }

    /// Opens the entry. The nonce is the one behind the ciphertext, the authentication tag the one at its end;
    /// the members that repeat them are known to be wrong in places, and count only if there is no other nonce.
    ///
    /// # Errors
    /// [`Error::Unwrap`], [`Error::Authentication`], or one that tells which member is misshapen.
    pub fn open(&self, key: &PrivateKey) -> Result<FileEntry, Error> {
        let members = Members::of(&self.0, WHAT)?;
        let beside = members.get(NONCE).and_then(|_| members.nonce(NONCE).ok());
        let sealed = Sealed::parse(members.string("encrypted")?, SEALED, beside)?;
        let key = unwrap_key(key, members.string("encryptedKey")?, KEY)?;
        entry_from_parts(members, &sealed.open(key.as_bytes(), SEALED)?, &Limits::default())
    }
}

/// Moves dropped files into the contents (R12-FD-01), sealed with the newest key. A drop adds, it never
/// replaces: one whose name is taken gets another, `report (2).txt` (ATK-DROP-01).
///
/// Returns what could not be taken in, with the reason: it stays in the filedrop (ATK-DROP-02).
pub fn take_in(
    contents: &mut Contents,
    filedrop: &BTreeMap<String, FiledropEntry>,
    private_key: &PrivateKey,
    keys: &Keys,
) -> BTreeMap<String, Error> {
    let names = contents.files.values().map(|file| file.entry.filename.clone());
    let mut names = Names { taken: names.collect(), next: BTreeMap::new() };
    let mut left = BTreeMap::new();
    for (id, dropped) in filedrop {
        let known = contents.files.contains_key(id) || contents.damaged.contains_key(id);
        let opened = if known { Err(Error::entry_clash(id)) } else { dropped.open(private_key) };
        match opened {
            Ok(entry) => {
                let filename = names.give(&entry.filename);
                contents.files.insert(id.clone(), File::new(FileEntry { filename, ..entry }, keys));
            }
            Err(error) => {
                left.insert(id.clone(), error);
            }
        }
    }
    left
}

const NONCE: &str = "encryptedInitializationVector";

struct Names {
    taken: BTreeSet<String>,
    /// The number to try next for a name: a thousand drops of one name must not take a million attempts.
    next: BTreeMap<String, u64>,
}

impl Names {
    /// The name itself, or with the first free number from 2 on before its extension.
    fn give(&mut self, name: &str) -> String {
        let (stem, extension) = match name.rfind('.') {
            Some(dot) if dot > 0 => name.split_at(dot),
            _ => (name, ""),
        };
        let mut given = name.to_owned();
        while !self.taken.insert(given.clone()) {
            let next = self.next.entry(name.to_owned()).or_insert(2);
            given = format!("{stem} ({next}){extension}");
            *next += 1;
        }
        given
    }
}
