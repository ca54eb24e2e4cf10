//! Documents of metadata 1.0, 1.1 and 1.2.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{FileEntry, MetadataKey};
use e2ee_reference::metadata_v1::{self, Contents, Document, File, Keys, Target, Version};
use e2ee_reference::random;
use e2ee_reference::recognise::{self, Recognised};
use e2ee_reference::trust::{self, CandidateV1, Exceptions};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::family::{Family, inputs};
use super::mnemonic::WORDS;
use crate::error::Error;
use crate::make::folder;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};
use crate::world::{self, World};

mod checked;
mod entries;
mod keys;

pub(crate) const FAMILY_1_0: Family = Family {
    name: "metadata-1.0",
    summary: "a document of metadata 1.0: several metadata keys, no checksum",
    generate: keys::generate,
    evaluate,
};

pub(crate) const FAMILY_1_1: Family = Family {
    name: "metadata-1.1",
    summary: "a document of metadata 1.1: one metadata key, no checksum",
    generate: entries::generate,
    evaluate,
};

pub(crate) const FAMILY_1_2: Family = Family {
    name: "metadata-1.2",
    summary: "a document of metadata 1.2: one metadata key and a checksum",
    generate: checked::generate,
    evaluate,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    document: String,
    private_key: String,
    /// To check the checksum with, if the device keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mnemonic: Option<String>,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let Inputs { document, private_key, mnemonic } = inputs(of)?;
    let document = parse(&document)?;
    let keys = document.unwrap_keys(&PrivateKey::from_pem(&private_key)?)?;
    let contents = document.open(&keys)?;
    let candidate =
        CandidateV1 { document: &document, contents: &contents, mnemonic: mnemonic.as_deref(), known: None };
    trust::judge_v1(&candidate, &Exceptions::default())?;
    Ok(output(&keys, &contents))
}

/// A document of 1.x and no other.
pub(super) fn parse(text: &str) -> Result<Document, Stop> {
    match recognise::recognise(text)? {
        Recognised::V1(document) => Ok(document),
        Recognised::V2(_) => Err(Stop::Refused("version-known")),
    }
}

fn output(keys: &Keys, contents: &Contents) -> Value {
    let file = |(id, file): (&String, &File)| {
        let mut shown = folder::file_json(&file.entry);
        shown["keyIndex"] = file.key_index.into();
        (id.clone(), shown)
    };
    let keys = keys.iter().map(|(index, key)| (index.to_string(), hex::encode(key.as_bytes()).into()));
    let mut output = json!({
        "metadataKeys": keys.collect::<Map<_, _>>(),
        "files": contents.files.iter().map(file).collect::<Map<_, _>>(),
        "unreadable": contents.damaged.keys().collect::<Vec<_>>(),
    });
    if let Some(sharing) = &contents.sharing {
        output["sharing"] = sharing.clone();
    }
    output
}

/// A file with the nonce of 16 bytes that 1.x has.
pub(super) fn file(filename: &str) -> FileEntry {
    FileEntry { nonce: random::array::<16>().to_vec(), ..folder::file(filename) }
}

/// Two files under one key.
struct Folder {
    keys: Keys,
    contents: Contents,
}

impl Folder {
    fn new() -> Self {
        Self::under(MetadataKey::generate())
    }

    /// Under a given key. Whoever goes on without a key or with too short a one uses zeros for what is missing.
    fn under(key: MetadataKey) -> Self {
        let keys = Keys::one(key);
        let files = ["report.txt", "notes.txt"].map(|name| (random::file_id(), File::new(file(name), &keys)));
        Self { contents: Contents { files: files.into(), ..Contents::default() }, keys }
    }

    fn seal(&self, world: &World, target: Target<'_>, dialect: &Dialect) -> Result<Document, CryptoError> {
        let to = world.alice.certificate().public_key();
        metadata_v1::seal_as(&self.contents, &self.keys, to, target, dialect)
    }

    fn document(&self, world: &World, target: Target<'_>) -> Result<Value, CryptoError> {
        Ok(self.seal(world, target, &Dialect::SPECIFIED)?.value().clone())
    }

    fn output(&self) -> Value {
        output(&self.keys, &self.contents)
    }
}

impl Inputs {
    fn new(document: &Value, world: &World) -> Self {
        Self { document: document.to_string(), private_key: world::private_key(&world.alice), mnemonic: None }
    }

    fn with_mnemonic(document: &Value, world: &World) -> Self {
        Self { mnemonic: Some(WORDS.to_owned()), ..Self::new(document, world) }
    }
}

/// A folder for a vector with these flags: under 16 zeros if it is about missing keys.
fn folder_for(flags: &[&str]) -> Folder {
    match flags.contains(&"EmptyKeys") {
        true => Folder::under(MetadataKey::from_bytes([0; 16])),
        false => Folder::new(),
    }
}

/// What each client wrote; web never wrote 1.x.
fn dialects(set: &mut Set<'_>, target: Target<'_>, requirements: &[&'static str]) -> Result<(), Error> {
    for dialect in Dialect::ALL.into_iter().filter(|dialect| dialect.writes_v1) {
        let comment = format!("as written by: {}", dialect.name);
        set.add(about(format!("by-{}", dialect.name), comment, requirements, &["Dialect"]), |world| {
            let folder = Folder::new();
            let document = folder.seal(world, target, &dialect)?;
            let mnemonic = (target.version() == Version::V1_2).then(|| WORDS.to_owned());
            let inputs = Inputs {
                document: document.to_json_as(dialect.layout),
                private_key: world::private_key(&world.alice),
                mnemonic,
            };
            Ok((inputs, Expect::Valid(folder.output())))
        })?;
    }
    Ok(())
}

fn remove(object: &mut Value, name: &str) {
    if let Value::Object(members) = object {
        members.remove(name);
    }
}
