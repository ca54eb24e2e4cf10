//! From the mnemonic to the key of the private-key blob: PBKDF2.

use e2ee_reference::backend::Hash;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::Kdf;
use e2ee_reference::random;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, bytes, inputs};
use super::mnemonic::WORDS;
use crate::error::Error;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};

pub(crate) const FAMILY: Family =
    Family { name: "kdf", summary: "from a mnemonic and a salt to a key", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    mnemonic: String,
    /// Hex.
    salt: String,
    /// `SHA-1` or `SHA-256`.
    hash: String,
    rounds: u32,
}

fn evaluate(of: &Value, memo: &Memo) -> Outcome {
    let inputs: Inputs = inputs(of)?;
    let mnemonic = Mnemonic::parse(&inputs.mnemonic)?;
    let hash = match inputs.hash.as_str() {
        "SHA-1" => Hash::Sha1,
        "SHA-256" => Hash::Sha256,
        other => return Err(Stop::Failed(format!("inputs: there is no hash {other}"))),
    };
    let question = (hash, mnemonic.passphrase().into(), bytes(&inputs.salt)?, inputs.rounds);
    Ok(json!({ "key": hex::encode(*memo.pbkdf2(question)?) }))
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, kdf) in FUNCTIONS {
        add(set, name, comment, requirements, &[], Inputs::new(WORDS, &SALT, *kdf))?;
    }
    let r1 = Kdf::Sha1Rounds1024;
    for (name, comment, salt) in SALTS {
        add(set, name, comment, &["R1-KEY-10", "R1-KEY-19"], &[], Inputs::new(WORDS, salt, r1))?;
    }
    for (name, comment, flags, mnemonic) in MNEMONICS {
        add(set, name, comment, &["R1-KEY-10", "R1-KEY-13"], flags, Inputs::new(mnemonic, &SALT, r1))?;
    }
    for (name, comment, flags, mnemonic) in NOT_MNEMONICS {
        set.add(about(*name, *comment, &["R2-KEY-10"], flags), |_| {
            Ok((Inputs::new(mnemonic, &SALT, r1), Expect::Invalid("mnemonic-of-twelve-words")))
        })?;
    }
    for number in 1..=5 {
        let comment = "random words and salt, SHA-256 with fewer rounds than any client takes, to be quick";
        set.add(about(format!("random-{number}"), comment, &["R2-KEY-12"], &["FewRounds"]), |_| {
            let inputs = Inputs {
                mnemonic: Mnemonic::generate().words(),
                salt: hex::encode(random::array::<40>()),
                hash: "SHA-256".to_owned(),
                rounds: number,
            };
            computed(inputs)
        })?;
    }
    Ok(())
}

impl Inputs {
    fn new(mnemonic: &str, salt: &[u8], kdf: Kdf) -> Self {
        let hash = if kdf.hash() == Hash::Sha1 { "SHA-1" } else { "SHA-256" };
        Self {
            mnemonic: mnemonic.to_owned(),
            salt: hex::encode(salt),
            hash: hash.to_owned(),
            rounds: kdf.rounds(),
        }
    }
}

fn add(
    set: &mut Set<'_>,
    name: &str,
    comment: &str,
    requirements: &[&'static str],
    flags: &[&'static str],
    inputs: Inputs,
) -> Result<(), Error> {
    set.add(about(name, comment, requirements, flags), |_| computed(inputs))
}

/// The key as one library computes it; that the other one agrees is seen when the vectors are verified.
fn computed(inputs: Inputs) -> Result<(Inputs, Expect), e2ee_reference::Error> {
    let failed = e2ee_reference::Error::Backend("PBKDF2");
    let question = serde_json::to_value(&inputs).map_err(|_| failed.clone())?;
    let output = evaluate(&question, &Memo::default()).map_err(|_| failed)?;
    Ok((inputs, Expect::Valid(output)))
}

/// The salt of most vectors, so that a verifier needs few slow derivations.
pub(super) const SALT: [u8; 40] = *b"forty bytes of salt in every single blob";

const FUNCTIONS: &[(&str, &str, &[&str], Kdf)] = &[
    ("sha256-600000", "what is written today", &["R2-KEY-12", "R2-KEY-24"], Kdf::Sha256Rounds600000),
    ("sha1-600000", "what some builds wrote", &["R2-KEY-23"], Kdf::Sha1Rounds600000),
    ("sha1-1024", "what all clients wrote for years", &["R1-KEY-10", "R1-KEY-19"], Kdf::Sha1Rounds1024),
    (
        "sha1-1000",
        "what the specification tells to read, and nobody wrote",
        &["R2-KEY-22"],
        Kdf::Sha1Rounds1000,
    ),
];

const SALTS: &[(&str, &str, &[u8])] = &[
    ("salt-of-zeros", "a salt of zeros", &[0; 40]),
    ("salt-of-ones", "a salt of ones", &[0xff; 40]),
    (
        "salt-with-zero-inside",
        "a salt with a zero octet, where C strings end",
        b"forty bytes of\0salt in every single blob",
    ),
    ("salt-not-utf8", "a salt that is not UTF-8", &[0x80; 40]),
    ("salt-one-byte", "the shortest salt", &[7]),
    ("salt-64-bytes", "a salt longer than any client writes", &[7; 64]),
    ("salt-of-2017", "the fixed salt of iOS in 2017", b"$4$YmBjm3hk$Qb74D5IUYwghUmzsMqeNFx5z0/8$"),
];

type Row = (&'static str, &'static str, &'static [&'static str], &'static str);

const MNEMONICS: &[Row] = &[
    (
        "upper-case",
        "capitals are lowered before deriving",
        &["CaseOfMnemonic"],
        "LEGAL WINNER THANK YEAR WAVE SAUSAGE WORTH USEFUL LEGAL WINNER THANK YELLOW",
    ),
    (
        "tabs",
        "tabs and double blanks are removed before deriving",
        &["SpaceInMnemonic"],
        "legal\twinner  thank\tyear wave sausage\tworth useful legal  winner thank yellow\n",
    ),
    (
        "longer-than-a-block",
        "a password above 64 bytes, which HMAC hashes first",
        &[],
        "abstract accident acoustic announce artefact attitude bachelor broccoli business category champion cinnamon",
    ),
    ("shortest", "a password of 36 bytes", &[], "act add age aim air all any arm art ask bag bar"),
    (
        "exactly-a-block",
        "a password of 64 bytes, the longest that HMAC takes as it is",
        &[],
        "act add army all abuse about abandon absent absorb accident access accident",
    ),
    (
        "order-of-words",
        "the same words in another order give another key",
        &[],
        "yellow winner thank year wave sausage worth useful legal winner thank legal",
    ),
];

const NOT_MNEMONICS: &[Row] = &[
    (
        "not-twelve-words",
        "eleven words derive nothing",
        &[],
        "legal winner thank year wave sausage worth useful legal winner thank",
    ),
    (
        "word-of-no-list",
        "a word of no list derives nothing",
        &[],
        "legal winner thank year wave sausage worth useful legal winner thank nextcloud",
    ),
    ("empty-mnemonic", "nothing derives nothing", &[], ""),
    (
        "bip39-passphrase",
        "a thirteenth word as BIP-39 passphrase does not exist here",
        &[],
        "legal winner thank year wave sausage worth useful legal winner thank yellow TREZOR",
    ),
];
