//! Outer documents that are not what they should be.

use e2ee_reference::metadata::{MetadataKey, Version};
use e2ee_reference::random;
use serde_json::{Value, json};

use super::outside::remove;
use super::{Error, Expect, Inputs, Root, Set, about};
use crate::make::folder::{flip_base64, stray_base64};
use crate::make::text::{from_base64, to_base64};
use crate::set::Ruled;

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, flags, rule, edit) in INVALID {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let mut document = Root::new().document(world, Version::V2_0)?;
            edit(&mut document);
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, rule, edit) in WITHOUT_KEY {
        set.add(about(*name, *comment, USERS, &["EmptyKeys"]), |world| {
            let root = Root::under(MetadataKey::from_bytes([0; 16]));
            let mut document = root.document(world, Version::V2_0)?;
            edit(&mut document["users"][0]);
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, length) in NONCES {
        set.add(about(*name, *comment, SEALED, &["NonceLength"]), |world| {
            let (root, nonce) = (Root::new(), &random::array::<18>()[..*length]);
            let document = root.document_under(world, root.key.as_bytes(), nonce)?;
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid("nonce-length")))
        })?;
    }
    let comment = "the nonce in hex, which is base64 of 18 bytes";
    set.add(about("nonce-in-hex", comment, SEALED, &["NonceLength"]), |world| {
        let (root, nonce) = (Root::new(), random::array::<12>());
        let mut document = root.document_under(world, root.key.as_bytes(), &nonce)?;
        document["metadata"]["nonce"] = hex::encode(nonce).into();
        Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid("nonce-length")))
    })?;
    for (name, comment, rule, edit) in TEXTS {
        set.add(about(*name, *comment, &["R2-MD-01"], &["NotJson"]), |world| {
            let text = edit(Root::new().document(world, Version::V2_0)?.to_string());
            Ok((Inputs::root(text, &world.alice), Expect::Invalid(rule)))
        })?;
    }
    Ok(())
}

const SEALED: &[&str] = &["R2-MD-02", "R2-SEC-04"];
const SHAPE: &[&str] = &["R2-MD-01"];
const USERS: &[&str] = &["R2-MD-06"];
const MEMBER: &str = "member-well-formed";
const BASE64: &str = "base64-well-formed";
const TAG: &str = "authentication-tag-fits";

/// Name, comment, requirements, flags, the rule that refuses, and what is done to the document.
type Broken = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
    fn(&mut Value),
);

const INVALID: &[Broken] = &[
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
    (
        "ciphertext-not-base64",
        "a character inside the ciphertext that base64 does not have",
        SEALED,
        &["OtherBase64"],
        BASE64,
        |document| {
            stray_base64(&mut document["metadata"]["ciphertext"]);
        },
    ),
    (
        "nonce-not-base64",
        "a character inside the nonce that base64 does not have",
        SEALED,
        &["OtherBase64"],
        BASE64,
        |document| stray_base64(&mut document["metadata"]["nonce"]),
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
    (
        "key-not-base64",
        "a character inside the own wrapped key that base64 does not have",
        USERS,
        &["OtherBase64"],
        BASE64,
        |document| stray_base64(&mut document["users"][0]["encryptedMetadataKey"]),
    ),
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
    ("filedrop-is-false", "filedrop is the word false", SHAPE, &["WrongType"], MEMBER, |document| {
        document["filedrop"] = json!(false)
    }),
    (
        "filedrop-is-array",
        "filedrop is an array that is not empty",
        SHAPE,
        &["WrongType"],
        MEMBER,
        |document| document["filedrop"] = json!([{}]),
    ),
];

/// What is done to the own entry of a document whose metadata key is 16 zeros: a client that goes on with an
/// empty key opens it.
const WITHOUT_KEY: &[Ruled<fn(&mut Value)>] = &[
    (
        "user-without-key",
        "the own entry has no encryptedMetadataKey, and the key is 16 zeros",
        MEMBER,
        |user| {
            remove(user, "encryptedMetadataKey");
        },
    ),
    (
        "key-empty",
        "the own entry has an empty encryptedMetadataKey, and the key is 16 zeros",
        "wrapped-key-opens",
        |user| user["encryptedMetadataKey"] = json!(""),
    ),
];

/// Name, comment, length of the nonce under which the contents are really sealed.
const NONCES: &[(&str, &str, usize)] = &[
    ("nonce-empty", "sealed under an empty nonce", 0),
    ("nonce-8-bytes", "sealed under a nonce of 8 bytes", 8),
    ("nonce-11-bytes", "sealed under a nonce of 11 bytes", 11),
    ("nonce-13-bytes", "sealed under a nonce of 13 bytes", 13),
    ("nonce-18-bytes", "sealed under a nonce of 18 bytes", 18),
];

type Edit = fn(String) -> String;

const TEXTS: &[Ruled<Edit>] = &[
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

fn decoded(text: &Value) -> Vec<u8> {
    text.as_str().and_then(from_base64).unwrap_or_default()
}
