//! Entries that do not open. A client leaves them where they are, and uses the rest of the folder.

use e2ee_reference::backend::backend;
use e2ee_rustcrypto::deviant::{self, Wrapping};
use serde_json::{Value, json};

use super::{
    CryptoError, Error, Expect, Inputs, KEY, Set, World, about, entry, entry_1, entry_around, entry_under,
    random, remove,
};
use crate::make::folder::{self, flip_base64, gzip, stray_base64};
use crate::make::text::to_base64;
use crate::set::Refused;

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
    for (name, comment, flag, rule, key, wrap) in KEYS {
        set.add(about(*name, *comment, &["R2-MD-14", "R2-FD-01"], &[flag]), |world| {
            let inner = folder::file_json(&folder::file("dropped.txt"));
            let mut entry = entry_under(world, key, &gzip(inner.to_string().as_bytes()))?;
            entry["users"][0]["encryptedFiledropKey"] = to_base64(wrap(world)?).into();
            Ok((Inputs::new(2, &entry, &world.alice), Expect::Invalid(rule)))
        })?;
    }
    let comment = "the file key wrapped by RSA, as a comment in the specification says by mistake";
    set.add(about("inner-key-wrapped", comment, &["R2-MD-14"], &["KeyLength"]), |world| {
        let file = folder::file("dropped.txt");
        let mut inner = folder::file_json(&file);
        let wrapped = backend().oaep_wrap(world.alice.certificate().public_key(), file.key.as_bytes())?;
        inner["key"] = to_base64(wrapped).into();
        let entry = entry_around(world, &gzip(inner.to_string().as_bytes()))?;
        Ok((Inputs::new(2, &entry, &world.alice), Expect::Invalid("key-length")))
    })?;
    let comment = "sealed under a nonce of 11 bytes";
    set.add(about("nonce-11-bytes", comment, &["R2-MD-14"], &["NonceLength"]), |world| {
        let inner = folder::file_json(&folder::file("dropped.txt")).to_string();
        let mut entry = entry(world, &folder::file("dropped.txt"))?;
        let sealed = folder::envelope(&KEY, &random::array::<11>(), &gzip(inner.as_bytes()))?;
        for name in ["ciphertext", "nonce", "authenticationTag"] {
            entry[name] = sealed[name].clone();
        }
        Ok((Inputs::new(2, &entry, &world.alice), Expect::Invalid("nonce-length")))
    })?;
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
    (
        "key-not-base64",
        "a character inside the own wrapped key that base64 does not have",
        &["OtherBase64"],
        "base64-well-formed",
        |entry| stray_base64(&mut entry["users"][0]["encryptedFiledropKey"]),
    ),
    (
        "ciphertext-not-base64",
        "a character inside the ciphertext that base64 does not have",
        &["OtherBase64"],
        "base64-well-formed",
        |entry| stray_base64(&mut entry["ciphertext"]),
    ),
    (
        "user-id-is-number",
        "the user id of the own entry is a number",
        &["WrongType"],
        "own-entry-present",
        |entry| entry["users"][0]["userId"] = json!(1),
    ),
    ("user-is-string", "strings in place of users", &["WrongType"], "own-entry-present", |entry| {
        entry["users"] = json!(["alice", "bob"])
    }),
    ("key-is-object", "the own wrapped key is an object", &["WrongType"], MEMBER, |entry| {
        entry["users"][0]["encryptedFiledropKey"] = json!({})
    }),
    ("ciphertext-is-array", "the ciphertext is an array of itself", &["WrongType"], MEMBER, |entry| {
        entry["ciphertext"] = json!([entry["ciphertext"]])
    }),
    ("nonce-is-number", "the nonce is a number", &["WrongType"], MEMBER, |entry| entry["nonce"] = json!(7)),
    ("entry-is-array", "an array around the entry", &["WrongType"], MEMBER, |entry| {
        *entry = json!([entry.clone()])
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
    ("inner-is-array", "an array around the sealed entry", &["WrongType"], MEMBER, |inner| {
        gzip(json!([inner]).to_string().as_bytes())
    }),
    ("inner-name-is-number", "the filename is a number", &["WrongType"], MEMBER, |mut inner| {
        inner["filename"] = json!(7);
        gzip(inner.to_string().as_bytes())
    }),
    ("inner-mimetype-is-object", "the mimetype is an object", &["WrongType"], MEMBER, |mut inner| {
        inner["mimetype"] = json!({});
        gzip(inner.to_string().as_bytes())
    }),
    ("inner-nonce-8-bytes", "a nonce of 8 bytes", &["NonceLength"], "nonce-length", |mut inner| {
        inner["nonce"] = to_base64([7; 8]).into();
        gzip(inner.to_string().as_bytes())
    }),
    ("gzip-bomb", "65 MiB of blanks in 64 KiB, from a stranger", &["GzipBomb"], "within-limits", |_| {
        gzip(&vec![b' '; 65 << 20])
    }),
];

type Wrap = fn(&World) -> Result<Vec<u8>, CryptoError>;

/// Name, comment, flag, rule, the key under which the entry is really sealed, and what is wrapped.
type Key = (&'static str, &'static str, &'static str, &'static str, &'static [u8], Wrap);

/// The base64 of [`KEY`].
const KEY_AS_TEXT: &[u8] = b"WUVMTE9XIFNVQk1BUklORQ==";

const KEYS: &[Key] = &[
    (
        "key-as-base64",
        "the base64 text of a key wrapped, and its 24 characters used with AES-192",
        "KeyAsText",
        "key-length",
        KEY_AS_TEXT,
        |world| wrap(world, KEY_AS_TEXT),
    ),
    (
        "key-as-base64-decoded",
        "the base64 text of a key wrapped, and the decoded key used",
        "KeyAsText",
        "key-length",
        &KEY,
        |world| wrap(world, KEY_AS_TEXT),
    ),
    (
        "key-15-bytes",
        "a filedrop key of 15 bytes, and an entry sealed under these and a zero",
        "KeyLength",
        "key-length",
        b"YELLOW SUBMARIN\0",
        |world| wrap(world, &KEY[..15]),
    ),
    (
        "key-32-bytes",
        "a filedrop key of 32 bytes, used with AES-256",
        "KeyLength",
        "key-length",
        &[7; 32],
        |world| wrap(world, &[7; 32]),
    ),
    (
        "key-mgf1-sha1",
        "the filedrop key wrapped with MGF1 by SHA-1",
        "OtherWrapping",
        "wrapped-key-opens",
        &KEY,
        |world| deviant::wrap(Wrapping::Mgf1Sha1, world.alice.certificate().public_key(), &KEY),
    ),
];

fn wrap(world: &World, key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    backend().oaep_wrap(world.alice.certificate().public_key(), key)
}

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
    ("1-key-is-number", "encryptedKey is a number", &["WrongType"], MEMBER, |entry| {
        entry["encryptedKey"] = json!(7)
    }),
    ("1-encrypted-is-object", "encrypted is an object", &["WrongType"], MEMBER, |entry| {
        entry["encrypted"] = json!({})
    }),
    ("1-entry-is-array", "an array around the entry", &["WrongType"], MEMBER, |entry| {
        *entry = json!([entry.clone()])
    }),
    ("1-file-nonce-missing", "no nonce of the file", &["MissingMember"], MEMBER, |entry| {
        remove(entry, "initializationVector")
    }),
    ("1-entry-is-string", "a string in place of an entry", &["WrongType"], MEMBER, |entry| {
        *entry = json!("nonsense")
    }),
];
