//! The checksum of metadata 1.2.

use e2ee_reference::metadata_v1;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, inputs};
use super::mnemonic::WORDS;
use crate::error::Error;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Plain, Set, about};
use e2ee_reference::backend::backend;

pub(crate) const FAMILY: Family =
    Family { name: "checksum-1.2", summary: "the checksum of metadata 1.2", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    mnemonic: String,
    /// Ids of `files` as they stand in the document.
    ids: Vec<String>,
    /// The wrapped key as it stands in the document.
    metadata_key: String,
    checksum: String,
}

const RULE: &str = "checksum-matches";

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let Inputs { mnemonic, ids, metadata_key, checksum } = inputs(of)?;
    let computed = metadata_v1::checksum(&mnemonic, ids.iter().map(String::as_str), &metadata_key);
    if computed == checksum { Ok(json!({ "checksum": checksum })) } else { Err(Stop::Refused(RULE)) }
}

const WRAPPED: &str = "GWTb7Cg7Tn5vSVXKkZAPkQ==";
const PASSPHRASE: &str = "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellow";

/// What is hashed, run together by hand.
fn hash(text: &str) -> String {
    hex::encode(backend().sha256(text.as_bytes()))
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, flags, mnemonic, ids, hashed) in VALID {
        set.add(about(*name, *comment, &["R12-CHK-01"], flags), |_| {
            let checksum = hash(&format!("{hashed}{WRAPPED}"));
            Ok((inputs_of(mnemonic, ids, checksum.clone()), Expect::Valid(json!({ "checksum": checksum }))))
        })?;
    }
    for (name, comment, checksum) in INVALID {
        set.add(about(*name, *comment, &["R12-CHK-01"], &["OtherChecksum"]), |_| {
            Ok((inputs_of(WORDS, &["b", "a"], checksum()), Expect::Invalid(RULE)))
        })?;
    }
    Ok(())
}

fn inputs_of(mnemonic: &str, ids: &[&str], checksum: String) -> Inputs {
    Inputs {
        mnemonic: mnemonic.to_owned(),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        metadata_key: WRAPPED.to_owned(),
        checksum,
    }
}

/// Name, comment, flags, mnemonic, ids, what is hashed before the wrapped key.
type Valid = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static [&'static str],
    &'static str,
);

const VALID: &[Valid] = &[
    (
        "one-file",
        "one file",
        &[],
        WORDS,
        &["00112233445566778899aabbccddeeff"],
        "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellow00112233445566778899aabbccddeeff",
    ),
    ("no-files", "no files", &[], WORDS, &[], PASSPHRASE),
    (
        "sorted",
        "ids are sorted",
        &[],
        WORDS,
        &["c", "a", "b"],
        "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellowabc",
    ),
    (
        "sorted-by-code",
        "capitals sort before small letters",
        &[],
        WORDS,
        &["b", "A", "a", "B"],
        "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellowABab",
    ),
    (
        "sorted-as-text",
        "digits sort as text",
        &[],
        WORDS,
        &["9", "10", "1"],
        "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellow1109",
    ),
    (
        "prefix-first",
        "an id sorts before the longer ones that begin with it",
        &[],
        WORDS,
        &["ab", "a", "abc"],
        "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellowaababc",
    ),
    (
        "mnemonic-without-blanks",
        "a mnemonic that is kept without blanks",
        &[],
        PASSPHRASE,
        &["a"],
        "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellowa",
    ),
    ("mnemonic-empty", "an empty mnemonic, as in the tests of desktop", &[], "", &["a"], "a"),
    (
        "mnemonic-keeps-case",
        "capitals of the mnemonic stay, unlike in the key derivation",
        &["CaseOfMnemonic"],
        "Legal Winner",
        &["a"],
        "LegalWinnera",
    ),
    (
        "mnemonic-keeps-tabs",
        "only blanks (U+0020) go, unlike in the key derivation",
        &["SpaceInMnemonic"],
        "legal\twinner thank",
        &["a"],
        "legal\twinnerthanka",
    ),
];

const INVALID: &[Plain<fn() -> String>] = &[
    ("empty", "an empty checksum", String::new),
    ("with-blanks", "the mnemonic with its blanks", || hash(&format!("{WORDS}ab{WRAPPED}"))),
    ("not-sorted", "ids in the order of the document", || hash(&format!("{PASSPHRASE}ba{WRAPPED}"))),
    ("separated", "ids with commas between them", || hash(&format!("{PASSPHRASE}a,b{WRAPPED}"))),
    ("without-ids", "the ids left out", || hash(&format!("{PASSPHRASE}{WRAPPED}"))),
    ("id-missing", "one id left out, as after the removal of a file by the server", || {
        hash(&format!("{PASSPHRASE}a{WRAPPED}"))
    }),
    ("id-added", "one id too many", || hash(&format!("{PASSPHRASE}abc{WRAPPED}"))),
    ("without-mnemonic", "the mnemonic left out, so that the server can compute it", || {
        hash(&format!("ab{WRAPPED}"))
    }),
    ("without-key", "the wrapped key left out", || hash(&format!("{PASSPHRASE}ab"))),
    ("other-key", "another wrapped key, as the server inserts it", || hash(&format!("{PASSPHRASE}abAAAA"))),
    ("key-first", "the wrapped key first", || hash(&format!("{WRAPPED}{PASSPHRASE}ab"))),
    ("other-mnemonic", "another user's mnemonic", || {
        hash(&format!("zoozoozoozoozoozoozoozoozoozoozoozooab{WRAPPED}"))
    }),
    ("upper-case", "hex in capitals", || hash(&format!("{PASSPHRASE}ab{WRAPPED}")).to_uppercase()),
    ("cut-short", "the first half", || hash(&format!("{PASSPHRASE}ab{WRAPPED}"))[..32].to_owned()),
];
