//! Entries that do not open. A client leaves them where they are, and uses the rest of the folder.

use e2ee_reference::backend::backend;
use e2ee_rustcrypto::deviant::{self, Wrapping};
use serde_json::{Value, json};

use super::{
    CryptoError, Error, Expect, Inputs, KEY, Set, World, about, entry, entry_1, entry_around, remove,
};
use crate::make::folder::{self, flip_base64, gzip};
use crate::make::text::to_base64;
use crate::set::{Refused, Ruled};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, flags, rule, edit) in OUTSIDE {
        set.add(about(*name, *comment, &["R2-MD-14", "R2-SEC-04"], flags), |world| {
            let mut entry = entry(world, &folder::file("dropped.txt"))?;
            edit(&mut entry);
            Ok((Inputs::new(2, &entry, &world.alice), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, flags, rule, text) in INSIDE {
        set.add(about(*name, *comment, &["R2-MD-14"], flags), |world| {
            let inner = folder::file_json(&folder::file("dropped.txt"));
            let entry = entry_around(world, &text(inner))?;
            Ok((Inputs::new(2, &entry, &world.alice), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, rule, wrap) in KEYS {
        set.add(about(*name, *comment, &["R2-MD-14", "R2-FD-01"], &["OtherWrapping"]), |world| {
            let mut entry = entry(world, &folder::file("dropped.txt"))?;
            entry["users"][0]["encryptedFiledropKey"] = to_base64(wrap(world)?).into();
            Ok((Inputs::new(2, &entry, &world.alice), Expect::Invalid(rule)))
        })?;
    }
    let comment = "an entry for others";
    set.add(about("not-a-member", comment, &["R2-MD-14", "R2-SEC-03"], &["NotAMember"]), |world| {
        let entry = entry(world, &folder::file("dropped.txt"))?;
        Ok((Inputs::new(2, &entry, &world.carol), Expect::Invalid("own-entry-present")))
    })?;
    for (name, comment, flags, rule, edit) in MAJOR_1 {
        set.add(about(*name, *comment, &["R12-FD-01"], flags), |world| {
            let mut entry = entry_1(world, &folder::file("dropped.txt"))?;
            edit(&mut entry);
            Ok((Inputs::new(1, &entry, &world.alice), Expect::Invalid(rule)))
        })?;
    }
    let comment = "an entry for somebody else";
    set.add(about("1-other-user", comment, &["R12-FD-01", "R1-SEC-04"], &["NotAMember"]), |world| {
        let entry = entry_1(world, &folder::file("dropped.txt"))?;
        Ok((Inputs::new(1, &entry, &world.bob), Expect::Invalid("wrapped-key-opens")))
    })
}

const TAG: &str = "authentication-tag-fits";
const MEMBER: &str = "member-well-formed";

const OUTSIDE: &[Refused<fn(&mut Value)>] = &[
    ("ciphertext-bit", "one bit of the ciphertext is another", &["BitFlip"], TAG, |entry| {
        flip_base64(&mut entry["ciphertext"], 0)
    }),
    ("tag-bit", "one bit of the tag in the ciphertext is another", &["BitFlip"], TAG, |entry| {
        flip_base64(&mut entry["ciphertext"], -1)
    }),
    ("nonce-bit", "one bit of the nonce is another", &["BitFlip"], TAG, |entry| {
        flip_base64(&mut entry["nonce"], 0)
    }),
    (
        "wrapped-key-bit",
        "one bit of the wrapped key is another",
        &["BitFlip"],
        "wrapped-key-opens",
        |entry| {
            flip_base64(&mut entry["users"][0]["encryptedFiledropKey"], 100);
        },
    ),
    (
        "key-base64-twice",
        "the wrapped key with one base64 level too many, as desktop 3.16 wants it",
        &["OtherBase64"],
        "wrapped-key-opens",
        |entry| {
            let wrapped = entry["users"][0]["encryptedFiledropKey"].as_str().unwrap_or_default().to_owned();
            entry["users"][0]["encryptedFiledropKey"] = to_base64(wrapped).into();
        },
    ),
    (
        "key-of-the-other",
        "the own entry holds the key that is wrapped for the other member",
        &["NotAMember"],
        "wrapped-key-opens",
        |entry| {
            entry["users"][0]["encryptedFiledropKey"] = entry["users"][1]["encryptedFiledropKey"].clone();
        },
    ),
    (
        "chunked",
        "the experimental form in chunks: empty nonce, empty tag",
        &["Chunked"],
        "nonce-length",
        |entry| {
            entry["nonce"] = json!("");
            entry["authenticationTag"] = json!("");
            entry["chunked"] = json!(true);
        },
    ),
    ("ciphertext-missing", "no ciphertext", &["MissingMember"], MEMBER, |entry| remove(entry, "ciphertext")),
    ("nonce-missing", "no nonce", &["MissingMember"], MEMBER, |entry| remove(entry, "nonce")),
    ("users-missing", "no users", &["MissingMember"], "own-entry-present", |entry| remove(entry, "users")),
    ("users-empty", "an empty list of users", &["NotAMember"], "own-entry-present", |entry| {
        entry["users"] = json!([])
    }),
    ("users-is-object", "users is an object", &["WrongType"], MEMBER, |entry| {
        entry["users"] = json!({ "alice": "x" })
    }),
    ("key-missing", "the own entry has no key", &["MissingMember"], MEMBER, |entry| {
        remove(&mut entry["users"][0], "encryptedFiledropKey")
    }),
    ("key-not-base64", "the own key is not base64", &["OtherBase64"], "base64-well-formed", |entry| {
        entry["users"][0]["encryptedFiledropKey"] = json!("not base64!");
    }),
    ("entry-is-string", "a string in place of an entry", &["WrongType"], MEMBER, |entry| {
        *entry = json!("nonsense")
    }),
    ("entry-is-null", "null in place of an entry", &["WrongType"], MEMBER, |entry| *entry = Value::Null),
];

type Compress = fn(Value) -> Vec<u8>;

const INSIDE: &[Refused<Compress>] = &[
    ("not-compressed", "JSON without gzip", &["OtherCompression"], "gzip-well-formed", |inner| {
        inner.to_string().into_bytes()
    }),
    ("inner-not-json", "something that is not JSON", &["NotJson"], "json-well-formed", |_| {
        gzip(b"filename=x")
    }),
    ("inner-base64", "base64 of the JSON, as in 1.x", &["OtherLayout"], "json-well-formed", |inner| {
        gzip(to_base64(inner.to_string()).as_bytes())
    }),
    ("inner-without-name", "no filename", &["MissingMember"], MEMBER, |mut inner| {
        remove(&mut inner, "filename");
        gzip(inner.to_string().as_bytes())
    }),
    ("inner-without-key", "no file key", &["MissingMember"], MEMBER, |mut inner| {
        remove(&mut inner, "key");
        gzip(inner.to_string().as_bytes())
    }),
    ("inner-without-nonce", "no nonce of the file", &["MissingMember"], MEMBER, |mut inner| {
        remove(&mut inner, "nonce");
        gzip(inner.to_string().as_bytes())
    }),
    (
        "inner-key-wrapped",
        "the file key wrapped by RSA, as a comment in the specification says by mistake",
        &["KeyLength"],
        "key-length",
        |mut inner| {
            inner["key"] = to_base64([7; 256]).into();
            gzip(inner.to_string().as_bytes())
        },
    ),
    ("inner-nonce-8-bytes", "a nonce of 8 bytes", &["NonceLength"], "nonce-length", |mut inner| {
        inner["nonce"] = to_base64([7; 8]).into();
        gzip(inner.to_string().as_bytes())
    }),
    ("gzip-bomb", "65 MiB of blanks in 64 KiB, from a stranger", &["GzipBomb"], "within-limits", |_| {
        gzip(&vec![b' '; 65 << 20])
    }),
];

type Wrap = fn(&World) -> Result<Vec<u8>, CryptoError>;

const KEYS: &[Ruled<Wrap>] = &[
    ("key-as-base64", "the filedrop key wrapped as base64 text", "key-length", |world| {
        backend().oaep_wrap(world.alice.certificate().public_key(), to_base64(KEY).as_bytes())
    }),
    ("key-15-bytes", "a filedrop key of 15 bytes", "key-length", |world| {
        backend().oaep_wrap(world.alice.certificate().public_key(), &KEY[..15])
    }),
    ("key-mgf1-sha1", "the filedrop key wrapped with MGF1 by SHA-1", "wrapped-key-opens", |world| {
        deviant::wrap(Wrapping::Mgf1Sha1, world.alice.certificate().public_key(), &KEY)
    }),
];

const MAJOR_1: &[Refused<fn(&mut Value)>] = &[
    ("1-ciphertext-bit", "one bit of the ciphertext is another", &["BitFlip"], TAG, |entry| {
        let text = entry["encrypted"].as_str().unwrap_or_default().to_owned();
        let (sealed, nonce) = text.split_once('|').unwrap_or_default();
        let mut sealed = Value::from(sealed);
        flip_base64(&mut sealed, 0);
        entry["encrypted"] = format!("{}|{nonce}", sealed.as_str().unwrap_or_default()).into();
    }),
    ("1-key-missing", "no encryptedKey", &["MissingMember"], MEMBER, |entry| remove(entry, "encryptedKey")),
    ("1-encrypted-missing", "no member encrypted", &["MissingMember"], MEMBER, |entry| {
        remove(entry, "encrypted")
    }),
    (
        "1-no-nonce-anywhere",
        "no nonce, neither behind the ciphertext nor beside it",
        &["MissingMember"],
        MEMBER,
        |entry| {
            let text = entry["encrypted"].as_str().unwrap_or_default();
            entry["encrypted"] = text.split('|').next().unwrap_or_default().into();
            remove(entry, "encryptedInitializationVector");
        },
    ),
    ("1-file-nonce-missing", "no nonce of the file", &["MissingMember"], MEMBER, |entry| {
        remove(entry, "initializationVector")
    }),
    ("1-entry-is-string", "a string in place of an entry", &["WrongType"], MEMBER, |entry| {
        *entry = json!("nonsense")
    }),
];
