//! Whether a metadata key is in its folder's history.

use e2ee_reference::backend::backend;
use e2ee_reference::metadata::MetadataKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, bytes, inputs};
use crate::error::Error;
use crate::make::text::to_base64;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};

pub(crate) const FAMILY: Family = Family {
    name: "key-checksums",
    summary: "a metadata key and the checksums in a root folder",
    generate,
    evaluate,
};

const RULE: &str = "key-checksum-present";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    /// Hex.
    metadata_key: String,
    key_checksums: Vec<String>,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let inputs: Inputs = inputs(of)?;
    let checksum = MetadataKey::from_slice(&bytes(&inputs.metadata_key)?)?.checksum();
    if inputs.key_checksums.contains(&checksum) {
        Ok(json!({ "checksum": checksum }))
    } else {
        Err(Stop::Refused(RULE))
    }
}

/// The key of most vectors, and SHA-256 of it.
const KEY: &[u8; 16] = b"YELLOW SUBMARINE";
const CHECKSUM: &str = "876a397347432ede4fb5448a439b62e191e09daa925fdc48e63440a868924ad1";
/// SHA-256 of other keys.
const OLDER: &str = "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb";
const OLDEST: &str = "5ac6a5945f16500911219129984ba8b387a06f24fe383ce4e81a73294065461b";

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, key, checksum, checksums) in VALID {
        set.add(about(*name, *comment, &["R2-MD-10", "R2-VER-05"], &[]), |_| {
            Ok((inputs_of(*key, checksums), Expect::Valid(json!({ "checksum": checksum }))))
        })?;
    }
    for (name, comment, checksums) in INVALID {
        set.add(about(*name, *comment, &["R2-VER-05", "R2-ATK-02"], &["KeyHistory"]), |_| {
            Ok((inputs_of(KEY, checksums), Expect::Invalid(RULE)))
        })?;
    }
    for (name, comment, key, rule) in KEYS {
        set.add(about(*name, *comment, &["R2-MD-04", "R2-VER-05"], &["KeyLength"]), |_| {
            // Listed is what somebody computes who takes the bytes as they are, or as what they stand for.
            let own = hex::encode(backend().sha256(key));
            Ok((inputs_of(key, &[CHECKSUM, &own]), Expect::Invalid(rule)))
        })?;
    }
    let comment = "the base64 of SHA-256 in place of hex";
    set.add(about("base64-of-checksum", comment, &["R2-VER-05"], &["KeyHistory"]), |_| {
        let checksum = to_base64(hex::decode(CHECKSUM).unwrap_or_default());
        Ok((inputs_of(KEY, &[&checksum]), Expect::Invalid(RULE)))
    })
}

fn inputs_of(key: &[u8], checksums: &[&str]) -> Inputs {
    let key_checksums = checksums.iter().map(|checksum| (*checksum).to_owned()).collect();
    Inputs { metadata_key: hex::encode(key), key_checksums }
}

type Valid = (&'static str, &'static str, &'static [u8; 16], &'static str, &'static [&'static str]);

const VALID: &[Valid] = &[
    ("only", "a new folder: the key is its first", KEY, CHECKSUM, &[CHECKSUM]),
    ("last", "the key is the newest of three", KEY, CHECKSUM, &[OLDEST, OLDER, CHECKSUM]),
    (
        "first",
        "the key stands first: the order carries no meaning",
        KEY,
        CHECKSUM,
        &[CHECKSUM, OLDEST, OLDER],
    ),
    ("middle", "the key stands in the middle", KEY, CHECKSUM, &[OLDEST, CHECKSUM, OLDER]),
    ("twice", "the checksum stands twice", KEY, CHECKSUM, &[CHECKSUM, CHECKSUM]),
    (
        "beside-nonsense",
        "something beside it that is no checksum",
        KEY,
        CHECKSUM,
        &["", "nonsense", CHECKSUM],
    ),
    ("key-of-zeros", "a key of zeros", &[0; 16], OLDER, &[OLDER]),
    ("key-of-ones", "a key of ones", &[0xff; 16], OLDEST, &[OLDEST]),
];

const INVALID: &[(&str, &str, &[&str])] = &[
    ("empty", "no checksums at all", &[]),
    ("others-only", "checksums of other keys only", &[OLDEST, OLDER]),
    (
        "upper-case",
        "the checksum in capitals",
        &["876A397347432EDE4FB5448A439B62E191E09DAA925FDC48E63440A868924AD1"],
    ),
    (
        "blank-after",
        "a blank after the checksum",
        &["876a397347432ede4fb5448a439b62e191e09daa925fdc48e63440a868924ad1 "],
    ),
    (
        "of-base64",
        "SHA-256 of the base64 of the key",
        &["d0201917d97b0dc04211fd1011fac36ecbb4832338551bab14a6a64c551a83f2"],
    ),
    (
        "of-hex",
        "SHA-256 of the hex of the key",
        &["bf1588e26e1339271f344b734ddce49db959ce9821bb3a7fddb2082b07bd0601"],
    ),
    ("sha1", "SHA-1 of the key", &["ec9dbc02994d1d2670118cbb6fa3dedf54c09fe2"]),
    ("cut-short", "the first half of the checksum", &["876a397347432ede4fb5448a439b62e1"]),
    (
        "joined",
        "all checksums in one string",
        &[
            "876a397347432ede4fb5448a439b62e191e09daa925fdc48e63440a868924ad1876a397347432ede4fb5448a439b62e191e09daa925fdc48e63440a868924ad1",
        ],
    ),
    ("key-itself", "the key itself, in hex", &["59454c4c4f57205355424d4152494e45"]),
    ("empty-string", "an empty string", &[""]),
    (
        "double-hash",
        "SHA-256 of SHA-256 of the key",
        &["097db2235875eb837905a9d63d9be9f4179144f8a1e92e0ddcd08ae40ce54d80"],
    ),
];

const KEYS: &[(&str, &str, &[u8], &str)] = &[
    ("key-15-bytes", "a key of 15 bytes", b"YELLOW SUBMARIN", "key-length"),
    ("key-as-text", "the base64 of a key", b"WUVMTE9XIFNVQk1BUklORQ==", "key-length"),
    ("key-empty", "an empty key", b"", "key-length"),
];
