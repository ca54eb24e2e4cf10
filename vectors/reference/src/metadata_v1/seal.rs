//! Making documents.

use std::fmt;

use serde_json::{Map, Value, json};

use super::checksum::checksum;
use super::keys::{Keys, wrap_key};
use super::{Contents, Document, Version};
use crate::certificate::PublicKey;
use crate::dialect::{Dialect, EmptyMaps};
use crate::error::Error;
use crate::metadata::Limits;

/// The version to write, with what it takes.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// 1.0.
    V1_0,
    /// 1.1.
    V1_1,
    /// 1.2.
    V1_2 {
        /// The mnemonic, blanks or not, to which the checksum binds the document.
        mnemonic: &'a str,
    },
}

impl Target<'_> {
    /// The version alone.
    #[must_use]
    pub fn version(&self) -> Version {
        match self {
            Self::V1_0 => Version::V1_0,
            Self::V1_1 => Version::V1_1,
            Self::V1_2 { .. } => Version::V1_2,
        }
    }
}

impl fmt::Debug for Target<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Target({})", self.version())
    }
}

/// Seals the contents of a folder and wraps its metadata keys for the user (R1-MD-01 to 07). 1.1 and 1.2 take
/// one key, which should be new with every document (R12-KEY-01).
///
/// # Errors
/// [`Error::Member`] when an entry names a key that is not there, or when 1.1 or 1.2 is to have several;
/// [`Error::DamagedEntry`] when an entry cannot be read and its key is another now; [`Error::Backend`] when
/// the public key is unusable.
pub fn seal(contents: &Contents, keys: &Keys, to: &PublicKey, target: Target<'_>) -> Result<Document, Error> {
    seal_as(contents, keys, to, target, &Dialect::SPECIFIED)
}

/// As [`seal`], in the manner of a client.
///
/// # Errors
/// As [`seal`].
pub fn seal_as(
    contents: &Contents,
    keys: &Keys,
    to: &PublicKey,
    target: Target<'_>,
    dialect: &Dialect,
) -> Result<Document, Error> {
    let version = target.version();
    let files = contents.seal(keys, version, dialect)?;
    let mut metadata = Map::new();
    metadata.insert("version".to_owned(), version.to_json(dialect.metadata_v1.version));
    if version == Version::V1_0 {
        let wrapped =
            keys.iter().map(|(index, key)| Ok((index.to_string(), wrap_key(to, key.as_bytes())?.into())));
        metadata.insert("metadataKeys".to_owned(), Value::Object(wrapped.collect::<Result<_, Error>>()?));
        if let Some(sharing) = contents.seal_sharing(keys.newest().1, dialect)? {
            metadata.insert("sharing".to_owned(), Value::from(sharing));
        }
    } else {
        if keys.iter().count() > 1 {
            return Err(Error::member("metadata.metadataKey", "a single key"));
        }
        let wrapped = wrap_key(to, keys.newest().1.as_bytes())?;
        if let Target::V1_2 { mnemonic } = target {
            let checksum = checksum(mnemonic, files.keys().map(String::as_str), &wrapped);
            metadata.insert("checksum".to_owned(), Value::from(checksum));
        }
        metadata.insert("metadataKey".to_owned(), Value::from(wrapped));
    }
    let mut document = json!({ "metadata": metadata });
    let empty_maps = dialect.metadata_v1.empty_maps;
    if !files.is_empty() || empty_maps != EmptyMaps::Neither {
        document["files"] = Value::Object(files);
    }
    if empty_maps == EmptyMaps::Both && version != Version::V1_0 {
        document["filedrop"] = json!({});
    }
    Document::from_value(document, &Limits::unbounded())
}
