//! Vectors of 1.2: the checksum.

use e2ee_reference::dialect::Dialect;
use e2ee_reference::metadata_v1::{self, FiledropEntry, Target};
use serde_json::{Value, json};

use super::{Error, Expect, Folder, Inputs, Set, WORDS, about, dialects, file, folder_for, remove};
use crate::set::{Full, Refused};

const TARGET: Target<'_> = Target::V1_2 { mnemonic: WORDS };

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    dialects(set, TARGET, &["R12-CHK-01", "R12-KEY-01", "R1-VERS-01", "R1-MD-05"])?;
    for (name, comment, requirements, flags, edit) in VALID {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let folder = Folder::new();
            let mut document = folder.document(world, TARGET)?;
            edit(&mut document);
            Ok((Inputs::with_mnemonic(&document, world), Expect::Valid(folder.output())))
        })?;
    }
    let comment = "no files: the checksum covers mnemonic and key";
    set.add(about("no-files", comment, &["R12-CHK-01"], &[]), |world| {
        let mut folder = Folder::new();
        folder.contents.files.clear();
        let document = folder.document(world, TARGET)?;
        Ok((Inputs::with_mnemonic(&document, world), Expect::Valid(folder.output())))
    })?;
    let comment = "ids that differ in case";
    set.add(about("ids-by-case", comment, &["R12-CHK-01"], &["OddId"]), |world| {
        let mut folder = Folder::new();
        let files = std::mem::take(&mut folder.contents.files).into_values();
        folder.contents.files = ["abcdef", "ABCDEF"].map(str::to_owned).into_iter().zip(files).collect();
        let document = folder.document(world, TARGET)?;
        Ok((Inputs::with_mnemonic(&document, world), Expect::Valid(folder.output())))
    })?;
    let comment = "a dropped file does not count in the checksum";
    set.add(about("filedrop", comment, &["R12-CHK-01", "R12-FD-01"], &["FiledropByStranger"]), |world| {
        let folder = Folder::new();
        let mut document = folder.document(world, TARGET)?;
        let form = &Dialect::SPECIFIED.metadata_v1;
        let dropped =
            FiledropEntry::seal(&file("dropped.txt"), world.alice.certificate().public_key(), form)?;
        document["filedrop"] = json!({ "00112233445566778899aabbccddeeff": dropped.value() });
        Ok((Inputs::with_mnemonic(&document, world), Expect::Valid(folder.output())))
    })?;
    let comment = "the device does not keep the mnemonic: the checksum can only be seen to be there";
    set.add(about("without-mnemonic", comment, &["R12-CHK-01"], &[]), |world| {
        let folder = Folder::new();
        let document = folder.document(world, TARGET)?;
        Ok((Inputs::new(&document, world), Expect::Valid(folder.output())))
    })?;
    for (name, comment, flags, rule, edit) in INVALID {
        set.add(about(*name, *comment, &["R12-CHK-01", "R1-SEC-06"], flags), |world| {
            let mut document = folder_for(flags).document(world, TARGET)?;
            edit(&mut document);
            Ok((Inputs::with_mnemonic(&document, world), Expect::Invalid(rule)))
        })?;
    }
    let comment = "a key of the server's, wrapped for the user, under which everything is sealed anew";
    set.add(about("key-of-server", comment, &["R12-CHK-01", "R1-SEC-06"], &["KeyInsertion"]), |world| {
        let honest = Folder::new().document(world, TARGET)?;
        let mut document = Folder::new().document(world, TARGET)?;
        document["metadata"]["checksum"] = honest["metadata"]["checksum"].clone();
        Ok((Inputs::with_mnemonic(&document, world), Expect::Invalid(MATCHES)))
    })?;
    let comment = "the checksum that the server can compute: without the mnemonic";
    set.add(about("checksum-of-server", comment, &["R12-CHK-01"], &["KeyInsertion"]), |world| {
        let document = Folder::new().document(world, Target::V1_2 { mnemonic: "" })?;
        Ok((Inputs::with_mnemonic(&document, world), Expect::Invalid(MATCHES)))
    })?;
    let comment = "the checksum with another mnemonic";
    set.add(about("checksum-of-other-mnemonic", comment, &["R12-CHK-01"], &["OtherChecksum"]), |world| {
        let document = Folder::new().document(world, Target::V1_2 { mnemonic: "zoo zoo zoo" })?;
        Ok((Inputs::with_mnemonic(&document, world), Expect::Invalid(MATCHES)))
    })?;
    let comment = "the key wrapped anew: the same key, but not the same text";
    set.add(about("key-wrapped-anew", comment, &["R12-CHK-01"], &["OtherChecksum"]), |world| {
        let folder = Folder::new();
        let mut document = folder.document(world, TARGET)?;
        let to = world.alice.certificate().public_key();
        let wrapped = metadata_v1::wrap_key(to, folder.keys.newest().1.as_bytes())?;
        document["metadata"]["metadataKey"] = wrapped.into();
        Ok((Inputs::with_mnemonic(&document, world), Expect::Invalid(MATCHES)))
    })
}

const MATCHES: &str = "checksum-matches";

const VALID: &[Full<fn(&mut Value)>] = &[
    (
        "version-is-string",
        "the version as a string, which servers and desktop take and iOS does not",
        &["R1-VERS-01"],
        &["Dialect"],
        |document| {
            document["metadata"]["version"] = json!("1.2");
        },
    ),
    ("unknown-member", "members that nobody knows", &["R12-CHK-01"], &["UnknownMember"], |document| {
        document["metadata"]["extension"] = json!(1);
    }),
    (
        "index-left",
        "an index at the files and a map of keys left behind, as Android does",
        &["R12-KEY-01"],
        &["Dialect"],
        |document| {
            document["metadata"]["metadataKeys"] = json!({});
            super::keys::each_file(document, |file| file["metadataKey"] = json!(0));
        },
    ),
];

const INVALID: &[Refused<fn(&mut Value)>] = &[
    ("checksum-missing", "no checksum", &["KeyInsertion"], "checksum-required", |document| {
        remove(&mut document["metadata"], "checksum")
    }),
    ("checksum-empty", "an empty checksum", &["KeyInsertion"], "checksum-required", |document| {
        document["metadata"]["checksum"] = json!("")
    }),
    ("checksum-null", "a checksum that is null", &["KeyInsertion"], "checksum-required", |document| {
        document["metadata"]["checksum"] = Value::Null;
    }),
    ("checksum-is-number", "a checksum that is a number", &["WrongType"], "member-well-formed", |document| {
        document["metadata"]["checksum"] = json!(1);
    }),
    ("checksum-digit", "one digit of the checksum is another", &["OtherChecksum"], MATCHES, |document| {
        let text = document["metadata"]["checksum"].as_str().unwrap_or_default();
        let first = if text.starts_with('0') { '1' } else { '0' };
        document["metadata"]["checksum"] = format!("{first}{}", &text[1..]).into();
    }),
    ("checksum-in-capitals", "the checksum in capitals", &["OtherChecksum"], MATCHES, |document| {
        let text = document["metadata"]["checksum"].as_str().unwrap_or_default();
        document["metadata"]["checksum"] = text.to_uppercase().into();
    }),
    ("file-removed", "the server removed a file", &["ChangedDocument"], MATCHES, |document| {
        let id =
            document["files"].as_object().and_then(|files| files.keys().next().cloned()).unwrap_or_default();
        remove(&mut document["files"], &id);
    }),
    ("file-doubled", "the server gave a file a second id", &["ChangedDocument"], MATCHES, |document| {
        let file = document["files"].as_object().and_then(|files| files.values().next().cloned());
        document["files"]["00112233445566778899aabbccddeeff"] = file.unwrap_or_default();
    }),
    ("id-renamed", "the server changed the id of a file", &["ChangedDocument"], MATCHES, |document| {
        let id =
            document["files"].as_object().and_then(|files| files.keys().next().cloned()).unwrap_or_default();
        let file = document["files"][&id].clone();
        remove(&mut document["files"], &id);
        document["files"]["00112233445566778899aabbccddeeff"] = file;
    }),
    (
        "version-2.1-outside",
        "the version of another format outside beside the own one inside",
        &["UnknownVersion"],
        "version-known",
        |document| document["version"] = json!("2.1"),
    ),
    (
        "key-missing",
        "no metadata key, files sealed under 16 zeros, and a checksum without the key",
        &["EmptyKeys"],
        "member-well-formed",
        |document| {
            remove(&mut document["metadata"], "metadataKey");
            let ids = document["files"].as_object().into_iter().flat_map(|files| files.keys());
            let checksum = metadata_v1::checksum(WORDS, ids.map(String::as_str), "");
            document["metadata"]["checksum"] = checksum.into();
        },
    ),
];
