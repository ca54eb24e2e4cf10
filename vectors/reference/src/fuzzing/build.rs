//! Parts of plans.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Map, Value};

use super::run::LIMITS;
use crate::base64;
use crate::file_cipher::FileKey;
use crate::metadata::{Contents, FileEntry, MAX_COUNTER};

/// JSON whose members have names that mean something.
#[derive(Debug)]
pub(super) struct Json(pub(super) Value);

impl<'a> Arbitrary<'a> for Json {
    fn arbitrary(plan: &mut Unstructured<'a>) -> Result<Self> {
        value(plan, LIMITS.depth - 1).map(Self)
    }
}

/// A nonce of a length that is read.
#[derive(Debug, Arbitrary)]
pub(super) enum Nonce {
    Twelve([u8; 12]),
    Sixteen([u8; 16]),
}

impl Nonce {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Twelve(bytes) => bytes,
            Self::Sixteen(bytes) => bytes,
        }
    }
}

/// A file's entry.
#[derive(Debug, Arbitrary)]
pub(super) struct File {
    filename: String,
    mimetype: String,
    nonce: Nonce,
    tag: Vec<u8>,
    key: [u8; 16],
}

impl File {
    pub(super) fn entry(&self) -> FileEntry {
        FileEntry {
            filename: self.filename.clone(),
            mimetype: self.mimetype.clone(),
            nonce: self.nonce.bytes().to_vec(),
            authentication_tag: self.tag.clone(),
            key: FileKey::from_bytes(self.key),
        }
    }
}

/// The contents of a 2.x folder.
#[derive(Debug, Arbitrary)]
pub(super) struct Folder {
    key_checksums: Vec<String>,
    deleted: bool,
    counter: u64,
    folders: BTreeMap<String, String>,
    files: BTreeMap<String, File>,
}

impl Folder {
    pub(super) fn contents(&self) -> Contents {
        Contents {
            key_checksums: self.key_checksums.clone(),
            deleted: self.deleted,
            counter: self.counter & MAX_COUNTER,
            folders: self.folders.clone(),
            files: self.files.iter().map(|(id, file)| (id.clone(), file.entry())).collect(),
            ..Contents::default()
        }
    }
}

/// What an attacker who has the key may seal in place of what belongs there.
#[derive(Debug, Arbitrary)]
pub(super) enum Plain<'a> {
    Json(Json),
    Bytes(&'a [u8]),
    /// Compresses well: deep nesting, long strings, many members.
    Repeated {
        piece: [u8; 4],
        times: u16,
        end: &'a [u8],
    },
}

impl Plain<'_> {
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(Json(value)) => value.to_string().into_bytes(),
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Repeated { piece, times, end } => [&piece.repeat((*times).into()), *end].concat(),
        }
    }
}

fn value(plan: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    let kinds = if depth == 0 { 5 } else { 7 };
    Ok(match plan.int_in_range(0..=kinds)? {
        0 => Value::Null,
        1 => plan.arbitrary::<bool>()?.into(),
        2 => plan.arbitrary::<i64>()?.into(),
        3 => plan.arbitrary::<f64>()?.into(),
        4 => plan.arbitrary::<String>()?.into(),
        5 => base64::encode(plan.arbitrary()?).into(),
        6 => {
            let mut values = Vec::new();
            while plan.arbitrary()? {
                values.push(value(plan, depth - 1)?);
            }
            values.into()
        }
        _ => {
            let mut members = Map::new();
            while plan.arbitrary()? {
                let name = if plan.arbitrary()? { plan.arbitrary()? } else { *plan.choose(&NAMES)? };
                members.insert(name.to_owned(), value(plan, depth - 1)?);
            }
            members.into()
        }
    })
}

const NAMES: [&str; 24] = [
    "authenticationTag",
    "certificate",
    "checksum",
    "ciphertext",
    "counter",
    "deleted",
    "encrypted",
    "encryptedMetadataKey",
    "filedrop",
    "filename",
    "files",
    "folders",
    "initializationVector",
    "key",
    "keyChecksums",
    "metadata",
    "metadataKey",
    "metadataKeys",
    "mimetype",
    "nonce",
    "sharing",
    "userId",
    "users",
    "version",
];
