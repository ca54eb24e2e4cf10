//! Inputs to begin with, beside the vectors: what is sealed here opens under the keys of the targets.

use super::run::{ALICE, BOB, NOW, quickly, recipient};
use crate::error::Error;
use crate::file_cipher::FileKey;
use crate::identity::certificate_request;
use crate::metadata::{Contents, FileEntry, MetadataKey, Version, seal_root, seal_subfolder};
use crate::mnemonic::Mnemonic;
use crate::{filedrop, metadata_v1, private_key_blob, signature};

/// An input for a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// The target's name.
    pub target: &'static str,
    /// The file's name.
    pub name: &'static str,
    /// The input.
    pub bytes: Vec<u8>,
}

/// At least one input for each target of this crate.
///
/// # Errors
/// Only when the cryptographic library fails.
pub fn seeds() -> Result<Vec<Seed>, Error> {
    quickly(|| Ok([documents()?, keys()?, plans()].concat()))
}

fn documents() -> Result<Vec<Seed>, Error> {
    let key = MetadataKey::from_bytes([7; 16]);
    let members = [recipient(&ALICE), recipient(&BOB)];
    let root = seal_root(&contents(&key), &key, &members, Version::V2_0)?;
    let subfolder = seal_subfolder(&contents(&key), &key, Version::V2_1)?;
    let signature = signature::sign(&root.signed_content(), &ALICE, NOW)?;
    let file = metadata_v1::File { entry: entry(), key_index: 0 };
    let contents =
        metadata_v1::Contents { files: [("a1".repeat(16), file)].into(), ..metadata_v1::Contents::default() };
    let keys = metadata_v1::Keys::one(key);
    let v1 = |target| metadata_v1::seal(&contents, &keys, ALICE.certificate().public_key(), target);
    let drop = filedrop::seal(&entry(), &members)?;
    Ok(vec![
        seed("metadata_v2", "root", root.to_json()),
        seed("metadata_v2", "subfolder", subfolder.to_json()),
        seed("canonical_json", "root", root.to_json()),
        seed("signature", "root", signature),
        seed("metadata_v1", "1.0", v1(metadata_v1::Target::V1_0)?.to_json()),
        seed("metadata_v1", "1.2", v1(metadata_v1::Target::V1_2 { mnemonic: MNEMONIC })?.to_json()),
        seed("filedrop", "entry", drop.value().to_string()),
    ])
}

fn keys() -> Result<Vec<Seed>, Error> {
    let key = ALICE.private_key();
    Ok(vec![
        seed("private_key_blob", "blob", private_key_blob::seal(key, &Mnemonic::parse(MNEMONIC)?)?),
        seed("certificate", "der", ALICE.certificate().der()),
        seed("certificate", "pem", ALICE.certificate().to_pem()),
        seed("certificate", "request", certificate_request(key, "alice")?),
        seed("certificate", "public-key", key.public_key().to_pem()),
        seed("certificate", "private-key", key.to_pem().as_bytes()),
    ])
}

/// Zeros are a plan for something small.
fn plans() -> Vec<Seed> {
    const TARGETS: [&str; 7] = [
        "canonical_json",
        "file_cipher",
        "filedrop",
        "metadata_v1_contents",
        "metadata_v2_contents",
        "private_key_blob",
        "signature",
    ];
    TARGETS.map(|target| seed(target, "plan", [0; 64])).into()
}

fn seed(target: &'static str, name: &'static str, bytes: impl AsRef<[u8]>) -> Seed {
    Seed { target, name, bytes: bytes.as_ref().to_vec() }
}

const MNEMONIC: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

fn contents(key: &MetadataKey) -> Contents {
    Contents {
        key_checksums: vec![key.checksum()],
        counter: 1,
        folders: [("f0".repeat(16), "plans".to_owned())].into(),
        files: [("a1".repeat(16), entry())].into(),
        ..Contents::default()
    }
}

fn entry() -> FileEntry {
    FileEntry {
        filename: "report.txt".to_owned(),
        mimetype: "text/plain".to_owned(),
        nonce: vec![7; 12],
        authentication_tag: vec![9; 16],
        key: FileKey::from_bytes([3; 16]),
    }
}
