//! Whether a certificate request may be signed for a user: the server's side of a set-up, and a test for what
//! a client sends.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::authority::{self, Authority};
use e2ee_reference::identity;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, inputs};
use crate::error::Error;
use crate::make::certificate::{Attribute, COMMON_NAME, desktop_name, named, request};
use crate::make::der;
use crate::make::text::{pem, pem_body};
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};
use crate::world::{LINK, NOW, World};

pub(crate) const FAMILY: Family = Family {
    name: "certificate-request",
    summary: "a certificate request that a client sends for a user",
    generate,
    evaluate,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    user_id: String,
    request: String,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let Inputs { user_id, request } = inputs(of)?;
    let named = authority::requested_common_name(&request)?;
    // Any authority would do: it checks the signature of the request.
    let issued = Authority::from_private_key(World::key("server")?).issue(&request, NOW)?;
    if named.as_deref() != Some(&user_id) {
        return Err(Stop::Refused("certificate-names-user"));
    }
    Ok(json!({ "publicKey": issued.public_key().to_pem() }))
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, user_id, make) in VALID {
        set.add(about(*name, *comment, requirements, &[]), |world| {
            let output = json!({ "publicKey": world.alice.certificate().public_key().to_pem() });
            let inputs = Inputs { user_id: (*user_id).to_owned(), request: make(world, user_id)? };
            Ok((inputs, Expect::Valid(output)))
        })?;
    }
    let comment = "the version number 1 where PKCS#10 wants 0, as desktop writes it";
    set.add(about("version-1", comment, &["R2-KEY-04"], &["RequestVersion"]), |world| {
        let output = json!({ "publicKey": world.alice.certificate().public_key().to_pem() });
        let request = by_alice(world, 1, &desktop_name("alice"), &[])?;
        Ok((Inputs { user_id: "alice".to_owned(), request }, Expect::Acceptable(output, MALFORMED)))
    })?;
    for (name, comment, flags, rule, make) in INVALID {
        set.add(about(*name, *comment, &["R2-KEY-04", "R2-KEY-05", "R1-KEY-04"], flags), |world| {
            Ok((
                Inputs { user_id: "alice".to_owned(), request: make(world, "alice")? },
                Expect::Invalid(rule),
            ))
        })?;
    }
    Ok(())
}

type Make = fn(&World, &str) -> Result<String, CryptoError>;

const VALID: &[(&str, &str, &[&str], &str, Make)] = &[
    (
        "plain",
        "the common name and nothing else",
        &["R2-KEY-04", "R2-KEY-05", "R1-KEY-04"],
        "alice",
        |world, id| identity::certificate_request(world.alice.private_key(), id),
    ),
    ("desktop", "five parts of a name", &["R2-KEY-05", "R1-KEY-04"], "alice", |world, id| {
        by_alice(world, 0, &desktop_name(id), &[])
    }),
    (
        "android",
        "an extension request for CA:TRUE, and PEM whose body is a single line",
        &["R2-KEY-05"],
        "alice",
        |world, id| {
            let extension = der::sequence(&[
                &der::element(der::OBJECT_ID, &[&[0x55, 0x1d, 0x13]]),
                &[1, 1, 0xff],
                &der::element(der::OCTET_STRING, &[&der::sequence(&[&[1, 1, 0xff]])]),
            ]);
            let values = der::element(der::SET, &[&der::sequence(&[&extension])]);
            let attribute = der::sequence(&[&der::rsadsi(&[1, 9, 14]), &values]);
            let request = by_alice(world, 0, &named(id), &attribute)?;
            Ok(pem("CERTIFICATE REQUEST", &pem_body(&request), 0, false))
        },
    ),
    ("public-share", "the request for a public share", &["R2-PUB-03"], LINK, |world, id| {
        identity::certificate_request(world.alice.private_key(), id)
    }),
    ("name-utf8", "a user id that is not ASCII", &["R2-KEY-05"], "jürgen", |world, id| {
        identity::certificate_request(world.alice.private_key(), id)
    }),
    (
        "name-teletex",
        "a user id in Latin-1, as old desktop clients wrote it",
        &["R2-KEY-05"],
        "jürgen",
        |world, _| by_alice(world, 0, &[(COMMON_NAME, der::TELETEX_STRING, b"j\xfcrgen")], &[]),
    ),
];

const INVALID: &[(&str, &str, &[&str], &str, Make)] = &[
    ("names-another-user", "asks for another user's name", &["OtherName"], NAMES, |world, _| {
        by_alice(world, 0, &named("bob"), &[])
    }),
    ("names-nobody", "asks for no common name", &["OtherName"], NAMES, |world, id| {
        by_alice(world, 0, &[(10, der::UTF8_STRING, id.as_bytes())], &[])
    }),
    ("two-common-names", "asks for two common names", &["OtherName"], NAMES, |world, id| {
        by_alice(world, 0, &[named("mallory"), named(id)].concat(), &[])
    }),
    ("name-with-nul", "a NUL after the user id, where C strings end", &["OtherName"], NAMES, |world, _| {
        by_alice(world, 0, &named("alice\0.mallory"), &[])
    }),
    ("name-in-other-case", "the user id with a capital", &["OtherName"], NAMES, |world, _| {
        by_alice(world, 0, &named("Alice"), &[])
    }),
    (
        "signed-by-another-key",
        "signed with another key than the one it asks for",
        &["DamagedSignature"],
        MALFORMED,
        |world, id| {
            let key = world.alice.private_key().public_key();
            request(0, &named(id), &key, &[], world.mallory.private_key()).map(|der| to_pem(&der))
        },
    ),
    (
        "name-changed-after-signing",
        "the name was changed after signing",
        &["DamagedSignature"],
        MALFORMED,
        |world, _| {
            let text = by_alice(world, 0, &named("alicf"), &[])?;
            let mut der = pem_body(&text);
            if let Some(start) = der.windows(5).position(|window| window == b"alicf") {
                der[start + 4] = b'e';
            }
            Ok(to_pem(&der))
        },
    ),
    (
        "signature-bit",
        "one bit of the signature is another",
        &["DamagedSignature"],
        MALFORMED,
        |world, id| {
            let mut der = pem_body(&by_alice(world, 0, &named(id), &[])?);
            der.iter_mut().rev().take(1).for_each(|octet| *octet ^= 1);
            Ok(to_pem(&der))
        },
    ),
    ("cut-short", "a request cut in the middle", &[], MALFORMED, |world, id| {
        Ok(to_pem(&pem_body(&by_alice(world, 0, &named(id), &[])?)[..300]))
    }),
    ("certificate-inside", "a certificate under the label of a request", &[], MALFORMED, |world, _| {
        Ok(to_pem(world.alice.certificate().der()))
    }),
    ("other-label", "a request under the label of a certificate", &[], "pem-well-formed", |world, id| {
        let der = pem_body(&by_alice(world, 0, &named(id), &[])?);
        Ok(pem("CERTIFICATE", &der, 64, true))
    }),
    ("empty", "no request at all", &[], "pem-well-formed", |_, _| Ok(String::new())),
];

const NAMES: &str = "certificate-names-user";
const MALFORMED: &str = "encoding-well-formed";

fn by_alice(
    world: &World,
    version: u8,
    subject: &[Attribute<'_>],
    attributes: &[u8],
) -> Result<String, CryptoError> {
    let key = world.alice.private_key();
    request(version, subject, &key.public_key(), attributes, key).map(|der| to_pem(&der))
}

fn to_pem(der: &[u8]) -> String {
    pem("CERTIFICATE REQUEST", der, 64, true)
}
