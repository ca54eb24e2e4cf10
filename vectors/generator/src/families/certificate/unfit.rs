//! Certificates that must be refused.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::authority;
use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::PrivateKey;

use super::{Expect, Inputs, Set, World, about, world};
use crate::error::Error;
use crate::make::certificate::{
    Algorithm, Attribute, COMMON_NAME, Draft, certificate_pem, desktop_name, named,
};
use crate::make::der;
use crate::make::text::{pem, pem_body};
use crate::world::{ISSUED, NOW};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, flags, rule, make) in ROWS {
        set.add(about(*name, *comment, requirements, flags), |world| {
            Ok((make(world)?, Expect::Invalid(rule)))
        })?;
    }
    for (name, comment, subject) in NAMES {
        set.add(about(*name, *comment, &["R2-KEY-05"], &["OtherName"]), |world| {
            let key = world.alice.private_key().public_key();
            let certificate = Draft::new(subject.to_vec(), &key).sign_to_pem(&world.server_key)?;
            Ok((Inputs::about_alice(certificate, world), Expect::Invalid("certificate-names-user")))
        })?;
    }
    Ok(())
}

type Make = fn(&World) -> Result<Inputs, CryptoError>;
/// Name, comment, requirements, flags, rule, inputs.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static str, Make);

/// The public half of `keys/elliptic.pem`.
const ELLIPTIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEgXVJ9EQ0EPFiVgz2aM+Z5HCT+gsF
MUL4oRiYxU1+TTabjY6aB1usQNR7Rfyrz74MF8UxVraciLAwa7aplpuxAQ==
-----END PUBLIC KEY-----
";
const ISSUED_RULE: &str = "certificate-issued";

const ROWS: &[Row] = &[
    (
        "stranger",
        "issued by the key of another instance",
        &["R2-VER-07", "R2-SEC-06"],
        &["ForeignIssuer"],
        ISSUED_RULE,
        |world| {
            let certificate = world.stranger.certify("alice", world.alice.private_key(), ISSUED)?;
            Ok(Inputs::about_alice(certificate.to_pem(), world))
        },
    ),
    (
        "self-signed",
        "signed by its own key, with the names and the serial number of the honest one",
        &["R2-VER-07", "R2-SEC-06"],
        &["ForeignIssuer", "IssuerIsSubject"],
        ISSUED_RULE,
        |world| {
            let mallory = world.mallory.private_key();
            let certificate = authority::self_made(world.alice.certificate(), mallory, ISSUED)?;
            Ok(Inputs::about_alice(certificate.to_pem(), world))
        },
    ),
    (
        "signed-by-a-member",
        "signed with the key of a certificate that the server issued and that says CA:TRUE",
        &["R2-VER-07", "R2-SEC-06"],
        &["ForeignIssuer"],
        ISSUED_RULE,
        |world| draft(world, |_| {}, world.mallory.private_key()),
    ),
    (
        "server-key-changed",
        "the server announces another key than the one that signed",
        &["R2-VER-07"],
        &["ForeignIssuer"],
        ISSUED_RULE,
        |world| {
            let server_key = world.stranger.server_key().to_pem();
            Ok(Inputs { server_key, ..honest(world) })
        },
    ),
    (
        "signature-bit",
        "one bit of the signature is another",
        &["R2-VER-07"],
        &["DamagedSignature"],
        ISSUED_RULE,
        |world| {
            let mut der = world.alice.certificate().der().to_vec();
            if let Some(last) = der.last_mut() {
                *last ^= 1;
            }
            Ok(Inputs::about_alice(certificate_pem(&der), world))
        },
    ),
    (
        "name-changed-after-signing",
        "the server signed it for another user, and the name was changed afterwards",
        &["R2-VER-07", "R2-KEY-05"],
        &["DamagedSignature"],
        ISSUED_RULE,
        |world| {
            let key = world.mallory.private_key().public_key();
            let der = Draft::new(named("alicf"), &key).sign(&world.server_key)?;
            Ok(Inputs::about_alice(certificate_pem(&replaced(der, b"alicf", b"alice")), world))
        },
    ),
    (
        "key-changed-after-signing",
        "the honest certificate with one bit of its public key changed",
        &["R2-VER-07"],
        &["DamagedSignature"],
        ISSUED_RULE,
        |world| {
            let mut der = world.alice.certificate().der().to_vec();
            der[200] ^= 1;
            Ok(Inputs::about_alice(certificate_pem(&der), world))
        },
    ),
    ("md5", "claims a signature with MD5", &["R2-VER-07"], &["WeakAlgorithm"], ISSUED_RULE, |world| {
        draft(world, |draft| draft.algorithm = Algorithm::Md5, &world.server_key)
    }),
    (
        "pss-in-name-only",
        "claims RSASSA-PSS and carries a signature by PKCS#1 v1.5",
        &["R2-VER-07"],
        &["WeakAlgorithm"],
        ISSUED_RULE,
        |world| draft(world, |draft| draft.algorithm = Algorithm::Pss, &world.server_key),
    ),
    (
        "two-algorithms",
        "says SHA-1 in the signed part and SHA-256 outside",
        &["R2-VER-07"],
        &["WeakAlgorithm"],
        ISSUED_RULE,
        |world| draft(world, |draft| draft.inner_algorithm = Some(Algorithm::Sha1), &world.server_key),
    ),
    ("expired", "expired a year ago", &["R2-VER-07"], &["Validity"], "certificate-in-time", |world| {
        draft(world, |draft| draft.valid = (1_672_531_200, 1_704_067_200), &world.server_key)
    }),
    (
        "second-after-end",
        "one second after its end",
        &["R2-VER-07"],
        &["Validity"],
        "certificate-in-time",
        |world| Ok(Inputs { now: ISSUED + 7300 * 86_400 + 1, ..honest(world) }),
    ),
    (
        "not-yet-valid",
        "valid from next year on",
        &["R2-VER-07"],
        &["Validity"],
        "certificate-in-time",
        |world| draft(world, |draft| draft.valid = (1_798_761_600, 2_366_409_600), &world.server_key),
    ),
    (
        "second-before-begin",
        "one second before its begin",
        &["R2-VER-07"],
        &["Validity"],
        "certificate-in-time",
        |world| Ok(Inputs { now: ISSUED - 1, ..honest(world) }),
    ),
    ("weak-key", "an RSA key of 1024 bits", &["R2-SEC-03"], &["OddKey"], "certificate-key-strong", |world| {
        with_key(world, "weak")
    }),
    (
        "exponent-3",
        "an RSA key with public exponent 3",
        &["R2-SEC-03"],
        &["OddKey"],
        "certificate-key-strong",
        |world| with_key(world, "exponent-3"),
    ),
    (
        "elliptic-key",
        "a key on an elliptic curve",
        &["R2-MD-05"],
        &["OddKey"],
        "certificate-key-strong",
        |world| {
            let key = PublicKey::from_pem(ELLIPTIC)?;
            let certificate = Draft::new(named("alice"), &key).sign_to_pem(&world.server_key)?;
            Ok(Inputs::about_alice(certificate, world))
        },
    ),
    (
        "other-private-key",
        "an honest certificate, but the private key is another one",
        &["R2-KEY-25", "R1-KEY-17"],
        &["KeyPair"],
        "key-belongs-to-certificate",
        |world| Ok(Inputs { private_key: Some(world::private_key(&world.mallory)), ..honest(world) }),
    ),
    (
        "substituted-key",
        "issued by the server in the user's name, but over a key that is not his",
        &["R2-KEY-25", "R1-KEY-17"],
        &["KeyPair"],
        "key-belongs-to-certificate",
        |world| {
            let certificate = world.server.certify("alice", world.mallory.private_key(), ISSUED)?;
            let private_key = Some(world::private_key(&world.alice));
            Ok(Inputs { private_key, ..Inputs::about_alice(certificate.to_pem(), world) })
        },
    ),
    (
        "not-the-pinned-one",
        "issued by the server in the user's name, but another one was known before",
        &["R2-VER-07"],
        &["TrustOnFirstUse"],
        "certificate-pinned",
        |world| {
            let certificate = world.server.certify("alice", world.mallory.private_key(), NOW)?;
            let pinned = Some(hex::encode(world.alice.certificate().fingerprint()));
            Ok(Inputs { pinned, ..Inputs::about_alice(certificate.to_pem(), world) })
        },
    ),
    (
        "renewed-but-pinned",
        "the same key in a renewed certificate, while the old one is known; a client may ask its user here, never accept in silence",
        &["R2-CERT-03"],
        &["TrustOnFirstUse"],
        "certificate-pinned",
        |world| {
            let certificate = world.server.certify("alice", world.alice.private_key(), NOW)?;
            let pinned = Some(hex::encode(world.alice.certificate().fingerprint()));
            Ok(Inputs { pinned, ..Inputs::about_alice(certificate.to_pem(), world) })
        },
    ),
    ("empty", "no certificate at all", &["R2-VER-07"], &[], "pem-well-formed", |world| {
        Ok(Inputs::about_alice(String::new(), world))
    }),
    ("other-label", "a certificate under another label", &["R2-VER-07"], &[], "pem-well-formed", |world| {
        let der = world.alice.certificate().der();
        Ok(Inputs::about_alice(pem("TRUSTED CERTIFICATE", der, 64, true), world))
    }),
    ("end-line-missing", "PEM without its last line", &["R2-VER-07"], &[], "pem-well-formed", |world| {
        let pem = world.alice.certificate().to_pem();
        Ok(Inputs::about_alice(pem.replace("-----END CERTIFICATE-----\n", ""), world))
    }),
    (
        "public-key-only",
        "a public key under the label of a certificate",
        &["R2-VER-07"],
        &[],
        "encoding-well-formed",
        |world| {
            let spki = pem_body(&world.alice.certificate().public_key().to_pem());
            Ok(Inputs::about_alice(certificate_pem(&spki), world))
        },
    ),
    (
        "octets-after",
        "one octet after the certificate, inside the PEM",
        &["R2-VER-07"],
        &[],
        "encoding-well-formed",
        |world| {
            let der = [world.alice.certificate().der(), &[0]].concat();
            Ok(Inputs::about_alice(certificate_pem(&der), world))
        },
    ),
    (
        "name-not-utf8",
        "a common name in a UTF8String that is not UTF-8",
        &["R2-KEY-05"],
        &[],
        "encoding-well-formed",
        |world| {
            let subject = vec![(COMMON_NAME, der::UTF8_STRING, &b"alice\xff"[..])];
            draft(world, |draft| draft.subject = subject, &world.server_key)
        },
    ),
    (
        "name-as-integer",
        "a common name that is not text",
        &["R2-KEY-05"],
        &[],
        "encoding-well-formed",
        |world| {
            let subject = vec![(COMMON_NAME, der::INTEGER, &b"alice"[..])];
            draft(world, |draft| draft.subject = subject, &world.server_key)
        },
    ),
    ("cut-short", "a certificate cut in the middle", &["R2-VER-07"], &[], "encoding-well-formed", |world| {
        Ok(Inputs::about_alice(certificate_pem(&world.alice.certificate().der()[..400]), world))
    }),
];

const NAMES: &[(&str, &str, &[Attribute<'_>])] = &[
    ("names-another-user", "issued to another user", &[(COMMON_NAME, der::UTF8_STRING, b"bob")]),
    ("names-nobody", "a name without a common name", &[(10, der::UTF8_STRING, b"alice")]),
    ("names-empty", "an empty common name", &[(COMMON_NAME, der::UTF8_STRING, b"")]),
    (
        "name-with-nul",
        "a NUL after the user id, where C strings end",
        &[(COMMON_NAME, der::UTF8_STRING, b"alice\0.mallory")],
    ),
    (
        "two-common-names",
        "two common names, the last of which fits",
        &[(COMMON_NAME, der::UTF8_STRING, b"mallory"), (COMMON_NAME, der::UTF8_STRING, b"alice")],
    ),
    (
        "two-common-names-first",
        "two common names, the first of which fits",
        &[(COMMON_NAME, der::UTF8_STRING, b"alice"), (COMMON_NAME, der::UTF8_STRING, b"mallory")],
    ),
    ("name-in-other-case", "the user id with a capital", &[(COMMON_NAME, der::UTF8_STRING, b"Alice")]),
    (
        "name-with-trailing-blank",
        "the user id with a blank after it",
        &[(COMMON_NAME, der::UTF8_STRING, b"alice ")],
    ),
    (
        "name-with-cyrillic-letter",
        "a Cyrillic letter that looks like a Latin a",
        &[(COMMON_NAME, der::UTF8_STRING, "\u{430}lice".as_bytes())],
    ),
    (
        "name-that-contains-user",
        "the user id inside of a longer name",
        &[(COMMON_NAME, der::UTF8_STRING, b"alice2")],
    ),
    (
        "name-as-text-of-a-name",
        "a common name that reads CN=alice",
        &[(COMMON_NAME, der::UTF8_STRING, b"mallory,CN=alice")],
    ),
];

fn honest(world: &World) -> Inputs {
    Inputs::about_alice(world.alice.certificate().to_pem(), world)
}

/// A certificate for alice's key, changed before it is signed by `by`.
fn draft(world: &World, change: impl FnOnce(&mut Draft<'_>), by: &PrivateKey) -> Result<Inputs, CryptoError> {
    let key = world.alice.private_key().public_key();
    let mut draft = Draft::new(desktop_name("alice"), &key);
    change(&mut draft);
    Ok(Inputs::about_alice(draft.sign_to_pem(by)?, world))
}

fn with_key(world: &World, name: &'static str) -> Result<Inputs, CryptoError> {
    let certificate = world.server.certify("alice", &World::key(name)?, ISSUED)?;
    Ok(Inputs::about_alice(certificate.to_pem(), world))
}

fn replaced(mut der: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    for start in 0..=der.len() - from.len() {
        if der[start..].starts_with(from) {
            der[start..start + to.len()].copy_from_slice(to);
        }
    }
    der
}
