//! Vectors of 1.0: which of several metadata keys counts.

use std::collections::BTreeMap;

use e2ee_reference::dialect::Separator;
use e2ee_reference::metadata::MetadataKey;
use e2ee_reference::metadata_v1::{File, Keys, Target, seal_text};
use e2ee_reference::random;
use e2ee_rustcrypto::deviant::{self, Wrapping};
use serde_json::{Value, json};

use super::{
    CryptoError, Error, Expect, Folder, Inputs, Set, World, about, dialects, file, folder_for, remove,
};
use crate::make::text::to_base64;
use crate::set::{Noted, Refused};
use e2ee_reference::backend::backend;

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    let shape = [
        "R1-MD-01",
        "R1-MD-02",
        "R1-MD-03",
        "R1-MD-05",
        "R1-MD-11",
        "R1-VERS-01",
        "R1-FILE-03",
        "R1-FILE-01",
    ];
    dialects(set, Target::V1_0, &shape)?;
    several(set)?;
    for (name, comment, requirements, edit) in VALID {
        set.add(about(*name, *comment, requirements, &["Dialect"]), |world| {
            let folder = Folder::new();
            let mut document = folder.document(world, Target::V1_0)?;
            edit(&mut document);
            Ok((Inputs::new(&document, world), Expect::Valid(folder.output())))
        })?;
    }
    for (name, comment, flags, rule, edit) in INVALID {
        set.add(about(*name, *comment, &["R1-MD-01", "R1-MD-07", "R1-VERS-01"], flags), |world| {
            let mut document = folder_for(flags).document(world, Target::V1_0)?;
            edit(&mut document);
            Ok((Inputs::new(&document, world), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, flags, rule, wrap) in WRAPPED {
        set.add(about(*name, *comment, &["R1-MD-02", "R1-SEC-04", "R1-SEC-03"], flags), |world| {
            let folder = match *name {
                "key-15-bytes" => Folder::under(MetadataKey::from_bytes(*b"YELLOW SUBMARIN\0")),
                _ => folder_for(flags),
            };
            let mut document = folder.document(world, Target::V1_0)?;
            let wrapped = to_base64(wrap(world, folder.keys.newest().1.as_bytes())?);
            document["metadata"]["metadataKeys"]["0"] = wrapped.into();
            Ok((Inputs::new(&document, world), Expect::Invalid(rule)))
        })?;
    }
    Ok(())
}

/// Folders with keys of several ages.
fn several(set: &mut Set<'_>) -> Result<(), Error> {
    let rows = [
        (
            "keys-0-9-10",
            "keys 0, 9 and 10: 10 is the newest, though 9 is the last in the order of text",
            [0, 9, 10],
        ),
        ("keys-0-1-2", "a file under each of three keys", [0, 1, 2]),
        ("keys-with-gap", "keys whose numbers have gaps and do not begin with 0", [3, 40, 500]),
    ];
    let requirements = ["R1-MD-07", "R1-MD-08", "R1-MD-09", "R1-READ-01", "R1-SHR-03", "R1-FILE-04"];
    for (name, comment, indices) in rows {
        set.add(about(name, comment, &requirements, &["SeveralKeys"]), |world| {
            let keys: BTreeMap<_, _> = indices.map(|index| (index, MetadataKey::generate())).into();
            let keys = Keys::several(keys)?;
            let files = indices.map(|key_index| {
                (random::file_id(), File { entry: file(&format!("under-key-{key_index}.txt")), key_index })
            });
            let mut folder = Folder::new();
            folder.contents.files = files.into();
            folder.keys = keys;
            let document = folder.document(world, Target::V1_0)?;
            Ok((Inputs::new(&document, world), Expect::Valid(folder.output())))
        })?;
    }
    let comment = "the former recipients, sealed under the newest key";
    set.add(about("sharing", comment, &["R1-MD-04", "R1-SHR-02"], &[]), |world| {
        let mut folder = Folder::new();
        folder.contents.sharing = Some(json!({ "recipient": { "bob@cloud.example.com": "public key" } }));
        let document = folder.document(world, Target::V1_0)?;
        Ok((Inputs::new(&document, world), Expect::Valid(folder.output())))
    })?;
    let comment = "the former recipients and several metadata keys: the numerically highest seals them";
    let requirements = ["R1-MD-04", "R1-SHR-02", "R1-SHR-03", "R1-MD-08"];
    set.add(about("sharing-several-keys", comment, &requirements, &["SeveralKeys"]), |world| {
        let folder = shared_under_several_keys()?;
        let document = folder.document(world, Target::V1_0)?;
        Ok((Inputs::new(&document, world), Expect::Valid(folder.output())))
    })?;
    let comment = "the former recipients are sealed under a key that was replaced when one of them left";
    set.add(about("sharing-under-older-key", comment, &requirements, &["SeveralKeys"]), |world| {
        let folder = shared_under_several_keys()?;
        let mut document = folder.document(world, Target::V1_0)?;
        let older = folder.keys.get(9).unwrap_or(folder.keys.newest().1);
        let text = folder.contents.sharing.clone().unwrap_or_default().to_string();
        let sealed = seal_text(older.as_bytes(), &random::array::<16>(), &text, Separator::Bar)?;
        document["metadata"]["sharing"] = sealed.into();
        Ok((Inputs::new(&document, world), Expect::Invalid("authentication-tag-fits")))
    })?;
    let comment = "the entry names the wrong one of two keys";
    set.add(about("index-of-other-key", comment, &["R1-MD-07"], &["SeveralKeys"]), |world| {
        let mut folder = Folder::new();
        let keys = [(0, MetadataKey::generate()), (1, MetadataKey::generate())];
        folder.keys = Keys::several(keys.into())?;
        folder.contents.files =
            [(random::file_id(), File { entry: file("report.txt"), key_index: 0 })].into();
        let mut document = folder.document(world, Target::V1_0)?;
        each_file(&mut document, |file| file["metadataKey"] = json!(1));
        Ok((Inputs::new(&document, world), Expect::Invalid("authentication-tag-fits")))
    })
}

/// Recipients beside files under the keys 2, 9 and 10.
fn shared_under_several_keys() -> Result<Folder, CryptoError> {
    let mut folder = Folder::new();
    let indices = [2, 9, 10];
    folder.keys = Keys::several(indices.map(|index| (index, MetadataKey::generate())).into())?;
    let files = indices.map(|key_index| (random::file_id(), File { entry: file("report.txt"), key_index }));
    folder.contents.files = files.into();
    let recipients =
        json!({ "bob@cloud.example.com": "public key", "carol@cloud.example.com": "public key" });
    folder.contents.sharing = Some(json!({ "recipient": recipients }));
    Ok(folder)
}

const VALID: &[Noted<fn(&mut Value)>] = &[
    ("version-1.0", "the number 1.0, as Java writes it", &["R1-VERS-01"], |document| {
        document["metadata"]["version"] = json!(1.0)
    }),
    ("version-is-string", "the version as a string", &["R1-VERS-01"], |document| {
        document["metadata"]["version"] = json!("1")
    }),
    ("index-with-fraction", "the index 0.0, as Java writes it", &["R1-MD-07"], |document| {
        each_file(document, |file| file["metadataKey"] = json!(0.0));
    }),
    ("index-missing", "no index at the files", &["R1-MD-07"], |document| {
        each_file(document, |file| remove(file, "metadataKey"))
    }),
    ("unknown-member", "members that nobody knows", &["R1-MD-01"], |document| {
        document["extension"] = json!(1);
        document["metadata"]["extension"] = json!(1);
    }),
];

const MEMBER: &str = "member-well-formed";

const INVALID: &[Refused<fn(&mut Value)>] = &[
    (
        "keys-empty",
        "no metadata keys: a client must not go on with an empty key",
        &["EmptyKeys"],
        MEMBER,
        |document| {
            document["metadata"]["metadataKeys"] = json!({});
        },
    ),
    ("keys-missing", "no member metadataKeys", &["EmptyKeys"], MEMBER, |document| {
        remove(&mut document["metadata"], "metadataKeys")
    }),
    (
        "keys-empty-of-php",
        "an empty array in place of metadata keys",
        &["EmptyKeys", "PhpRewriting"],
        MEMBER,
        |document| {
            document["metadata"]["metadataKeys"] = json!([]);
        },
    ),
    ("keys-null", "metadata keys that are null", &["EmptyKeys"], MEMBER, |document| {
        document["metadata"]["metadataKeys"] = Value::Null
    }),
    (
        "key-empty",
        "an empty string in place of a wrapped key",
        &["EmptyKeys"],
        "wrapped-key-opens",
        |document| {
            document["metadata"]["metadataKeys"]["0"] = json!("");
        },
    ),
    ("keys-is-array", "the metadata keys as an array", &["WrongType"], MEMBER, |document| {
        let key = document["metadata"]["metadataKeys"]["0"].clone();
        document["metadata"]["metadataKeys"] = json!([key]);
    }),
    ("key-name-not-a-number", "a key whose name is not a number", &["WrongType"], MEMBER, |document| {
        let key = document["metadata"]["metadataKeys"]["0"].clone();
        document["metadata"]["metadataKeys"]["newest"] = key;
    }),
    ("key-name-with-zero", "a key with a second name for its number", &["WrongType"], MEMBER, |document| {
        let key = document["metadata"]["metadataKeys"]["0"].clone();
        document["metadata"]["metadataKeys"]["00"] = key;
    }),
    ("index-beyond", "files that name a key that is not there", &["SeveralKeys"], MEMBER, |document| {
        each_file(document, |file| file["metadataKey"] = json!(1));
    }),
    ("index-negative", "files that name the key -1", &["SeveralKeys"], MEMBER, |document| {
        each_file(document, |file| file["metadataKey"] = json!(-1));
    }),
    ("version-missing", "no version", &["UnknownVersion"], "version-known", |document| {
        remove(&mut document["metadata"], "version")
    }),
    ("version-0.9", "a version before the first", &["UnknownVersion"], "version-known", |document| {
        document["metadata"]["version"] = json!(0.9)
    }),
    ("version-1.3", "a version that never was", &["UnknownVersion"], "version-known", |document| {
        document["metadata"]["version"] = json!(1.3)
    }),
    ("version-1.7", "a stage of development", &["UnknownVersion"], "version-known", |document| {
        document["metadata"]["version"] = json!(1.7)
    }),
    (
        "version-2.0-inside",
        "the version of another format in the place of this one",
        &["UnknownVersion"],
        "version-known",
        |document| {
            document["metadata"]["version"] = json!("2.0");
        },
    ),
    (
        "version-2.0-outside",
        "the version of another format outside beside the own one inside",
        &["UnknownVersion"],
        "version-known",
        |document| {
            document["version"] = json!("2.0");
        },
    ),
    (
        "version-outside-only",
        "the own version outside, where 2.x has its own",
        &["UnknownVersion"],
        "version-known",
        |document| {
            remove(&mut document["metadata"], "version");
            document["version"] = json!("1.0");
        },
    ),
    ("metadata-missing", "no member metadata", &["MissingMember"], "version-known", |document| {
        remove(document, "metadata")
    }),
    (
        "sharing-bit",
        "something that nobody sealed in place of the former recipients",
        &["BitFlip"],
        "authentication-tag-fits",
        |document| {
            document["metadata"]["sharing"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAA=|AAAAAAAAAAAAAAAAAAAAAA==");
        },
    ),
];

type Wrap = fn(&World, &[u8]) -> Result<Vec<u8>, CryptoError>;

const WRAPPED: &[Refused<Wrap>] = &[
    (
        "key-for-another-user",
        "a key that is wrapped for somebody else",
        &["NotAMember"],
        "wrapped-key-opens",
        |world, key| {
            backend().oaep_wrap(world.bob.certificate().public_key(), to_base64(to_base64(key)).as_bytes())
        },
    ),
    ("key-raw", "the raw key wrapped, as 2.x has it", &["KeyAsText"], "base64-well-formed", |world, key| {
        backend().oaep_wrap(world.alice.certificate().public_key(), key)
    }),
    ("key-base64-once", "one base64 level too few", &["KeyAsText"], "base64-well-formed", |world, key| {
        backend().oaep_wrap(world.alice.certificate().public_key(), to_base64(key).as_bytes())
    }),
    (
        "key-15-bytes",
        "a key of 15 bytes, and files sealed under these and a zero",
        &["KeyLength"],
        "key-length",
        |world, key| {
            let text = to_base64(to_base64(&key[..15]));
            backend().oaep_wrap(world.alice.certificate().public_key(), text.as_bytes())
        },
    ),
    (
        "key-of-no-bytes",
        "a key of no bytes, wrapped, and files sealed under 16 zeros",
        &["EmptyKeys"],
        "key-length",
        |world, _| backend().oaep_wrap(world.alice.certificate().public_key(), b""),
    ),
    (
        "key-mgf1-sha1",
        "a key wrapped with MGF1 by SHA-1",
        &["OtherWrapping"],
        "wrapped-key-opens",
        |world, key| {
            let text = to_base64(to_base64(key));
            deviant::wrap(Wrapping::Mgf1Sha1, world.alice.certificate().public_key(), text.as_bytes())
        },
    ),
];

/// Changes all files.
pub(super) fn each_file(document: &mut Value, change: impl Fn(&mut Value)) {
    document["files"].as_object_mut().into_iter().flat_map(|files| files.values_mut()).for_each(change);
}
