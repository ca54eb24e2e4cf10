//! Vectors about what is sealed in a document.

use serde_json::{Value, json};

use super::outside::remove;
use super::{Error, Expect, Inputs, Root, Set, about, normalised};
use crate::make::folder::{self, gzip, zlib};
use e2ee_reference::canonical_json;

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
    for (name, comment, flags, rule, compress) in COMPRESSED {
        set.add(about(*name, *comment, &["R2-MD-03"], flags), |world| {
            let root = Root::new();
            let plain = canonical_json::to_string(&folder::inner(&root.contents));
            let document = root.document_around(world, &compress(plain.as_bytes()))?;
            let expect = match rule {
                Some(rule) => Expect::Invalid(rule),
                None => Expect::Valid(root.output()),
            };
            Ok((Inputs::root(document.to_string(), &world.alice), expect))
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

/// Name, comment, flags, rule or none, compression.
type Compressed =
    (&'static str, &'static str, &'static [&'static str], Option<&'static str>, fn(&[u8]) -> Vec<u8>);

const GZIP: Option<&str> = Some("gzip-well-formed");

const COMPRESSED: &[Compressed] = &[
    (
        "gzip-with-name",
        "a gzip header with a file name and a time, as desktop writes",
        &["GzipHeader"],
        None,
        |plain| {
            let header = [0x1f, 0x8b, 8, 0x08, 0x10, 0x32, 0x54, 0x66, 0, 3];
            [&header[..], b"metadata\0", &gzip(plain)[10..]].concat()
        },
    ),
    ("gzip-with-extra-field", "a gzip header with an extra field", &["GzipHeader"], None, |plain| {
        with_header(plain, 0x04, b"\x06\0Ap\x02\0no")
    }),
    ("gzip-with-comment", "a gzip header with a comment", &["GzipHeader"], None, |plain| {
        with_header(plain, 0x10, b"written by hand\0")
    }),
    (
        "gzip-with-header-checksum",
        "a gzip header with a checksum of its own",
        &["GzipHeader"],
        None,
        |plain| with_header_checksum(plain, 0x02, &[]),
    ),
    (
        "gzip-with-everything",
        "a gzip header with extra field, name, comment, checksum and the hint that it is text",
        &["GzipHeader"],
        None,
        |plain| with_header_checksum(plain, 0x1f, b"\x06\0Ap\x02\0nometadata\0written by hand\0"),
    ),
    (
        "gzip-reserved-flag-5",
        "a gzip header with bit 5 of the flags set, which is reserved",
        &["OddGzip"],
        GZIP,
        |plain| with_header(plain, 0x20, &[]),
    ),
    (
        "gzip-reserved-flag-6",
        "a gzip header with bit 6 of the flags set, which is reserved",
        &["OddGzip"],
        GZIP,
        |plain| with_header(plain, 0x40, &[]),
    ),
    (
        "gzip-reserved-flag-7",
        "a gzip header with bit 7 of the flags set, which is reserved",
        &["OddGzip"],
        GZIP,
        |plain| with_header(plain, 0x80, &[]),
    ),
    (
        "gzip-other-method",
        "a gzip header with the method 7, which is reserved",
        &["OddGzip"],
        GZIP,
        |plain| {
            let mut member = gzip(plain);
            member[2] = 7;
            member
        },
    ),
    (
        "gzip-wrong-length",
        "a gzip member whose length does not fit, though its CRC-32 does",
        &["OddGzip"],
        GZIP,
        |plain| {
            let mut member = gzip(plain);
            let place = member.len() - 4;
            member[place] ^= 1;
            member
        },
    ),
    ("gzip-stored", "a gzip member that is not compressed", &["GzipHeader"], None, |plain| {
        // Header, one stored block, CRC-32 and length: the last eight bytes of any member of this text.
        let length = (plain.len() as u16).to_le_bytes();
        let complement = (!(plain.len() as u16)).to_le_bytes();
        let trailer = gzip(plain);
        [
            &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1][..],
            &length,
            &complement,
            plain,
            &trailer[trailer.len() - 8..],
        ]
        .concat()
    }),
    ("not-compressed", "JSON without gzip", &["OtherCompression"], GZIP, <[u8]>::to_vec),
    ("zlib", "zlib in place of gzip", &["OtherCompression"], GZIP, |plain| zlib(plain)),
    ("deflate", "raw deflate in place of gzip", &["OtherCompression"], GZIP, |plain| {
        let member = gzip(plain);
        member[10..member.len() - 8].to_vec()
    }),
    ("gzip-twice", "compressed twice", &["OtherCompression"], Some("json-well-formed"), |plain| {
        gzip(&gzip(plain))
    }),
    ("gzip-cut-short", "a gzip member without its end", &["Truncation"], GZIP, |plain| {
        let member = gzip(plain);
        member[..member.len() - 8].to_vec()
    }),
    ("gzip-wrong-checksum", "a gzip member whose CRC-32 does not fit", &["BitFlip"], GZIP, |plain| {
        let mut member = gzip(plain);
        let place = member.len() - 8;
        member[place] ^= 1;
        member
    }),
    (
        "gzip-two-members",
        "two gzip members, the second of which some libraries drop",
        &["ExcessBytes"],
        GZIP,
        |plain| [gzip(plain), gzip(b" ")].concat(),
    ),
    ("gzip-bytes-after", "bytes after the gzip member", &["ExcessBytes"], GZIP, |plain| {
        [gzip(plain), vec![0; 8]].concat()
    }),
    ("gzip-of-nothing", "a gzip member of nothing", &["OtherCompression"], Some("json-well-formed"), |_| {
        gzip(b"")
    }),
    ("nothing-sealed", "nothing at all, sealed", &["OtherCompression"], GZIP, |_| Vec::new()),
    (
        "not-utf8",
        "contents in Latin-1, as web writes names beyond ASCII",
        &["Latin1"],
        Some("json-well-formed"),
        |plain| {
            let text = String::from_utf8_lossy(plain).replace("report", "pr\u{fc}fung");
            gzip(&text.chars().map(|character| character as u32 as u8).collect::<Vec<_>>())
        },
    ),
    ("contents-not-json", "contents that are not JSON", &["NotJson"], Some("json-well-formed"), |_| {
        gzip(b"counter=7")
    }),
    ("contents-member-twice", "the counter stands twice", &["NotJson"], Some("json-well-formed"), |plain| {
        let text = String::from_utf8_lossy(plain).replacen('{', "{\"counter\":8,", 1);
        gzip(text.as_bytes())
    }),
    ("gzip-bomb", "65 MiB of blanks in 64 KiB", &["GzipBomb"], Some("within-limits"), |_| {
        gzip(&vec![b' '; 65 << 20])
    }),
];

/// A gzip member with these flags, and with these optional fields after its fixed header.
fn with_header(plain: &[u8], flags: u8, fields: &[u8]) -> Vec<u8> {
    [&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255], fields, &gzip(plain)[10..]].concat()
}

/// The same with the checksum of the header after its fields: the lower half of their CRC-32, which is the one that
/// a gzip member of the header itself ends in.
fn with_header_checksum(plain: &[u8], flags: u8, fields: &[u8]) -> Vec<u8> {
    let header = [&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255], fields].concat();
    let member = gzip(&header);
    let checksum = &member[member.len() - 8..member.len() - 6];
    [&header, checksum, &gzip(plain)[10..]].concat()
}

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
