//! A key wrapped for a user.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::backend::backend;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::MetadataKey;
use e2ee_reference::random;
use e2ee_rustcrypto::deviant::{self, Wrapping};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, base64, inputs};
use crate::error::Error;
use crate::make::text::{to_base64, with_stray_character};
use crate::memo::Memo;
use crate::outcome::Outcome;
use crate::set::{Expect, Plain, Set, about};
use crate::world::{self, World};

pub(crate) const FAMILY: Family =
    Family { name: "oaep", summary: "a metadata key wrapped for a user", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    private_key: String,
    wrapped: String,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let inputs: Inputs = inputs(of)?;
    let private_key = PrivateKey::from_pem(&inputs.private_key)?;
    let key = backend().oaep_unwrap(&private_key, &base64(&inputs.wrapped)?)?;
    Ok(output(MetadataKey::from_slice(&key)?.as_bytes()))
}

fn output(key: &[u8]) -> Value {
    json!({ "key": hex::encode(key) })
}

impl Inputs {
    fn for_alice(world: &World, wrapped: impl AsRef<[u8]>) -> Self {
        Self { private_key: world::private_key(&world.alice), wrapped: to_base64(wrapped) }
    }
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for number in 1..=6 {
        set.add(
            about(format!("random-{number}"), "a random key", &["R2-MD-05", "R2-MD-04"], &[]),
            |world| {
                let (who, key) = ([&world.alice, &world.bob, &world.link][number % 3], random::array::<16>());
                let wrapped = to_base64(backend().oaep_wrap(who.certificate().public_key(), &key)?);
                let inputs = Inputs { private_key: world::private_key(who), wrapped };
                Ok((inputs, Expect::Valid(output(&key))))
            },
        )?;
    }
    for (name, comment, key) in KEYS {
        set.add(about(*name, *comment, &["R2-MD-05", "R2-MD-04"], &[]), |world| {
            Ok((Inputs::for_alice(world, wrap(world, *key)?), Expect::Valid(output(*key))))
        })?;
    }
    let comment = "a wrapped key that begins with a zero octet, which must not get lost";
    set.add(about("leading-zero", comment, &["R2-MD-05"], &["LeadingZero"]), |world| {
        let key = random::array::<16>();
        let wrapped = with_leading_zero(world, &key)?;
        Ok((Inputs::for_alice(world, wrapped), Expect::Valid(output(&key))))
    })?;
    let comment = "the zero octet that a wrapped key begins with is missing: 255 bytes where RFC 8017 wants as many as the modulus has";
    set.add(
        about("leading-zero-missing", comment, &["R2-MD-05"], &["LeadingZero", "Truncation"]),
        |world| {
            let wrapped = with_leading_zero(world, &random::array::<16>())?;
            Ok((Inputs::for_alice(world, &wrapped[1..]), Expect::Invalid(OPENS)))
        },
    )?;
    let comment = "the wrapped key in hex, which is base64 of 384 bytes";
    set.add(about("in-hex", comment, &["R2-MD-05"], &["OtherBase64"]), |world| {
        let mut inputs = Inputs::for_alice(world, []);
        inputs.wrapped = hex::encode(wrap(world, &random::array::<16>())?);
        Ok((inputs, Expect::Invalid(OPENS)))
    })?;
    for (name, comment, wrapping) in DEVIATIONS {
        set.add(about(*name, *comment, &["R2-MD-05"], &["OtherWrapping"]), |world| {
            let wrapped =
                deviant::wrap(*wrapping, world.alice.certificate().public_key(), &random::array::<16>())?;
            Ok((Inputs::for_alice(world, wrapped), Expect::Invalid("wrapped-key-opens")))
        })?;
    }
    for (name, comment, requirements, flags, rule, make) in BROKEN {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let wrapped = make(world)?;
            Ok((Inputs::for_alice(world, wrapped), Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, edit) in FORMS {
        set.add(about(*name, *comment, &["R2-MD-05"], &["OtherBase64"]), |world| {
            let mut inputs = Inputs::for_alice(world, wrap(world, &random::array::<16>())?);
            inputs.wrapped = edit(inputs.wrapped);
            Ok((inputs, Expect::Invalid("base64-well-formed")))
        })?;
    }
    Ok(())
}

const KEYS: &[(&str, &str, &[u8; 16])] = &[
    ("key-of-zeros", "a key of zeros", &[0; 16]),
    ("key-of-ones", "a key of ones", &[0xff; 16]),
    ("key-begins-with-zero", "a key that begins with a zero octet", b"\0ELLOW SUBMARINE"),
    ("key-ends-with-zero", "a key that ends with a zero octet", b"YELLOW SUBMARIN\0"),
    ("key-is-text", "raw bytes that look like base64 text and must be used as they are", b"WUVMTE9XIFNVQk1B"),
    ("key-is-hex", "raw bytes that look like hex and must be used as they are", b"00112233445566aa"),
];

const DEVIATIONS: &[(&str, &str, Wrapping)] = &[
    (
        "mgf1-sha1",
        "SHA-256 with MGF1 by SHA-1: what a stock JVM does under the name in the specification",
        Wrapping::Mgf1Sha1,
    ),
    ("sha1", "SHA-1 in both places", Wrapping::OaepSha1),
    ("label", "a label that is not empty", Wrapping::Label("metadata key")),
    ("pkcs1-v15", "PKCS#1 v1.5, as desktop does with hardware tokens", Wrapping::Pkcs1v15),
];

type Make = fn(&World) -> Result<Vec<u8>, CryptoError>;
/// Name, comment, requirements, flags, rule, wrapped key.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static str, Make);

const OPENS: &str = "wrapped-key-opens";
const WRAP: &[&str] = &["R2-MD-05"];
const RAW: &[&str] = &["R2-MD-05", "R2-MD-04"];

const BROKEN: &[Row] = &[
    (
        "other-user",
        "wrapped for somebody else",
        &["R2-SEC-03", "R2-MD-05", "R1-SEC-04"],
        &[],
        OPENS,
        |world| backend().oaep_wrap(world.bob.certificate().public_key(), &[1; 16]),
    ),
    ("bit", "one bit is another", WRAP, &["BitFlip"], OPENS, |world| {
        let mut wrapped = wrap(world, &[1; 16])?;
        wrapped[100] ^= 1;
        Ok(wrapped)
    }),
    ("byte-missing", "the last byte is missing", WRAP, &["Truncation"], OPENS, |world| {
        let mut wrapped = wrap(world, &[1; 16])?;
        wrapped.pop();
        Ok(wrapped)
    }),
    (
        "first-byte-missing",
        "the first byte is missing, although it is not zero",
        WRAP,
        &["Truncation"],
        OPENS,
        |world| Ok(wrap(world, &[1; 16])?[1..].to_vec()),
    ),
    (
        "zero-byte-before",
        "a zero byte before the 256 of the modulus",
        WRAP,
        &["ExcessBytes"],
        OPENS,
        |world| Ok([&[0], &wrap(world, &[1; 16])?[..]].concat()),
    ),
    ("byte-after", "a byte after the 256 of the modulus", WRAP, &["ExcessBytes"], OPENS, |world| {
        Ok([&wrap(world, &[1; 16])?[..], &[0]].concat())
    }),
    ("empty", "nothing at all", WRAP, &["Truncation"], OPENS, |_| Ok(Vec::new())),
    ("zero", "the number 0", WRAP, &["OddNumber"], OPENS, |_| Ok(vec![0; 256])),
    ("one", "the number 1", WRAP, &["OddNumber"], OPENS, |_| Ok([&[0; 255][..], &[1]].concat())),
    ("above-modulus", "a number above the modulus", WRAP, &["OddNumber"], OPENS, |_| Ok(vec![0xff; 256])),
    ("key-not-wrapped", "the key itself", WRAP, &["OtherWrapping"], OPENS, |_| Ok(vec![1; 16])),
    ("key-15-bytes", "a key of 15 bytes", RAW, &["KeyLength"], "key-length", |world| wrap(world, &[1; 15])),
    ("key-17-bytes", "a key of 17 bytes", RAW, &["KeyLength"], "key-length", |world| wrap(world, &[1; 17])),
    ("key-empty", "a key of no bytes", RAW, &["KeyLength"], "key-length", |world| wrap(world, &[])),
    ("key-32-bytes", "a key for AES-256", RAW, &["KeyLength"], "key-length", |world| wrap(world, &[1; 32])),
    (
        "key-as-base64",
        "the base64 of a key, as builds of July 2023 wrote it",
        RAW,
        &["KeyAsText"],
        "key-length",
        |world| wrap(world, to_base64([1; 16]).as_bytes()),
    ),
    (
        "key-as-base64-twice",
        "base64 of base64 of a key, as metadata 1.x have it",
        RAW,
        &["KeyAsText"],
        "key-length",
        |world| wrap(world, to_base64(to_base64([1; 16])).as_bytes()),
    ),
    ("key-as-hex", "the hex of a key", RAW, &["KeyAsText"], "key-length", |world| {
        wrap(world, hex::encode([1; 16]).as_bytes())
    }),
];

type Edit = fn(String) -> String;

const FORMS: &[Plain<Edit>] = &[
    ("unpadded", "base64 without its padding", |wrapped| wrapped.trim_end_matches('=').to_owned()),
    ("url-safe", "the base64 of addresses", |wrapped| wrapped.replace('+', "-").replace('/', "_")),
    ("wrapped-lines", "base64 broken into lines", |wrapped| {
        format!("{}\n{}", &wrapped[..76], &wrapped[76..])
    }),
    ("blank-after", "a blank after the base64", |wrapped| wrapped + " "),
    ("not-base64", "a character inside that base64 does not have", |wrapped| with_stray_character(&wrapped)),
];

fn with_leading_zero(world: &World, key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    loop {
        let wrapped = wrap(world, key)?;
        if wrapped[0] == 0 {
            return Ok(wrapped);
        }
    }
}

fn wrap(world: &World, key: &[u8]) -> Result<Vec<u8>, CryptoError> {
    backend().oaep_wrap(world.alice.certificate().public_key(), key)
}
