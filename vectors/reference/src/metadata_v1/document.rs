//! The document as the server stores it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::checksum::checksum;
use super::filedrop::FiledropEntry;
use super::keys::{Keys, unwrap_key};
use super::{Contents, Version};
use crate::dialect::Layout;
use crate::error::Error;
use crate::identity::PrivateKey;
use crate::json::{Members, shortened};
use crate::metadata::Limits;

/// Each key costs an RSA operation to open; a folder gets a new one when a recipient leaves.
const MAX_KEYS: usize = 256;
const KEYS: &str = "metadata.metadataKeys";
const KEY: &str = "metadata.metadataKey";
const FILES: &str = "files";
const FILEDROP: &str = "filedrop";

/// A document of 1.0, 1.1 or 1.2, parsed once; cheap to clone.
#[derive(Debug, Clone)]
pub struct Document(Arc<Parsed>);

#[derive(Debug)]
struct Parsed {
    value: Value,
    version: Version,
    wrapped: BTreeMap<u32, String>,
    checksum: String,
    sharing: Option<String>,
    filedrop: BTreeMap<String, FiledropEntry>,
}

impl Document {
    /// Parses a document with the default limits. At most 256 metadata keys are taken.
    ///
    /// # Errors
    /// [`Error::UnknownVersion1`] for every other version, 2.x included; [`Error::Json`], [`Error::Member`] or
    /// [`Error::TooLarge`], which name the member.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, &Limits::default())
    }

    /// Parses a document with other limits.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: &str, limits: &Limits) -> Result<Self, Error> {
        Self::from_value(limits.parse(text)?, limits)
    }

    /// The member `metadata.version`.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The wrapped metadata keys by their index; in 1.1 and 1.2 one, of index 0.
    #[must_use]
    pub fn wrapped_keys(&self) -> &BTreeMap<u32, String> {
        &self.0.wrapped
    }

    /// The ids of files and subfolders, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.files().map(|(id, _)| &id[..])
    }

    /// The member `metadata.checksum`, lower-case hex; empty when it is missing, as it is before 1.2.
    #[must_use]
    pub fn checksum(&self) -> &str {
        &self.0.checksum
    }

    /// Whether the checksum is that of this mnemonic, the file ids and the metadata key (R12-CHK-01); false for
    /// an empty one. See [`checksum`](super::checksum()) for the mnemonic.
    #[must_use]
    pub fn checksum_matches(&self, mnemonic: &str) -> bool {
        let key = self.0.wrapped.first_key_value();
        key.is_some_and(|(_, key)| checksum(mnemonic, self.ids(), key) == self.0.checksum)
    }

    /// Entries that strangers left in a file drop; the checksum does not cover them.
    #[must_use]
    pub fn filedrop(&self) -> &BTreeMap<String, FiledropEntry> {
        &self.0.filedrop
    }

    /// The document as JSON text, canonical, for the field `metaData`.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_json_as(Layout::Canonical)
    }

    /// The document as JSON text of another layout.
    #[must_use]
    pub fn to_json_as(&self, layout: Layout) -> String {
        layout.text(&self.0.value)
    }

    /// The document as received.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// Opens all metadata keys with the user's private key.
    ///
    /// # Errors
    /// [`Error::Base64`], [`Error::Unwrap`] or [`Error::KeyLength`] for the first that does not open.
    pub fn unwrap_keys(&self, key: &PrivateKey) -> Result<Keys, Error> {
        let path = if self.0.version == Version::V1_0 { KEYS } else { KEY };
        let keys =
            self.0.wrapped.iter().map(|(index, wrapped)| Ok((*index, unwrap_key(key, wrapped, path)?)));
        Keys::several(keys.collect::<Result<_, Error>>()?)
    }

    /// Decrypts all entries with the default limits. That the keys can be trusted is a question for
    /// [`trust::judge_v1`](crate::trust::judge_v1).
    ///
    /// # Errors
    /// The error of the first entry when none can be read: a wrong key looks like that. A few that cannot be
    /// read are no error; see [`Contents::damaged`] and [`Contents::intact`].
    pub fn open(&self, keys: &Keys) -> Result<Contents, Error> {
        self.open_with(keys, &Limits::default())
    }

    /// Decrypts all entries with other limits.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(&self, keys: &Keys, limits: &Limits) -> Result<Contents, Error> {
        Contents::open(self.files(), self.0.sharing.as_deref(), self.0.version, keys, limits)
    }

    /// An empty object may be an array, since PHP writes it so.
    fn files(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.value.get(FILES).and_then(Value::as_object).into_iter().flatten()
    }

    pub(crate) fn from_value(value: Value, limits: &Limits) -> Result<Self, Error> {
        let members = Members::of(&value, "")?;
        let metadata = members.get("metadata").ok_or_else(|| Error::member("metadata", "an object"))?;
        let metadata = Members::of(metadata, "metadata")?;
        let version = version(metadata)?;
        members.map(FILES, limits.entries)?;
        let filedrop = members.map(FILEDROP, limits.entries)?.into_iter().flatten();
        let filedrop = filedrop.map(|(id, entry)| (id.clone(), FiledropEntry::from_value(entry.clone())));
        Ok(Self(Arc::new(Parsed {
            version,
            wrapped: wrapped_keys(metadata, version)?,
            checksum: metadata.optional_string("checksum")?.unwrap_or_default().to_owned(),
            sharing: sharing(metadata, version),
            filedrop: filedrop.collect(),
            value,
        })))
    }
}

/// The same document with other filedrop entries, as the server makes it.
///
/// # Errors
/// None that the document itself did not have.
pub fn with_filedrop(
    document: &Document,
    filedrop: &BTreeMap<String, FiledropEntry>,
) -> Result<Document, Error> {
    let mut value = document.value().clone();
    let entries = filedrop.iter().map(|(id, entry)| (id.clone(), entry.value().clone()));
    value[FILEDROP] = Value::Object(entries.collect());
    Document::from_value(value, &Limits::unbounded())
}

fn version(metadata: Members<'_>) -> Result<Version, Error> {
    let found = metadata.get("version");
    let version = found.and_then(Version::from_json);
    version.ok_or_else(|| Error::UnknownVersion1 { found: found.map_or("none".to_owned(), shortened) })
}

/// 1.0 has a map, later versions a single key. Android sometimes leaves an old map in a 1.2 document; it means
/// nothing there.
fn wrapped_keys(metadata: Members<'_>, version: Version) -> Result<BTreeMap<u32, String>, Error> {
    if version != Version::V1_0 {
        return Ok([(0, metadata.string("metadataKey")?.to_owned())].into());
    }
    let keys = metadata.map("metadataKeys", MAX_KEYS)?.filter(|keys| !keys.is_empty());
    let keys = keys.ok_or_else(|| Error::member(KEYS, "an object with at least one key"))?;
    let key = |(name, wrapped): (&String, &Value)| {
        // "07" and "+7" would be second names for 7.
        let index = name.parse::<u32>().ok().filter(|index| index.to_string() == *name);
        let index = index.ok_or_else(|| Error::member(KEYS, "decimal numbers as names"))?;
        let wrapped = wrapped.as_str().ok_or_else(|| Error::member(format!("{KEYS}.{name}"), "a string"))?;
        Ok((index, wrapped.to_owned()))
    };
    keys.iter().map(key).collect()
}

/// Encrypted it is a string. In 2017 there was a form in the clear, an object, that no key vouches for.
fn sharing(metadata: Members<'_>, version: Version) -> Option<String> {
    let sharing = metadata.get("sharing").filter(|_| version == Version::V1_0);
    sharing.and_then(Value::as_str).map(str::to_owned)
}
