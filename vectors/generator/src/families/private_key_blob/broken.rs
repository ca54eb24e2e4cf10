//! Blobs that must not open.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::backend::{Hash, backend};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{Kdf, KeyDerivation as _};
use e2ee_reference::random;
use e2ee_rustcrypto::deviant;

use super::{Dialect, Inputs, SALT_OF_2017, output};
use crate::error::Error;
use crate::families::kdf::SALT;
use crate::families::mnemonic::WORDS;
use crate::make::text::{pem, pem_body, to_base64, with_stray_character};
use crate::memo::Memo;
use crate::set::{Expect, Set, about};
use crate::world::{self, World};

const QUICK: Dialect = Dialect { kdf: Kdf::Sha1Rounds1024, ..Dialect::CURRENT };
const OPENS: &str = "private-key-blob-opens";

pub(super) fn generate(set: &mut Set<'_>, memo: &Memo) -> Result<(), Error> {
    let comment = "the blob of another mnemonic";
    set.add(about("wrong-mnemonic", comment, &["R2-KEY-15", "R2-SEC-03"], &[]), |world| {
        // Same salt, and the other mnemonic only for writing: a verifier needs no more slow derivations.
        let other = Mnemonic::parse("zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo")?;
        let derived = memo.derive(&other, &SALT, QUICK.kdf)?;
        let parts = QUICK.seal_under(&*derived, &QUICK.plain(world))?;
        Ok((Inputs::new(parts.join("|")), Expect::Invalid(OPENS)))
    })?;
    for (name, comment, requirements, rule, damage) in DAMAGES {
        set.add(about(*name, *comment, requirements, &["DamagedBlob"]), |world| {
            let derived = memo.derive(&Mnemonic::parse(WORDS)?, &SALT, QUICK.kdf)?;
            let parts = QUICK.seal_under(&*derived, &QUICK.plain(world))?;
            Ok((Inputs::new(damage(parts)), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, length) in NONCES {
        set.add(about(*name, *comment, &["R2-KEY-13"], &["NonceLength"]), |world| {
            let derived = memo.derive(&Mnemonic::parse(WORDS)?, &SALT, QUICK.kdf)?;
            let nonce = &random::array::<16>()[..*length];
            let sealed = deviant::seal(&*derived, nonce, QUICK.plain(world).as_bytes())?;
            let parts = [&sealed[..], nonce, &SALT].map(to_base64);
            Ok((Inputs::new(parts.join("|")), Expect::Invalid("nonce-length")))
        })?;
    }
    let comment =
        "two parts with the fixed salt of iOS in 2017, but with the derivation of today, which nobody joined";
    set.add(about("fixed-salt-of-today", comment, &["R1-KEY-11", "R2-KEY-12"], &["FixedSalt"]), |world| {
        let derived = memo.derive(&Mnemonic::parse(WORDS)?, SALT_OF_2017, Kdf::CURRENT)?;
        let [sealed, nonce, _] = Dialect::CURRENT.seal_under(&*derived, &Dialect::CURRENT.plain(world))?;
        let output = output(&world::private_key(&world.alice), Kdf::CURRENT);
        Ok((Inputs::new(format!("{sealed}|{nonce}")), Expect::Acceptable(output, OPENS)))
    })?;
    for (name, comment, rule, plain) in CONTENTS {
        set.add(about(*name, *comment, &["R2-KEY-11"], &["OddPlaintext"]), |world| {
            Ok((Inputs::new(QUICK.seal(memo, &plain(world)?)?), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, requirements, password, rounds) in DERIVATIONS {
        set.add(about(*name, *comment, requirements, &["OtherDerivation"]), |world| {
            let mut key = [0; 32];
            backend().pbkdf2(Hash::Sha1, password.as_bytes(), &SALT, *rounds, &mut key)?;
            let parts = QUICK.seal_under(&key, &QUICK.plain(world))?;
            Ok((Inputs::new(parts.join("|")), Expect::Invalid(OPENS)))
        })?;
    }
    let comment = "AES-128 with the first half of the derived key";
    set.add(about("aes-128", comment, &["R2-KEY-13"], &["OtherDerivation"]), |world| {
        let derived = memo.derive(&Mnemonic::parse(WORDS)?, &SALT, QUICK.kdf)?;
        let parts = QUICK.seal_under(&derived[..16], &QUICK.plain(world))?;
        Ok((Inputs::new(parts.join("|")), Expect::Invalid(OPENS)))
    })
}

/// Name, comment, length of the nonce under which the blob is sealed.
const NONCES: &[(&str, &str, usize)] = &[
    ("nonce-empty", "an empty nonce, under which the blob is really sealed", 0),
    ("nonce-11-bytes", "a nonce of 11 bytes, under which the blob is really sealed", 11),
    ("nonce-13-bytes", "a nonce of 13 bytes, under which the blob is really sealed", 13),
];

type Parts = [String; 3];
/// Name, comment, requirements, rule, what is done to the parts.
type Damage = (&'static str, &'static str, &'static [&'static str], &'static str, fn(Parts) -> String);

const DAMAGES: &[Damage] = &[
    (
        "tag-bit",
        "one bit of the authentication tag is another",
        &["R2-KEY-13", "R2-SEC-04"],
        OPENS,
        |parts| edit(parts, 0, |bytes| flip(bytes, -1)),
    ),
    (
        "ciphertext-first-bit",
        "one bit of the first octet is another",
        &["R2-KEY-13", "R2-SEC-04"],
        OPENS,
        |parts| edit(parts, 0, |bytes| flip(bytes, 0)),
    ),
    ("nonce-bit", "one bit of the nonce is another", &["R2-KEY-13"], OPENS, |parts| {
        edit(parts, 1, |bytes| flip(bytes, 0))
    }),
    (
        "tag-cut-to-12",
        "the tag is cut to 12 bytes, which some libraries take for a short tag",
        &["R2-KEY-13"],
        OPENS,
        |parts| edit(parts, 0, |bytes| bytes.truncate(bytes.len() - 4)),
    ),
    ("tag-missing", "the tag is missing", &["R2-KEY-14", "R2-KEY-13"], OPENS, |parts| {
        edit(parts, 0, |bytes| bytes.truncate(bytes.len() - 16))
    }),
    ("tag-first", "the tag stands before the ciphertext", &["R2-KEY-13"], OPENS, |parts| {
        edit(parts, 0, |bytes| bytes.rotate_right(16))
    }),
    ("shorter-than-tag", "15 bytes of ciphertext", &["R2-KEY-13"], OPENS, |parts| {
        edit(parts, 0, |bytes| bytes.truncate(15))
    }),
    ("ciphertext-empty", "no ciphertext at all", &["R2-KEY-13"], OPENS, |[_, nonce, salt]| {
        format!("|{nonce}|{salt}")
    }),
    ("byte-after-tag", "one byte after the tag", &["R2-KEY-13"], OPENS, |parts| {
        edit(parts, 0, |bytes| bytes.push(0))
    }),
    (
        "salt-and-nonce-swapped",
        "salt and nonce have changed places",
        &["R2-KEY-12"],
        "nonce-length",
        |[sealed, nonce, salt]| [sealed, salt, nonce].join("|"),
    ),
    ("salt-empty", "an empty salt", &["R2-KEY-12"], "member-well-formed", |[sealed, nonce, _]| {
        format!("{sealed}|{nonce}|")
    }),
    ("one-part", "the ciphertext alone", &["R1-KEY-11"], "member-well-formed", |[sealed, ..]| sealed),
    ("four-parts", "a fourth part, such as a separate tag", &["R1-KEY-11"], "member-well-formed", |parts| {
        parts.join("|") + "|AAAAAAAAAAAAAAAAAAAAAA=="
    }),
    (
        "empty",
        "nothing at all, which some servers answer when there is no key",
        &["R1-KEY-11"],
        "member-well-formed",
        |_| String::new(),
    ),
    (
        "json",
        "the separate members of the prototype of 2019",
        &["R1-KEY-11"],
        "member-well-formed",
        |[sealed, nonce, salt]| {
            format!("{{\"encryptedKey\":\"{sealed}\",\"nonce\":\"{nonce}\",\"salt\":\"{salt}\"}}")
        },
    ),
    ("other-separator", "colons in place of bars", &["R1-KEY-11"], "member-well-formed", |parts| {
        parts.join(":")
    }),
    (
        "ciphertext-not-base64",
        "a character inside the ciphertext that base64 does not have",
        &["R2-KEY-11"],
        "base64-well-formed",
        |[sealed, nonce, salt]| [with_stray_character(&sealed), nonce, salt].join("|"),
    ),
    (
        "ciphertext-unpadded",
        "base64 without its padding",
        &["R2-KEY-11"],
        "base64-well-formed",
        |[sealed, nonce, salt]| [sealed.trim_end_matches('=').to_owned(), nonce, salt].join("|"),
    ),
    (
        "ciphertext-url-safe",
        "the base64 of addresses, with - and _",
        &["R2-KEY-11"],
        "base64-well-formed",
        |[sealed, nonce, salt]| [sealed.replace('+', "-").replace('/', "_"), nonce, salt].join("|"),
    ),
    (
        "ciphertext-wrapped",
        "base64 broken into lines",
        &["R2-KEY-11"],
        "base64-well-formed",
        |[sealed, nonce, salt]| {
            let (first, rest) = sealed.split_at(76);
            format!("{first}\n{rest}|{nonce}|{salt}")
        },
    ),
    (
        "nonce-not-base64",
        "a character inside the nonce that base64 does not have",
        &["R2-KEY-11"],
        "base64-well-formed",
        |[sealed, nonce, salt]| [sealed, with_stray_character(&nonce), salt].join("|"),
    ),
    (
        "salt-not-base64",
        "a character inside the salt that base64 does not have",
        &["R2-KEY-12"],
        "base64-well-formed",
        |[sealed, nonce, salt]| [sealed, nonce, with_stray_character(&salt)].join("|"),
    ),
    ("huge", "a blob of more than 64 KiB", &["R2-KEY-11"], "within-limits", |[_, nonce, salt]| {
        [to_base64([0; 49_200]), nonce, salt].join("|")
    }),
];

type Plain = fn(&World) -> Result<String, CryptoError>;

const CONTENTS: &[(&str, &str, &str, Plain)] = &[
    (
        "pem-without-base64",
        "PEM encrypted as it is, one base64 level too few",
        "base64-well-formed",
        |world| Ok(world::private_key(&world.alice)),
    ),
    ("base64-of-der", "base64 of DER without PEM armour", "pem-well-formed", |world| {
        Ok(to_base64(pem_body(&world::private_key(&world.alice))))
    }),
    ("base64-twice", "one base64 level too many", "pem-well-formed", |world| {
        Ok(to_base64(to_base64(world::private_key(&world.alice))))
    }),
    ("empty-plaintext", "nothing inside", "pem-well-formed", |_| Ok(String::new())),
    ("pkcs1", "the key in PKCS#1 under its label", "pem-well-formed", |world| {
        let pkcs8 = pem_body(&world::private_key(&world.alice));
        // The PKCS#1 key is the OCTET STRING at the end of PKCS#8, behind 26 bytes of header.
        Ok(to_base64(pem("RSA PRIVATE KEY", &pkcs8[26..], 64, true)))
    }),
    (
        "pkcs1-under-pkcs8-label",
        "the key in PKCS#1 under the label of PKCS#8",
        "encoding-well-formed",
        |world| {
            let pkcs8 = pem_body(&world::private_key(&world.alice));
            Ok(to_base64(pem("PRIVATE KEY", &pkcs8[26..], 64, true)))
        },
    ),
    ("certificate-inside", "a certificate in place of a key", "pem-well-formed", |world| {
        Ok(to_base64(world.alice.certificate().to_pem()))
    }),
    ("public-key-inside", "a public key in place of a private one", "pem-well-formed", |world| {
        Ok(to_base64(world.alice.certificate().public_key().to_pem()))
    }),
    ("elliptic-key-inside", "a key on an elliptic curve", "encoding-well-formed", |_| {
        Ok(to_base64(world::KEYS.iter().find(|(name, _)| *name == "elliptic").map_or("", |(_, pem)| pem)))
    }),
    ("key-cut-short", "PKCS#8 cut in the middle", "encoding-well-formed", |world| {
        let pkcs8 = pem_body(&world::private_key(&world.alice));
        Ok(to_base64(pem("PRIVATE KEY", &pkcs8[..600], 64, true)))
    }),
];

const DERIVATIONS: &[(&str, &str, &[&str], &str, u32)] = &[
    (
        "derived-with-blanks",
        "derived from the mnemonic with its blanks",
        &["R2-KEY-15", "R1-KEY-13"],
        WORDS,
        1024,
    ),
    (
        "derived-from-capitals",
        "derived from the mnemonic in capitals, as a client does that keeps the case",
        &["R2-KEY-15", "R1-KEY-13"],
        "LEGALWINNERTHANKYEARWAVESAUSAGEWORTHUSEFULLEGALWINNERTHANKYELLOW",
        1024,
    ),
    (
        "derived-with-1023-rounds",
        "one round fewer than anybody took",
        &["R2-KEY-22"],
        "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellow",
        1023,
    ),
    (
        "derived-with-one-round",
        "a single round, which a malicious server would like",
        &["R2-KEY-12"],
        "legalwinnerthankyearwavesausageworthusefullegalwinnerthankyellow",
        1,
    ),
    ("derived-from-nothing", "derived from an empty password", &["R2-KEY-15"], "", 1024),
];

fn edit(mut parts: Parts, index: usize, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = crate::make::text::from_base64(&parts[index]).unwrap_or_default();
    change(&mut bytes);
    parts[index] = to_base64(bytes);
    parts.join("|")
}

/// Changes one bit of an octet, counted from the end if negative.
fn flip(bytes: &mut [u8], index: isize) {
    let index = index.rem_euclid(bytes.len() as isize) as usize;
    bytes[index] ^= 1;
}
