//! Contents in the shape that writers give them, read straight from the text.
//!
//! A folder may have a million files, and a tree of JSON values costs more than all cryptography together. Whatever
//! is unusual (a member that is unknown, doubled, null or of another kind) is left to the reader of trees, which
//! tells what is wrong and keeps what is damaged.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use zeroize::Zeroizing;

use super::{Contents, FileEntry, Limits, MAX_COUNTER, UNKNOWN_MIMETYPE};
use crate::base64;
use crate::file_cipher::FileKey;

/// Contents, files, entry.
const DEPTH: usize = 3;

/// The contents, if nothing about the text is unusual and all is within the limits.
pub(super) fn read(text: &[u8], limits: &Limits) -> Option<Contents> {
    let Object(Usual { key_checksums, deleted, counter, folders, files }) =
        serde_json::from_slice(text).ok()?;
    let most = key_checksums.len().max(folders.0.len()).max(files.0.len());
    let within = most <= limits.entries && limits.depth >= DEPTH && counter <= MAX_COUNTER;
    let contents = || Contents {
        key_checksums,
        deleted,
        counter,
        folders: folders.0,
        files: files.0,
        damaged: BTreeMap::new(),
    };
    within.then(contents)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Usual {
    #[serde(default)]
    key_checksums: Vec<String>,
    #[serde(default)]
    deleted: bool,
    counter: u64,
    #[serde(default)]
    folders: Unique<String, String>,
    #[serde(default)]
    files: Unique<Entry, FileEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    filename: String,
    #[serde(default = "unknown_mimetype")]
    mimetype: String,
    nonce: Base64,
    #[serde(default)]
    authentication_tag: Base64,
    key: Base64,
}

fn unknown_mimetype() -> String {
    UNKNOWN_MIMETYPE.to_owned()
}

struct Entry(FileEntry);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Object(fields) = Object::<Fields>::deserialize(deserializer)?;
        let key = Zeroizing::new(fields.key.0);
        if !matches!(fields.nonce.0.len(), 12 | 16) {
            return Err(D::Error::custom("a nonce of unusual length"));
        }
        Ok(Self(FileEntry {
            filename: fields.filename,
            mimetype: fields.mimetype,
            nonce: fields.nonce.0,
            authentication_tag: fields.authentication_tag.0,
            key: FileKey::from_slice(&key).map_err(D::Error::custom)?,
        }))
    }
}

impl From<Entry> for FileEntry {
    fn from(Entry(entry): Entry) -> Self {
        entry
    }
}

/// An object and not, as `serde` would have it as well, an array of its values.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// A map in which no name stands twice, and whose values are read as `T`.
struct Unique<T, V>(BTreeMap<String, V>, PhantomData<T>);

impl<T, V> Default for Unique<T, V> {
    fn default() -> Self {
        Self(BTreeMap::new(), PhantomData)
    }
}

impl<'de, T: Deserialize<'de> + Into<V>, V> Deserialize<'de> for Unique<T, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self::default())
    }
}

impl<'de, T: Deserialize<'de> + Into<V>, V> Visitor<'de> for Unique<T, V> {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self, A::Error> {
        // Sorted once at the end, which is faster than to keep a map in order.
        let mut pairs = Vec::new();
        while let Some((name, value)) = members.next_entry::<String, T>()? {
            pairs.push((name, value.into()));
        }
        let count = pairs.len();
        self.0 = pairs.into_iter().collect();
        if self.0.len() == count { Ok(self) } else { Err(A::Error::custom("a name stands twice")) }
    }
}

#[derive(Default)]
struct Base64(Vec<u8>);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Base64;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("base64")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Base64, E> {
                base64::decode(text, "base64").map(Base64).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"{"filename":"a","nonce":"AAAAAAAAAAAAAAAA","key":"AAAAAAAAAAAAAAAAAAAAAA=="}"#;

    fn both(text: &str) -> (Option<Contents>, Option<Contents>) {
        let limits = Limits { entries: 1, ..Limits::default() };
        let unknown = text.replacen('{', r#"{"unknown":0,"#, 1);
        (read(text.as_bytes(), &limits), Contents::from_json(unknown.as_bytes(), &limits).ok())
    }

    #[test]
    fn what_is_usual_reads_as_its_tree_does() {
        for text in [
            r#"{"counter":1}"#.to_owned(),
            format!(
                r#"{{"counter":1,"deleted":true,"keyChecksums":["x"],"folders":{{"f":"\u00e4"}},"files":{{"a":{ENTRY}}}}}"#
            ),
        ] {
            let (usual, tree) = both(&text);
            assert!(usual.is_some(), "{text}");
            assert_eq!(usual, tree, "{text}");
        }
    }

    #[test]
    fn what_is_unusual_is_left_to_the_tree() {
        let array = r#"["a","text/plain","AAAAAAAAAAAAAAAA","","AAAAAAAAAAAAAAAAAAAAAA=="]"#;
        for text in [
            r#"[[],false,1,{},{}]"#.to_owned(),
            r#"{"counter":1,"counter":1}"#.to_owned(),
            r#"{"counter":1,"files":null}"#.to_owned(),
            r#"{"counter":1,"files":[]}"#.to_owned(),
            r#"{"counter":9007199254740992}"#.to_owned(),
            r#"{"counter":1,"keyChecksums":["x","y"]}"#.to_owned(),
            r#"{"counter":1} x"#.to_owned(),
            format!(r#"{{"counter":1,"files":{{"a":{array}}}}}"#),
            format!(r#"{{"counter":1,"files":{{"a":{ENTRY},"a":{ENTRY}}}}}"#),
            format!(r#"{{"counter":1,"files":{{"a":{}}}}}"#, ENTRY.replace("AAAA\"", "\"")),
            format!(r#"{{"counter":1,"files":{{"a":{}}}}}"#, ENTRY.replace("filename", "name")),
        ] {
            assert_eq!(read(text.as_bytes(), &Limits { entries: 1, ..Limits::default() }), None, "{text}");
        }
    }
}
