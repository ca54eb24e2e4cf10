//! Vectors about how the contents are compressed, and what is no JSON of contents.

use e2ee_reference::canonical_json;

use super::{Error, Expect, Inputs, Root, Set, about};
use crate::make::folder::{self, gzip, zlib};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
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
    let comment = "a gzip header whose own checksum does not fit";
    set.add(about("gzip-wrong-header-checksum", comment, &["R2-MD-03"], &["OddGzip"]), |world| {
        let root = Root::new();
        let plain = canonical_json::to_string(&folder::inner(&root.contents));
        let mut compressed = with_header_checksum(plain.as_bytes(), 0x02, &[]);
        // The octet after the ten of the fixed header.
        compressed[10] ^= 1;
        let document = root.document_around(world, &compressed)?;
        let expect = Expect::Acceptable(root.output(), "gzip-well-formed");
        Ok((Inputs::root(document.to_string(), &world.alice), expect))
    })
}

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
