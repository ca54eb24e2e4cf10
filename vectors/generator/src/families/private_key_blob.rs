//! The private key as it lies on the server.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::backend::{Hash, backend};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{self, Kdf, KeyDerivation as _};
use e2ee_reference::random;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, inputs};
use super::kdf::SALT;
use super::mnemonic::WORDS;
use crate::error::Error;
use crate::make::text::{pem, pem_body, to_base64};
use crate::memo::Memo;
use crate::outcome::Outcome;
use crate::set::{Expect, Set, about};
use crate::world::{self, World};

mod broken;

pub(crate) const FAMILY: Family =
    Family { name: "private-key-blob", summary: "the encrypted private key", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    mnemonic: String,
    blob: String,
}

fn evaluate(of: &Value, memo: &Memo) -> Outcome {
    let inputs: Inputs = inputs(of)?;
    let mnemonic = Mnemonic::parse(&inputs.mnemonic)?;
    let (key, kdf) = private_key_blob::open_with(&inputs.blob, &mnemonic, memo)?;
    Ok(output(&key.to_pem(), kdf))
}

fn output(private_key: &str, kdf: Kdf) -> Value {
    let hash = if kdf.hash() == Hash::Sha1 { "SHA-1" } else { "SHA-256" };
    json!({ "privateKey": private_key, "hash": hash, "rounds": kdf.rounds() })
}

/// The salt of iOS in 2017.
const SALT_OF_2017: &[u8] = b"$4$YmBjm3hk$Qb74D5IUYwghUmzsMqeNFx5z0/8$";

/// How a client writes blobs.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    kdf: Kdf,
    nonce_length: usize,
    separator: &'static str,
    columns: usize,
}

impl Dialect {
    const CURRENT: Self = Self { kdf: Kdf::CURRENT, nonce_length: 12, separator: "|", columns: 64 };

    fn seal(self, memo: &Memo, plain: &str) -> Result<String, CryptoError> {
        let derived = memo.derive(&Mnemonic::parse(WORDS)?, &SALT, self.kdf)?;
        self.seal_under(&*derived, plain).map(|parts| parts.join(self.separator))
    }

    /// The three parts, under any AES key.
    fn seal_under(self, key: &[u8], plain: &str) -> Result<[String; 3], CryptoError> {
        let nonce = &random::array::<16>()[..self.nonce_length];
        let sealed = backend().aes_gcm_seal(key, nonce, plain.as_bytes())?;
        Ok([&sealed[..], nonce, &SALT].map(to_base64))
    }

    /// What is encrypted: base64 of PEM. 65 columns are Android's, which ends without a line end.
    fn plain(self, world: &World) -> String {
        let der = pem_body(&world::private_key(&world.alice));
        to_base64(pem("PRIVATE KEY", &der, self.columns, self.columns != 65))
    }

    fn valid(self, memo: &Memo, world: &World) -> Result<(Inputs, Expect), CryptoError> {
        let blob = self.seal(memo, &self.plain(world))?;
        Ok((Inputs::new(blob), Expect::Valid(output(&world::private_key(&world.alice), self.kdf))))
    }
}

impl Inputs {
    fn new(blob: String) -> Self {
        Self { mnemonic: WORDS.to_owned(), blob }
    }
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    let memo = Memo::default();
    for (kdf_name, requirements, kdf) in FUNCTIONS {
        for (nonce_length, separator, columns) in FORMS {
            let dialect = Dialect { kdf: *kdf, nonce_length: *nonce_length, separator, columns: *columns };
            let separator_name = if *separator == "|" { "bar" } else { "old-separator" };
            let name = format!("{kdf_name}-nonce{nonce_length}-{separator_name}-pem{columns}");
            let comment = format!(
                "{kdf_name}, nonce of {nonce_length} bytes, parts joined by {separator}, PEM of {columns} columns"
            );
            set.add(about(name, comment, requirements, &flags(dialect)), |world| {
                dialect.valid(&memo, world)
            })?;
        }
    }
    oddities(set, &memo)?;
    broken::generate(set, &memo)
}

fn flags(dialect: Dialect) -> Vec<&'static str> {
    let all = [
        ("LegacyKdf", dialect.kdf != Kdf::CURRENT),
        ("LongNonce", dialect.nonce_length == 16),
        ("OldSeparator", dialect.separator != "|"),
        ("PemWidth", dialect.columns != 64),
    ];
    all.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect()
}

const FUNCTIONS: &[(&str, &[&str], Kdf)] = &[
    ("sha256-600000", &["R2-KEY-11", "R2-KEY-12", "R2-KEY-13", "R2-KEY-24"], Kdf::Sha256Rounds600000),
    ("sha1-1024", &["R1-KEY-10", "R1-KEY-16", "R1-KEY-19"], Kdf::Sha1Rounds1024),
    ("sha1-600000", &["R2-KEY-23"], Kdf::Sha1Rounds600000),
    ("sha1-1000", &["R2-KEY-22"], Kdf::Sha1Rounds1000),
];

const FORMS: &[(usize, &str, usize)] = &[
    (12, "|", 64),
    (12, "|", 65),
    (12, "fA==", 64),
    (12, "fA==", 65),
    (16, "|", 64),
    (16, "|", 65),
    (16, "fA==", 64),
    (16, "fA==", 65),
];

/// Blobs that must be read and are special in another way.
fn oddities(set: &mut Set<'_>, memo: &Memo) -> Result<(), Error> {
    let quick = Dialect { kdf: Kdf::Sha1Rounds1024, ..Dialect::CURRENT };
    let valid = |blob: String, world: &World, kdf| {
        Ok((Inputs::new(blob), Expect::Valid(output(&world::private_key(&world.alice), kdf))))
    };
    let comment = "two parts only, derived with the fixed salt of iOS in 2017";
    set.add(about("ios-2017", comment, &["R1-KEY-11"], &["FixedSalt", "LongNonce"]), |world| {
        let mnemonic = Mnemonic::parse(WORDS)?;
        let derived = memo.derive(&mnemonic, SALT_OF_2017, quick.kdf)?;
        let dialect = Dialect { nonce_length: 16, ..quick };
        let [sealed, nonce, _] = dialect.seal_under(&*derived, &dialect.plain(world))?;
        valid(format!("{sealed}fA=={nonce}"), world, quick.kdf)
    })?;
    let comment = "a ciphertext whose base64 ends as the old separator does";
    set.add(about("ciphertext-ends-like-separator", comment, &["R1-KEY-11"], &["OldSeparator"]), |world| {
        let plain = (64..).map(|columns| Dialect { columns, ..quick }.plain(world));
        let plain = plain.take(64).find(|plain| (plain.len() + 16) % 3 == 1).unwrap_or_default();
        loop {
            let blob = Dialect { separator: "fA==", ..quick }.seal(memo, &plain)?;
            if blob.contains("fA==fA==") {
                return valid(blob, world, quick.kdf);
            }
        }
    })?;
    for (name, comment, columns) in [
        ("pem-one-line", "PEM whose body is a single line", 0),
        ("pem-76-columns", "PEM with the line length of MIME", 76),
        ("pem-short-lines", "PEM with lines of 16 characters", 16),
    ] {
        set.add(about(name, comment, &["R2-KEY-11"], &["PemWidth"]), |world| {
            Dialect { columns, ..quick }.valid(memo, world)
        })?;
    }
    let comment = "PEM with the line ends of Windows";
    set.add(about("pem-crlf", comment, &["R2-KEY-11"], &["PemWidth"]), |world| {
        let pem = world::private_key(&world.alice).replace('\n', "\r\n");
        valid(quick.seal(memo, &to_base64(pem))?, world, quick.kdf)
    })?;
    let comment = "a line end after the blob, as a form field may carry it";
    set.add(about("line-end-after", comment, &["R2-KEY-11"], &[]), |world| {
        valid(quick.seal(memo, &quick.plain(world))? + "\n", world, quick.kdf)
    })?;
    let comment = "the mnemonic in capitals and with tabs opens the same blob";
    set.add(
        about("mnemonic-in-capitals", comment, &["R2-KEY-15"], &["CaseOfMnemonic", "SpaceInMnemonic"]),
        |world| {
            let (inputs, expect) = quick.valid(memo, world)?;
            Ok((Inputs { mnemonic: WORDS.to_uppercase().replace(' ', "\t"), ..inputs }, expect))
        },
    )
}
