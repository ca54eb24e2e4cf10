//! Vectors about the outer document.

use serde_json::{Value, json};

use super::{CryptoError, Error, Expect, Inputs, Root, Set, World, about, metadata, recipient};
use crate::make::folder::flip_base64;
use crate::make::text::{from_base64, to_base64};
use e2ee_reference::metadata::{MetadataKey, Version};
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
    for (name, comment, requirements, flags, rule, edit) in INVALID {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let mut document = Root::new().document(world, Version::V2_0)?;
            edit(&mut document);
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, rule, edit) in TEXTS {
        set.add(about(*name, *comment, &["R2-MD-01"], &["NotJson"]), |world| {
            let text = edit(Root::new().document(world, Version::V2_0)?.to_string());
            Ok((Inputs::root(text, &world.alice), Expect::Invalid(rule)))
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

/// What is wrapped for a member.
fn keys(set: &mut Set<'_>) -> Result<(), Error> {
    type Wrap = fn(&World, &MetadataKey) -> Result<Vec<u8>, CryptoError>;
    let rows: [(&str, &str, &str, &str, Wrap); 4] = [
        (
            "key-as-base64",
            "the metadata key wrapped as base64 text",
            "KeyAsText",
            "key-length",
            |world, key| wrap(world, to_base64(key.as_bytes()).as_bytes()),
        ),
        (
            "key-as-base64-twice",
            "the metadata key wrapped as 1.x has it",
            "KeyAsText",
            "key-length",
            |world, key| wrap(world, to_base64(to_base64(key.as_bytes())).as_bytes()),
        ),
        (
            "key-mgf1-sha1",
            "the metadata key wrapped with MGF1 by SHA-1",
            "OtherWrapping",
            "wrapped-key-opens",
            |world, key| {
                deviant::wrap(Wrapping::Mgf1Sha1, world.alice.certificate().public_key(), key.as_bytes())
            },
        ),
        (
            "key-pkcs1-v15",
            "the metadata key wrapped by PKCS#1 v1.5",
            "OtherWrapping",
            "wrapped-key-opens",
            |world, key| {
                deviant::wrap(Wrapping::Pkcs1v15, world.alice.certificate().public_key(), key.as_bytes())
            },
        ),
    ];
    for (name, comment, flag, rule, make) in rows {
        set.add(about(name, comment, &["R2-MD-05", "R2-MD-04"], &[flag]), |world| {
            let root = Root::new();
            let mut document = root.document(world, Version::V2_0)?;
            document["users"][0]["encryptedMetadataKey"] = to_base64(make(world, &root.key)?).into();
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid(rule)))
        })?;
    }
    Ok(())
}

fn wrap(world: &World, key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    e2ee_reference::backend::backend().oaep_wrap(world.alice.certificate().public_key(), key)
}

type Valid =
    (&'static str, &'static str, &'static [&'static str], &'static [&'static str], fn(Value) -> String);

const VALID: &[Valid] = &[
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

const TAGS: &[(&str, &str, &[&str], fn(&mut Value))] = &[
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

type Invalid = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
    fn(&mut Value),
);

const SEALED: &[&str] = &["R2-MD-02", "R2-SEC-04"];
const SHAPE: &[&str] = &["R2-MD-01"];
const USERS: &[&str] = &["R2-MD-06"];
const VERSION: &[&str] = &["R2-MD-08", "R2-GOAL-10"];
const MEMBER: &str = "member-well-formed";
const BASE64: &str = "base64-well-formed";
const TAG: &str = "authentication-tag-fits";

const INVALID: &[Invalid] = &[
    ("ciphertext-bit", "one bit of the ciphertext is another", SEALED, &["BitFlip"], TAG, |document| {
        flip_base64(&mut document["metadata"]["ciphertext"], 0);
    }),
    (
        "ciphertext-tag-bit",
        "one bit of the tag in the ciphertext is another",
        SEALED,
        &["BitFlip"],
        TAG,
        |document| {
            flip_base64(&mut document["metadata"]["ciphertext"], -1);
        },
    ),
    ("nonce-bit", "one bit of the nonce is another", SEALED, &["BitFlip"], TAG, |document| {
        flip_base64(&mut document["metadata"]["nonce"], 0);
    }),
    (
        "tag-only-beside",
        "the tag stands in authenticationTag alone, as in the prototype of 2019",
        SEALED,
        &["OtherLayout"],
        TAG,
        |document| {
            let sealed = decoded(&document["metadata"]["ciphertext"]);
            document["metadata"]["ciphertext"] = to_base64(&sealed[..sealed.len() - 16]).into();
        },
    ),
    ("ciphertext-empty", "an empty ciphertext", SEALED, &["Truncation"], TAG, |document| {
        document["metadata"]["ciphertext"] = json!("");
    }),
    (
        "nonce-suffix-as-nonce",
        "the nonce stands behind the ciphertext only",
        SEALED,
        &["NonceSuffix"],
        MEMBER,
        |document| {
            let metadata = &mut document["metadata"];
            let joined = [&metadata["ciphertext"], &metadata["nonce"]]
                .map(|text| text.as_str().unwrap_or_default())
                .join("|");
            metadata["ciphertext"] = joined.into();
            remove(metadata, "nonce");
        },
    ),
    ("nonce-11-bytes", "a nonce of 11 bytes", SEALED, &["NonceLength"], "nonce-length", |document| {
        document["metadata"]["nonce"] = to_base64([1; 11]).into();
    }),
    ("nonce-empty", "an empty nonce", SEALED, &["NonceLength"], "nonce-length", |document| {
        document["metadata"]["nonce"] = json!("")
    }),
    (
        "nonce-in-hex",
        "a nonce in hex, which is base64 of 18 bytes",
        SEALED,
        &["NonceLength"],
        "nonce-length",
        |document| {
            document["metadata"]["nonce"] = json!("00112233445566778899aabb");
        },
    ),
    (
        "ciphertext-not-base64",
        "a character that base64 does not have",
        SEALED,
        &["OtherBase64"],
        BASE64,
        |document| {
            document["metadata"]["ciphertext"] = json!("*AAA");
        },
    ),
    ("ciphertext-missing", "no ciphertext", SEALED, &["MissingMember"], MEMBER, |document| {
        remove(&mut document["metadata"], "ciphertext")
    }),
    ("metadata-missing", "no member metadata", SHAPE, &["MissingMember"], MEMBER, |document| {
        remove(document, "metadata")
    }),
    ("metadata-is-string", "the member metadata is a string", SHAPE, &["WrongType"], MEMBER, |document| {
        document["metadata"] = json!("x")
    }),
    ("ciphertext-is-number", "the ciphertext is a number", SHAPE, &["WrongType"], MEMBER, |document| {
        document["metadata"]["ciphertext"] = json!(1)
    }),
    ("users-is-object", "users is an object", USERS, &["WrongType"], MEMBER, |document| {
        document["users"] = json!({ "alice": {} })
    }),
    ("user-is-string", "an entry of users is a string", USERS, &["WrongType"], MEMBER, |document| {
        document["users"][1] = json!("bob")
    }),
    ("user-without-id", "an entry of users without userId", USERS, &["MissingMember"], MEMBER, |document| {
        remove(&mut document["users"][1], "userId")
    }),
    ("user-id-empty", "an entry of users with an empty userId", USERS, &["WrongType"], MEMBER, |document| {
        document["users"][1]["userId"] = json!("")
    }),
    ("user-id-is-number", "a userId that is a number", USERS, &["WrongType"], MEMBER, |document| {
        document["users"][1]["userId"] = json!(7)
    }),
    (
        "user-without-certificate",
        "an entry of users without certificate",
        USERS,
        &["MissingMember"],
        MEMBER,
        |document| remove(&mut document["users"][1], "certificate"),
    ),
    (
        "user-without-key",
        "the own entry has no encryptedMetadataKey",
        USERS,
        &["MissingMember"],
        MEMBER,
        |document| {
            remove(&mut document["users"][0], "encryptedMetadataKey");
        },
    ),
    (
        "key-empty",
        "the own entry has an empty encryptedMetadataKey",
        USERS,
        &["MissingMember"],
        "wrapped-key-opens",
        |document| {
            document["users"][0]["encryptedMetadataKey"] = json!("");
        },
    ),
    (
        "key-base64-twice",
        "the own wrapped key with one base64 level too many",
        USERS,
        &["OtherBase64"],
        "wrapped-key-opens",
        |document| {
            let wrapped =
                document["users"][0]["encryptedMetadataKey"].as_str().unwrap_or_default().to_owned();
            document["users"][0]["encryptedMetadataKey"] = to_base64(wrapped).into();
        },
    ),
    ("key-not-base64", "the own wrapped key is not base64", USERS, &["OtherBase64"], BASE64, |document| {
        document["users"][0]["encryptedMetadataKey"] = json!("not base64!");
    }),
    (
        "users-empty",
        "a root folder without members",
        USERS,
        &["NotAMember"],
        "own-entry-present",
        |document| document["users"] = json!([]),
    ),
    (
        "users-missing",
        "a root folder without users",
        USERS,
        &["NotAMember"],
        "own-entry-present",
        |document| remove(document, "users"),
    ),
    ("filedrop-is-string", "filedrop is a string", SHAPE, &["WrongType"], MEMBER, |document| {
        document["filedrop"] = json!("x")
    }),
    (
        "filedrop-is-array",
        "filedrop is an array that is not empty",
        SHAPE,
        &["WrongType"],
        MEMBER,
        |document| document["filedrop"] = json!([{}]),
    ),
    ("version-missing", "no version", VERSION, &["UnknownVersion"], "version-known", |document| {
        remove(document, "version")
    }),
    ("version-is-number", "the number 2.0", VERSION, &["UnknownVersion"], "version-known", |document| {
        document["version"] = json!(2.0)
    }),
    (
        "version-2",
        "version \"2\", as builds of July 2023 wrote it",
        VERSION,
        &["UnknownVersion"],
        "version-known",
        |document| document["version"] = json!("2"),
    ),
    (
        "version-1.7",
        "version \"1.7\", a stage of development",
        VERSION,
        &["UnknownVersion"],
        "version-known",
        |document| document["version"] = json!("1.7"),
    ),
    (
        "version-1.2-outside",
        "the version of another format in the place of this one",
        VERSION,
        &["UnknownVersion"],
        "version-known",
        |document| document["version"] = json!("1.2"),
    ),
    ("version-2.2", "a later version", VERSION, &["UnknownVersion"], "version-known", |document| {
        document["version"] = json!("2.2")
    }),
    ("version-3.0", "a later major version", VERSION, &["UnknownVersion"], "version-known", |document| {
        document["version"] = json!("3.0")
    }),
    (
        "version-with-blank",
        "a blank after the version",
        VERSION,
        &["UnknownVersion"],
        "version-known",
        |document| document["version"] = json!("2.0 "),
    ),
    ("version-empty", "an empty version", VERSION, &["UnknownVersion"], "version-known", |document| {
        document["version"] = json!("")
    }),
    ("version-null", "a version that is null", VERSION, &["UnknownVersion"], "version-known", |document| {
        document["version"] = Value::Null
    }),
    (
        "two-versions",
        "a version of 2.x outside and one of 1.x inside",
        VERSION,
        &["UnknownVersion"],
        "version-known",
        |document| {
            document["metadata"]["version"] = json!(1.2);
        },
    ),
    (
        "prototype-2019",
        "the prototype of 2019: version 1 outside, recipients in place of users",
        VERSION,
        &["UnknownVersion"],
        "version-known",
        |document| {
            document["version"] = json!(1);
            document["recipients"] = document["users"].clone();
            remove(document, "users");
        },
    ),
];

const TEXTS: &[(&str, &str, &str, fn(String) -> String)] = &[
    ("empty-object", "an empty object, which servers store for deleted metadata", "version-known", |_| {
        "{}".to_owned()
    }),
    ("empty-text", "nothing at all", "json-well-formed", |_| String::new()),
    ("html", "an error page in place of a document", "json-well-formed", |_| {
        "<!DOCTYPE html><title>Error</title>".to_owned()
    }),
    ("array", "an array in place of an object", MEMBER, |text| format!("[{text}]")),
    ("string", "the document as a JSON string, encoded twice", MEMBER, |text| Value::from(text).to_string()),
    ("cut-short", "the second half is missing", "json-well-formed", |text| text[..text.len() / 2].to_owned()),
    ("text-after", "something after the document", "json-well-formed", |text| text + "x"),
    (
        "nested-deeply",
        "a member nested 40 deep, which signatures cover as well",
        "json-well-formed",
        |text| {
            let deep = "[".repeat(40) + &"]".repeat(40);
            text.replacen('{', &format!("{{\"deep\":{deep},"), 1)
        },
    ),
    (
        "users-twice",
        "the member users stands twice, and parsers disagree about which one counts",
        "json-well-formed",
        |text| text.replacen('{', "{\"users\":[],", 1),
    ),
    ("version-twice", "the member version stands twice", "json-well-formed", |text| {
        text.replacen('{', "{\"version\":\"2.1\",", 1)
    }),
    (
        "twice-by-escape",
        "a member stands twice, once with an escape in its name",
        "json-well-formed",
        |text| text.replacen('{', "{\"us\\u0065rs\":[],", 1),
    ),
    ("user-id-twice", "the user id stands twice in an entry", "json-well-formed", |text| {
        text.replacen("\"userId\"", "\"userId\":\"bob\",\"userId\"", 1)
    }),
];

pub(super) fn remove(object: &mut Value, name: &str) {
    if let Value::Object(members) = object {
        members.remove(name);
    }
}

fn decoded(text: &Value) -> Vec<u8> {
    text.as_str().and_then(from_base64).unwrap_or_default()
}
