//! Vectors about the outer document: who opens it, with which key, and what is put up with.

use serde_json::{Value, json};

use super::{CryptoError, Error, Expect, Inputs, Root, Set, World, about, metadata, recipient};
use crate::make::folder::flip_base64;
use crate::make::text::to_base64;
use crate::set::{Full, Noted};
use e2ee_reference::backend::backend;
use e2ee_reference::metadata::{MetadataKey, Version};
use e2ee_reference::random;
use e2ee_rustcrypto::deviant::{self, Wrapping};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, flags, edit) in VALID {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let root = Root::new();
            let text = edit(root.document(world, Version::V2_0)?);
            Ok((Inputs::root(text, &world.alice), Expect::Valid(root.output())))
        })?;
    }
    for (name, comment, flags, edit) in TAGS {
        set.add(about(*name, *comment, &["R2-MD-02", "R2-SEC-04"], flags), |world| {
            let root = Root::new();
            let mut document = root.document(world, Version::V2_0)?;
            edit(&mut document["metadata"]);
            let expect = Expect::Acceptable(root.output(), "metadata-tag-matches");
            Ok((Inputs::root(document.to_string(), &world.alice), expect))
        })?;
    }
    members(set)?;
    keys(set)
}

/// Who can open a document.
fn members(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements) in [
        ("second-member", "opened by the member who stands second", &["R2-VER-02", "R2-SHR-10"][..]),
        ("only-member", "a new folder: its owner is the only member", &["R2-MD-07", "R2-MD-16"]),
    ] {
        set.add(about(name, comment, requirements, &[]), |world| {
            let root = Root::new();
            let alone = name == "only-member";
            let user = if alone { &world.alice } else { &world.bob };
            let all = [&world.alice, &world.bob].map(recipient);
            let members = if alone { &all[..1] } else { &all[..] };
            let document = metadata::seal_root(&root.contents, &root.key, members, Version::V2_0)?;
            Ok((Inputs::root(document.to_json(), user), Expect::Valid(root.output())))
        })?;
    }
    let comment = "opened by somebody who was removed: the document has no entry for him";
    let requirements = ["R2-SEC-02", "R2-SEC-03", "R2-SHR-14", "R2-SHR-15", "R2-VER-02"];
    set.add(about("removed-member", comment, &requirements, &["NotAMember"]), |world| {
        let document = Root::new().document(world, Version::V2_0)?;
        Ok((Inputs::root(document.to_string(), &world.carol), Expect::Invalid("own-entry-present")))
    })?;
    let comment = "an entry in the user's name whose key is wrapped for somebody else";
    set.add(
        about("entry-for-another-key", comment, &["R2-SEC-03", "R2-VER-02"], &["NotAMember"]),
        |world| {
            let mut document = Root::new().document(world, Version::V2_0)?;
            document["users"][0]["encryptedMetadataKey"] =
                document["users"][1]["encryptedMetadataKey"].clone();
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid("wrapped-key-opens")))
        },
    )?;
    let comment = "the user id in another case";
    set.add(about("user-id-in-other-case", comment, &["R2-VER-02"], &["NotAMember"]), |world| {
        let mut document = Root::new().document(world, Version::V2_0)?;
        document["users"][0]["userId"] = json!("Alice");
        Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid("own-entry-present")))
    })
}

/// What is wrapped for a member, and under which key the contents are really sealed.
fn keys(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, flag, rule, wrap, under) in KEYS {
        set.add(about(*name, *comment, &["R2-MD-05", "R2-MD-04"], &[flag]), |world| {
            let root = Root::under(MetadataKey::from_bytes(KEY));
            let mut document = root.document_under(world, under, &random::array::<12>())?;
            document["users"][0]["encryptedMetadataKey"] = to_base64(wrap.of(world)?).into();
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid(rule)))
        })?;
    }
    Ok(())
}

/// Something wrapped for alice.
#[derive(Clone, Copy)]
enum Wrapped {
    /// As it should be, but whatever it is.
    Text(&'static [u8]),
    /// The key, in another way.
    Key(Wrapping),
}

impl Wrapped {
    fn of(self, world: &World) -> Result<Vec<u8>, CryptoError> {
        let to = world.alice.certificate().public_key();
        match self {
            Self::Text(text) => backend().oaep_wrap(to, text),
            Self::Key(wrapping) => deviant::wrap(wrapping, to, &KEY),
        }
    }
}

const KEY: [u8; 16] = *b"YELLOW SUBMARINE";
/// The base64 of [`KEY`], and the base64 of that.
const TEXT: &[u8] = b"WUVMTE9XIFNVQk1BUklORQ==";
const TEXT_TWICE: &[u8] = b"V1VWTVRFOVhJRk5WUWsxQlVrbE9SUT09";

/// Name, comment, flag, rule, what is wrapped, the key under which the contents are sealed.
type Key = (&'static str, &'static str, &'static str, &'static str, Wrapped, &'static [u8]);

const KEYS: &[Key] = &[
    (
        "key-as-base64",
        "the base64 text of a key wrapped, and its 24 characters used with AES-192, as a build of July 2023 did",
        "KeyAsText",
        "key-length",
        Wrapped::Text(TEXT),
        TEXT,
    ),
    (
        "key-as-base64-decoded",
        "the base64 text of the metadata key wrapped, and the decoded key used",
        "KeyAsText",
        "key-length",
        Wrapped::Text(TEXT),
        &KEY,
    ),
    (
        "key-as-base64-twice",
        "the metadata key wrapped as 1.x has it",
        "KeyAsText",
        "key-length",
        Wrapped::Text(TEXT_TWICE),
        &KEY,
    ),
    (
        "key-24-bytes",
        "a metadata key of 24 bytes, used with AES-192",
        "KeyLength",
        "key-length",
        Wrapped::Text(&[7; 24]),
        &[7; 24],
    ),
    (
        "key-32-bytes",
        "a metadata key of 32 bytes, used with AES-256",
        "KeyLength",
        "key-length",
        Wrapped::Text(&[7; 32]),
        &[7; 32],
    ),
    (
        "key-mgf1-sha1",
        "the metadata key wrapped with MGF1 by SHA-1",
        "OtherWrapping",
        "wrapped-key-opens",
        Wrapped::Key(Wrapping::Mgf1Sha1),
        &KEY,
    ),
    (
        "key-pkcs1-v15",
        "the metadata key wrapped by PKCS#1 v1.5",
        "OtherWrapping",
        "wrapped-key-opens",
        Wrapped::Key(Wrapping::Pkcs1v15),
        &KEY,
    ),
];

type Text = fn(Value) -> String;

const VALID: &[Full<Text>] = &[
    ("indented", "indented text", &["R2-MD-01"], &[], |document| format!("{document:#}\n")),
    (
        "as-php-rewrites",
        "as the server writes it back after a file drop: slashes escaped, an empty filedrop as an array",
        &["R2-MD-01"],
        &["PhpRewriting"],
        |mut document| {
            document["filedrop"] = json!([]);
            document.to_string().replace('/', "\\/")
        },
    ),
    (
        "unknown-member",
        "a member that nobody knows",
        &["R2-MD-01", "R2-GOAL-10"],
        &["UnknownMember"],
        |mut document| {
            document["extension"] = json!({ "purpose": "unknown" });
            document.to_string()
        },
    ),
    (
        "unknown-member-of-user",
        "a member that nobody knows in an entry of users",
        &["R2-MD-06"],
        &["UnknownMember"],
        |mut document| {
            document["users"][0]["displayName"] = json!("Alice");
            document.to_string()
        },
    ),
    ("filedrop-null", "a filedrop that is null", &["R2-MD-01"], &[], |mut document| {
        document["filedrop"] = Value::Null;
        document.to_string()
    }),
    (
        "filedrop-not-an-entry",
        "an entry in the filedrop that is none does not spoil the folder",
        &["R2-MD-14"],
        &["FiledropByStranger"],
        |mut document| {
            document["filedrop"] = json!({ "00112233445566778899aabbccddeeff": "nonsense" });
            document.to_string()
        },
    ),
    (
        "nonce-suffix-garbage",
        "what follows the bar in the ciphertext is ignored, even if it is not base64",
        &["R2-MD-02"],
        &["NonceSuffix"],
        |mut document| {
            let ciphertext = document["metadata"]["ciphertext"].as_str().unwrap_or_default();
            document["metadata"]["ciphertext"] = format!("{ciphertext}|*|*").into();
            document.to_string()
        },
    ),
    ("members-by-escape", "names of members with escapes in them", &["R2-MD-01"], &[], |document| {
        document.to_string().replace("\"metadata\"", "\"met\\u0061data\"")
    }),
];

const TAGS: &[Noted<fn(&mut Value)>] = &[
    (
        "tag-differs",
        "the member authenticationTag is another than the tag in the ciphertext",
        &["MetadataTagDiffers"],
        |metadata| {
            flip_base64(&mut metadata["authenticationTag"], 0);
        },
    ),
    ("tag-missing", "the member authenticationTag is missing", &["MetadataTagMissing"], |metadata| {
        remove(metadata, "authenticationTag");
    }),
    ("tag-is-nonce", "the member authenticationTag repeats the nonce", &["MetadataTagIsNonce"], |metadata| {
        metadata["authenticationTag"] = metadata["nonce"].clone();
    }),
];

pub(super) fn remove(object: &mut Value, name: &str) {
    if let Value::Object(members) = object {
        members.remove(name);
    }
}
