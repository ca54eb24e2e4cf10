//! Documents of metadata 2.0 and 2.1: what opens, and what comes out. Signatures and trust are other families.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_reference::metadata::{self, Contents, Document, MetadataKey, Version};
use e2ee_reference::random;
use e2ee_reference::recognise::{self, Recognised};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::family::{Family, bytes, inputs};
use crate::error::Error;
use crate::make::folder;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};
use crate::world::{self, World, recipient};

mod compressed;
mod inside;
mod outside;
mod shape;
mod shared;
mod versions;

pub(crate) const FAMILY_2_0: Family = Family {
    name: "metadata-2.0",
    summary: "a document of metadata 2.0, root folder or subfolder",
    generate: generate_2_0,
    evaluate,
};

pub(crate) const FAMILY_2_1: Family = Family {
    name: "metadata-2.1",
    summary: "a document of metadata 2.1, root folder or subfolder",
    generate: generate_2_1,
    evaluate,
};

/// Either a user with his private key, for a root folder, or the metadata key, for a subfolder.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Inputs {
    document: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_key: Option<String>,
}

impl Inputs {
    fn root(document: String, user: &Identity) -> Self {
        let user_id = Some(user.user_id().to_owned());
        Self { document, user_id, private_key: Some(world::private_key(user)), metadata_key: None }
    }

    pub(super) fn subfolder(document: String, key: &MetadataKey) -> Self {
        let metadata_key = Some(hex::encode(key.as_bytes()));
        Self { document, user_id: None, private_key: None, metadata_key }
    }
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let (key, contents) = open(&inputs(of)?)?;
    Ok(output(&key, &contents))
}

/// Opens what the inputs hold.
pub(super) fn open(inputs: &Inputs) -> Result<(MetadataKey, Contents), Stop> {
    let document = parse(&inputs.document)?;
    let key = match (&inputs.user_id, &inputs.private_key, &inputs.metadata_key) {
        (Some(user_id), Some(private_key), None) => {
            document.unwrap_key(user_id, &PrivateKey::from_pem(private_key)?)?
        }
        (None, None, Some(key)) => MetadataKey::from_slice(&bytes(key)?)?,
        _ => return Err(Stop::Failed("inputs: expected userId and privateKey, or metadataKey".to_owned())),
    };
    let contents = document.open(&key)?;
    Ok((key, contents))
}

/// A document of 2.x and no other.
pub(super) fn parse(text: &str) -> Result<Document, Stop> {
    match recognise::recognise(text)? {
        Recognised::V2(document) => Ok(document),
        Recognised::V1(_) => Err(Stop::Refused("version-known")),
    }
}

fn output(key: &MetadataKey, contents: &Contents) -> Value {
    json!({ "metadataKey": hex::encode(key.as_bytes()), "contents": shown(contents) })
}

/// Contents as vectors show them: as they are sealed, and the ids of entries that cannot be read.
pub(super) fn shown(contents: &Contents) -> Value {
    let mut shown = folder::inner(contents);
    shown["unreadable"] = contents.damaged.keys().cloned().collect();
    shown
}

/// The root folder of most vectors: alice's, shared with bob.
struct Root {
    key: MetadataKey,
    contents: Contents,
}

impl Root {
    fn new() -> Self {
        Self::under(MetadataKey::generate())
    }

    fn under(key: MetadataKey) -> Self {
        Self { contents: folder::contents(&key), key }
    }

    fn document(&self, world: &World, version: Version) -> Result<Value, CryptoError> {
        let members = [&world.alice, &world.bob].map(recipient);
        Ok(metadata::seal_root(&self.contents, &self.key, &members, version)?.value().clone())
    }

    /// The document with other compressed contents inside.
    fn document_around(&self, world: &World, compressed: &[u8]) -> Result<Value, CryptoError> {
        let mut document = self.document(world, Version::V2_0)?;
        document["metadata"] = folder::envelope(self.key.as_bytes(), &random::array::<12>(), compressed)?;
        Ok(document)
    }

    /// The document, really sealed under a key or a nonce of another length.
    fn document_under(&self, world: &World, key: &[u8], nonce: &[u8]) -> Result<Value, CryptoError> {
        let mut document = self.document(world, Version::V2_0)?;
        let compressed = folder::gzip(folder::inner(&self.contents).to_string().as_bytes());
        document["metadata"] = folder::envelope(key, nonce, &compressed)?;
        Ok(document)
    }

    fn output(&self) -> Value {
        output(&self.key, &self.contents)
    }
}

fn generate_2_0(set: &mut Set<'_>) -> Result<(), Error> {
    dialects(set, Version::V2_0)?;
    outside::generate(set)?;
    shape::generate(set)?;
    versions::generate(set)?;
    inside::generate(set)?;
    compressed::generate(set)
}

fn generate_2_1(set: &mut Set<'_>) -> Result<(), Error> {
    dialects(set, Version::V2_1)?;
    shared::generate(set)
}

/// What each client writes, root folder and subfolder.
fn dialects(set: &mut Set<'_>, version: Version) -> Result<(), Error> {
    let requirements =
        ["R2-MD-01", "R2-MD-02", "R2-MD-03", "R2-MD-06", "R2-MD-07", "R2-MD-08", "R2-MD-09", "R2-MD-12"];
    for dialect in Dialect::ALL {
        let mut flags = vec!["Dialect"];
        flags.extend((dialect.metadata.nonce.bytes() == 16).then_some("LongNonce"));
        flags.extend(dialect.metadata.nonce_suffix.then_some("NonceSuffix"));
        let name = format!("root-{}", dialect.name);
        let comment = format!("a root folder as written by: {}", dialect.name);
        set.add(about(name, comment, &requirements, &flags), |world| {
            let Root { key, contents } = Root::new();
            let members = [&world.alice, &world.bob].map(recipient);
            let document = metadata::seal_root_as(&contents, &key, &members, version, &dialect)?;
            let text = dialect.layout.text(document.value());
            Ok((Inputs::root(text, &world.alice), Expect::Valid(output(&key, &contents))))
        })?;
        let name = format!("subfolder-{}", dialect.name);
        let comment = format!("a subfolder as written by: {}", dialect.name);
        set.add(about(name, comment, &["R2-MD-17", "R2-MD-09", "R2-READ-06"], &flags), |_| {
            let Root { key, contents } = Root::new();
            let document = metadata::seal_subfolder_as(&contents, &key, version, &dialect)?;
            // The checksums of a subfolder mean nothing, and each client has its own: they are shown as they are.
            let opened = document.open(&key)?;
            let contents = Contents { key_checksums: opened.key_checksums, ..contents };
            let text = dialect.layout.text(document.value());
            Ok((Inputs::subfolder(text, &key), Expect::Valid(output(&key, &contents))))
        })?;
    }
    Ok(())
}

/// What has to come out of these sealed contents, missing members filled in.
fn normalised(key: &MetadataKey, inner: &Value) -> Value {
    let or = |name: &str, default: Value| inner.get(name).cloned().unwrap_or(default);
    let map = |name: &str| match or(name, json!({})) {
        Value::Object(map) => map,
        // PHP writes an empty object so.
        _ => Map::new(),
    };
    let mut files = map("files");
    let unreadable: Vec<String> =
        files.iter().filter(|(_, file)| file.get("key").is_none()).map(|(id, _)| id.clone()).collect();
    for id in &unreadable {
        files.remove(id);
    }
    for file in files.values_mut() {
        let or = |name: &str, default: &str| file.get(name).cloned().unwrap_or(default.into());
        *file = json!({
            "filename": file["filename"],
            "mimetype": or("mimetype", "application/octet-stream"),
            "nonce": file["nonce"],
            "authenticationTag": or("authenticationTag", ""),
            "key": file["key"],
        });
    }
    let contents = json!({
        "keyChecksums": or("keyChecksums", json!([])),
        "deleted": or("deleted", json!(false)),
        "counter": inner["counter"],
        "folders": map("folders"),
        "files": files,
        "unreadable": unreadable,
    });
    json!({ "metadataKey": hex::encode(key.as_bytes()), "contents": contents })
}
