//! Vectors of 1.1: the entries of files.

use e2ee_reference::dialect::{Dialect, Separator};
use e2ee_reference::metadata_v1::{Target, seal_text};
use e2ee_reference::random;
use e2ee_rustcrypto::deviant;
use serde_json::{Value, json};

use super::keys::each_file;
use super::{CryptoError, Error, Expect, Folder, Inputs, Set, about, dialects, folder_for, remove};
use crate::make::folder::stray_base64;
use crate::make::text::{from_base64, to_base64, with_stray_character};
use crate::set::{Noted, Refused};
use e2ee_reference::backend::backend;

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    dialects(set, Target::V1_1, &["R1-MD-03", "R1-MD-05", "R1-MD-11", "R1-VERS-01"])?;
    forms(set)?;
    for (name, comment, requirements, edit) in VALID {
        set.add(about(*name, *comment, requirements, &["Dialect"]), |world| {
            let folder = Folder::new();
            let mut document = folder.document(world, Target::V1_1)?;
            edit(&mut document);
            Ok((Inputs::new(&document, world), Expect::Valid(folder.output())))
        })?;
    }
    for (name, comment, flags, rule, edit) in INVALID {
        set.add(about(*name, *comment, &["R1-MD-03", "R1-MD-05", "R1-SEC-06"], flags), |world| {
            let mut document = folder_for(flags).document(world, Target::V1_1)?;
            edit(&mut document);
            Ok((Inputs::new(&document, world), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, flags, rule, make) in SEALED {
        set.add(about(*name, *comment, &["R1-MD-03", "R1-MD-05"], flags), |world| {
            let folder = Folder::new();
            let mut document = folder.document(world, Target::V1_1)?;
            let sealed = make(folder.keys.newest().1.as_bytes())?;
            each_file(&mut document, |file| file["encrypted"] = json!(sealed));
            Ok((Inputs::new(&document, world), Expect::Invalid(rule)))
        })?;
    }
    let comment = "one entry cannot be read: the others must not be lost, and neither must it";
    set.add(about("one-file-unreadable", comment, &["R1-MD-05"], &["DamagedEntry"]), |world| {
        let mut folder = Folder::new();
        let mut document = folder.document(world, Target::V1_1)?;
        let id = folder.contents.files.keys().next().cloned().unwrap_or_default();
        folder.contents.files.remove(&id);
        document["files"][&id]["encrypted"] = json!("nonsense");
        let mut output = folder.output();
        output["unreadable"] = json!([id]);
        Ok((Inputs::new(&document, world), Expect::Valid(output)))
    })
}

/// Strings in the forms of the years.
fn forms(set: &mut Set<'_>) -> Result<(), Error> {
    let mut old = Dialect::SPECIFIED;
    old.metadata_v1.separator = Separator::EncodedBar;
    let mut short = Dialect::SPECIFIED;
    short.metadata_v1.nonce = e2ee_reference::dialect::NonceLength::Twelve;
    for (name, comment, flag, dialect) in [
        ("old-separator", "the old separator in all strings", "OldSeparator", old),
        ("short-nonces", "nonces of 12 bytes in all strings, as old Android wrote", "Dialect", short),
    ] {
        set.add(about(name, comment, &["R1-MD-03"], &[flag]), |world| {
            let folder = Folder::new();
            let document = folder.seal(world, Target::V1_1, &dialect)?;
            Ok((Inputs::new(document.value(), world), Expect::Valid(folder.output())))
        })?;
    }
    for (name, comment, mimetype) in [
        ("directory", "a subfolder is an entry with this mimetype", "httpd/unix-directory"),
        (
            "directory-of-old-desktop",
            "a subfolder with the mimetype that old desktop clients wrote",
            "inode/directory",
        ),
        ("directory-without-mimetype", "a subfolder with an empty mimetype", ""),
        ("mimetype-unknown", "a file of unknown kind", "application/octet-stream"),
    ] {
        set.add(about(name, comment, &["R1-MD-05", "R1-MD-06"], &["DirectoryEntry"]), |world| {
            let mut folder = Folder::new();
            for file in folder.contents.files.values_mut() {
                file.entry.mimetype = mimetype.to_owned();
            }
            let document = folder.document(world, Target::V1_1)?;
            Ok((Inputs::new(&document, world), Expect::Valid(folder.output())))
        })?;
    }
    Ok(())
}

const VALID: &[Noted<fn(&mut Value)>] = &[
    ("version-is-string", "the version as a string", &["R1-VERS-01"], |document| {
        document["metadata"]["version"] = json!("1.1")
    }),
    (
        "old-keys-left",
        "an old map of keys left behind, as Android does; the single key counts",
        &["R1-MD-01"],
        |document| {
            document["metadata"]["metadataKeys"] = json!({ "0": "left behind" });
        },
    ),
    ("index-left", "an index at the files left behind; it means nothing", &["R1-MD-05"], |document| {
        each_file(document, |file| file["metadataKey"] = json!(7));
    }),
    ("filedrop-empty", "an empty filedrop", &["R1-MD-01"], |document| document["filedrop"] = json!({})),
    ("filedrop-of-php", "the empty array that PHP makes of it", &["R1-MD-01"], |document| {
        document["filedrop"] = json!([])
    }),
];

const TAG: &str = "authentication-tag-fits";
const MEMBER: &str = "member-well-formed";

const INVALID: &[Refused<fn(&mut Value)>] = &[
    ("ciphertext-bit", "one bit of each ciphertext is another", &["BitFlip"], TAG, |document| {
        each_file(document, |file| parts(file, |sealed, _| sealed[0] ^= 1));
    }),
    ("tag-bit", "one bit of each tag is another", &["BitFlip"], TAG, |document| {
        each_file(document, |file| {
            parts(file, |sealed, _| {
                if let Some(last) = sealed.last_mut() {
                    *last ^= 1;
                }
            });
        });
    }),
    ("nonce-bit", "one bit of each nonce is another", &["BitFlip"], TAG, |document| {
        each_file(document, |file| parts(file, |_, nonce| nonce[0] ^= 1));
    }),
    ("nonce-missing", "no nonce behind the ciphertexts", &["MissingMember"], MEMBER, |document| {
        each_file(document, |file| {
            let text = file["encrypted"].as_str().unwrap_or_default();
            file["encrypted"] = text.split('|').next().unwrap_or_default().into();
        });
    }),
    (
        "encrypted-not-base64",
        "a character inside the ciphertexts that base64 does not have",
        &["OtherBase64"],
        "base64-well-formed",
        |document| {
            each_file(document, |file| {
                let text = file["encrypted"].as_str().unwrap_or_default();
                let (sealed, nonce) = text.split_once('|').unwrap_or_default();
                file["encrypted"] = format!("{}|{nonce}", with_stray_character(sealed)).into();
            });
        },
    ),
    (
        "key-not-base64",
        "a character inside the wrapped metadata key that base64 does not have",
        &["OtherBase64"],
        "base64-well-formed",
        |document| stray_base64(&mut document["metadata"]["metadataKey"]),
    ),
    (
        "version-2.0-outside",
        "the version of another format outside beside the own one inside",
        &["UnknownVersion"],
        "version-known",
        |document| document["version"] = json!("2.0"),
    ),
    ("encrypted-missing", "no member encrypted", &["MissingMember"], MEMBER, |document| {
        each_file(document, |file| remove(file, "encrypted"));
    }),
    ("file-nonce-missing", "no nonce of the stored file", &["MissingMember"], MEMBER, |document| {
        each_file(document, |file| remove(file, "initializationVector"));
    }),
    (
        "file-nonce-8-bytes",
        "a nonce of the stored file of 8 bytes",
        &["NonceLength"],
        "nonce-length",
        |document| {
            each_file(document, |file| file["initializationVector"] = to_base64([1; 8]).into());
        },
    ),
    ("file-is-string", "strings in place of entries", &["WrongType"], MEMBER, |document| {
        each_file(document, |file| *file = json!("nonsense"));
    }),
    ("files-is-array", "files is an array that is not empty", &["WrongType"], MEMBER, |document| {
        document["files"] = json!([1])
    }),
    ("filedrop-is-string", "filedrop is a string", &["WrongType"], MEMBER, |document| {
        document["filedrop"] = json!("nonsense")
    }),
    ("filedrop-is-array", "filedrop is an array that is not empty", &["WrongType"], MEMBER, |document| {
        document["filedrop"] = json!([{}])
    }),
    ("key-missing", "no metadata key", &["EmptyKeys"], MEMBER, |document| {
        remove(&mut document["metadata"], "metadataKey")
    }),
    ("key-empty", "an empty metadata key", &["EmptyKeys"], "wrapped-key-opens", |document| {
        document["metadata"]["metadataKey"] = json!("")
    }),
];

type Seal = fn(&[u8; 16]) -> Result<String, CryptoError>;

const SEALED: &[Refused<Seal>] = &[
    ("nonce-11-bytes", "sealed under nonces of 11 bytes", &["NonceLength"], "nonce-length", |key| {
        let nonce = random::array::<11>();
        let bytes = deviant::seal(key, &nonce, to_base64(entry().to_string()).as_bytes())?;
        Ok(format!("{}|{}", to_base64(bytes), to_base64(nonce)))
    }),
    ("inner-not-json", "something sealed that is not JSON", &["NotJson"], "json-well-formed", |key| {
        sealed(key, "nonsense")
    }),
    ("inner-without-key", "no file key inside", &["MissingMember"], MEMBER, |key| {
        let mut entry = entry();
        remove(&mut entry, "key");
        sealed(key, &entry.to_string())
    }),
    ("inner-key-short", "a file key of 15 bytes", &["KeyLength"], "key-length", |key| {
        let mut entry = entry();
        entry["key"] = to_base64([1; 15]).into();
        sealed(key, &entry.to_string())
    }),
    (
        "inner-key-not-base64",
        "a character inside the file key that base64 does not have",
        &["OtherBase64"],
        "base64-well-formed",
        |key| {
            let mut entry = entry();
            stray_base64(&mut entry["key"]);
            sealed(key, &entry.to_string())
        },
    ),
    ("inner-without-name", "no filename inside", &["MissingMember"], MEMBER, |key| {
        let mut entry = entry();
        remove(&mut entry, "filename");
        sealed(key, &entry.to_string())
    }),
    (
        "inner-not-base64",
        "JSON sealed without base64 inside, one level too few",
        &["OtherLayout"],
        "base64-well-formed",
        |key| {
            let nonce = random::array::<16>();
            let bytes = backend().aes_gcm_seal(key, &nonce, entry().to_string().as_bytes())?;
            Ok(format!("{}|{}", to_base64(bytes), to_base64(nonce)))
        },
    ),
    ("other-key", "sealed under another key", &["SwappedFiles"], TAG, |_| {
        sealed(b"YELLOW SUBMARINE", &entry().to_string())
    }),
];

/// What is sealed of a file.
fn entry() -> Value {
    json!({ "filename": "a", "key": to_base64([1; 16]), "mimetype": "text/plain", "version": 1 })
}

fn sealed(key: &[u8; 16], text: &str) -> Result<String, CryptoError> {
    seal_text(key, &random::array::<16>(), text, Separator::Bar)
}

/// Changes ciphertext and nonce of a file.
fn parts(file: &mut Value, change: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>)) {
    let text = file["encrypted"].as_str().unwrap_or_default().to_owned();
    let mut parts = text.split('|').map(|part| from_base64(part).unwrap_or_default());
    let (mut sealed, mut nonce) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    change(&mut sealed, &mut nonce);
    file["encrypted"] = format!("{}|{}", to_base64(sealed), to_base64(nonce)).into();
}
