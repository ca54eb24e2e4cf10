//! Vectors about what is sealed in a document.

use serde_json::{Value, json};

use super::outside::remove;
use super::{Error, Expect, Inputs, Root, Set, about, normalised};
use crate::make::folder::{self, gzip};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, flags, edit) in VALID {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let root = Root::new();
            let mut inner = folder::inner(&root.contents);
            edit(&mut inner);
            let document = root.document_around(world, &gzip(inner.to_string().as_bytes()))?;
            let expect = Expect::Valid(normalised(&root.key, &inner));
            Ok((Inputs::root(document.to_string(), &world.alice), expect))
        })?;
    }
    for (name, comment, requirements, flags, rule, edit) in INVALID {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let root = Root::new();
            let mut inner = folder::inner(&root.contents);
            edit(&mut inner);
            let document = root.document_around(world, &gzip(inner.to_string().as_bytes()))?;
            Ok((Inputs::root(document.to_string(), &world.alice), Expect::Invalid(rule)))
        })?;
    }
    Ok(())
}

type Valid = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], fn(&mut Value));

const VALID: &[Valid] = &[
    (
        "first-document",
        "the first document of a folder: counter 0, nothing in it",
        &["R2-MD-15", "R2-MD-16", "R2-MD-10"],
        &[],
        |inner| {
            inner["counter"] = json!(0);
            inner["files"] = json!({});
            inner["folders"] = json!({});
        },
    ),
    (
        "deleted",
        "the folder was deleted: the flag is set and everything is gone",
        &["R2-MOD-23", "R2-MD-09"],
        &[],
        |inner| {
            inner["deleted"] = json!(true);
            inner["files"] = json!({});
            inner["folders"] = json!({});
        },
    ),
    ("deleted-missing", "no member deleted, as desktop writes", &["R2-MD-09"], &["Dialect"], |inner| {
        remove(inner, "deleted")
    }),
    (
        "files-of-php",
        "empty arrays where empty objects should be",
        &["R2-MD-09"],
        &["PhpRewriting"],
        |inner| {
            inner["files"] = json!([]);
            inner["folders"] = json!([]);
        },
    ),
    ("files-missing", "neither files nor folders", &["R2-MD-09"], &[], |inner| {
        remove(inner, "files");
        remove(inner, "folders");
    }),
    (
        "checksums-missing",
        "no member keyChecksums: it opens, and is refused for it as a root folder by trust",
        &["R2-MD-10"],
        &[],
        |inner| {
            remove(inner, "keyChecksums");
        },
    ),
    (
        "checksums-several",
        "a history of several keys",
        &["R2-MD-10", "R2-SHR-11", "R2-SHR-16"],
        &[],
        |inner| {
            let own = inner["keyChecksums"][0].clone();
            inner["keyChecksums"] = json!(["0".repeat(64), own, "f".repeat(64)]);
        },
    ),
    (
        "counter-largest",
        "the largest counter: 2^53 - 1, which JavaScript can still count",
        &["R2-MD-09"],
        &["LargeCounter"],
        |inner| {
            inner["counter"] = json!((1_u64 << 53) - 1);
        },
    ),
    ("counter-beyond-32-bits", "a counter above 2^32", &["R2-MD-09"], &["LargeCounter"], |inner| {
        inner["counter"] = json!(1_u64 << 33)
    }),
    ("mimetype-missing", "a file without mimetype", &["R2-MD-13", "R2-MD-12"], &[], |inner| {
        remove(first_file(inner), "mimetype")
    }),
    ("mimetype-empty", "a file with an empty mimetype, which stays empty", &["R2-MD-12"], &[], |inner| {
        first_file(inner)["mimetype"] = json!("")
    }),
    (
        "file-tag-missing",
        "a file without authenticationTag",
        &["R2-MD-12"],
        &["MetadataTagMissing"],
        |inner| remove(first_file(inner), "authenticationTag"),
    ),
    (
        "file-with-more",
        "a file with members that only web writes",
        &["R2-MD-12"],
        &["UnknownMember"],
        |inner| {
            first_file(inner)["filesize"] = json!(12);
            first_file(inner)["chunked"] = json!(false);
        },
    ),
    ("nonce-16-bytes", "a file with a nonce of 16 bytes", &["R2-MD-12"], &["LongNonce"], |inner| {
        first_file(inner)["nonce"] = json!("AAECAwQFBgcICQoLDA0ODw==");
    }),
    (
        "unknown-member-inside",
        "a member that nobody knows",
        &["R2-MD-09", "R2-GOAL-10"],
        &["UnknownMember"],
        |inner| {
            inner["extension"] = json!([1, 2, 3]);
        },
    ),
    ("id-of-ios", "a file id as iOS makes it", &["R2-MOD-18"], &["OddId"], |inner| {
        rename_first(inner, "E2EE6F1ED002AB554A3E9D5C0D0E5E6C2F11")
    }),
    ("id-in-capitals", "a file id in capitals", &["R2-MOD-08"], &["OddId"], |inner| {
        rename_first(inner, "00112233445566778899AABBCCDDEEFF")
    }),
    (
        "id-of-digits",
        "a file id of digits only, which PHP could take for a number",
        &["R2-MOD-08"],
        &["OddId"],
        |inner| {
            rename_first(inner, "12345678901234567890123456789012");
        },
    ),
    ("hundred-files", "a hundred files", &["R2-MD-12"], &[], |inner| {
        let file = first_file(inner).clone();
        inner["files"] = (0..100).map(|number| (format!("{number:032x}"), file.clone())).collect();
    }),
    (
        "one-file-unreadable",
        "one file without a key: the others must not be lost, and neither must it",
        &["R2-MD-12"],
        &["DamagedEntry"],
        |inner| {
            remove(first_file(inner), "key");
        },
    ),
];

type Invalid = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
    fn(&mut Value),
);

const INNER: &[&str] = &["R2-MD-09"];
const MEMBER: &str = "member-well-formed";

const INVALID: &[Invalid] = &[
    ("counter-missing", "no counter", INNER, &["MissingMember"], MEMBER, |inner| remove(inner, "counter")),
    ("counter-negative", "a negative counter", INNER, &["WrongType"], MEMBER, |inner| {
        inner["counter"] = json!(-1)
    }),
    ("counter-is-string", "a counter that is a string", INNER, &["WrongType"], MEMBER, |inner| {
        inner["counter"] = json!("7")
    }),
    ("counter-with-fraction", "a counter with a fraction", INNER, &["WrongType"], MEMBER, |inner| {
        inner["counter"] = json!(7.5)
    }),
    (
        "counter-too-large",
        "the counter 2^53, from where on JavaScript cannot tell neighbours apart",
        INNER,
        &["LargeCounter"],
        MEMBER,
        |inner| {
            inner["counter"] = json!(1_u64 << 53);
        },
    ),
    ("deleted-is-string", "deleted is the string \"true\"", INNER, &["WrongType"], MEMBER, |inner| {
        inner["deleted"] = json!("true")
    }),
    ("folders-is-string", "folders is a string", INNER, &["WrongType"], MEMBER, |inner| {
        inner["folders"] = json!("plans")
    }),
    ("folders-is-array", "folders is an array that is not empty", INNER, &["WrongType"], MEMBER, |inner| {
        inner["folders"] = json!(["plans"])
    }),
    (
        "folder-name-is-number",
        "the name of a subfolder is a number",
        &["R2-MD-11"],
        &["WrongType"],
        MEMBER,
        |inner| {
            inner["folders"] = json!({ "00112233445566778899aabbccddeeff": 7 });
        },
    ),
    ("files-is-array", "files is an array that is not empty", INNER, &["WrongType"], MEMBER, |inner| {
        inner["files"] = json!([{}])
    }),
    ("checksums-is-string", "keyChecksums is a string", &["R2-MD-10"], &["WrongType"], MEMBER, |inner| {
        inner["keyChecksums"] = json!("x")
    }),
    ("checksum-is-number", "a checksum that is a number", &["R2-MD-10"], &["WrongType"], MEMBER, |inner| {
        inner["keyChecksums"] = json!([1])
    }),
    ("contents-is-array", "an array in place of the contents", INNER, &["WrongType"], MEMBER, |inner| {
        *inner = json!([])
    }),
];

/// The file with the lowest id.
fn first_file(inner: &mut Value) -> &mut Value {
    let files = inner["files"].as_object();
    let id = files.and_then(|files| files.keys().next()).cloned().unwrap_or_default();
    &mut inner["files"][id]
}

fn rename_first(inner: &mut Value, id: &str) {
    let file = first_file(inner).clone();
    inner["files"] = json!({ id: file });
}
