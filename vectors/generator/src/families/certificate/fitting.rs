//! Certificates that must be accepted.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::certificate::Certificate;

use super::{Expect, Inputs, LINK, Set, World, about, output, world};
use crate::error::Error;
use crate::make::certificate::{Algorithm, Attribute, COMMON_NAME, Draft, desktop_name, named};
use crate::make::der;
use crate::world::ISSUED;

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, requirements, flags, make) in ROWS {
        set.add(about(*name, *comment, requirements, flags), |world| {
            let inputs = make(world)?;
            let certificate = Certificate::from_pem(&inputs.certificate)?;
            Ok((inputs, Expect::Valid(output(&certificate))))
        })?;
    }
    for (name, comment, user_id, subject) in NAMES {
        set.add(about(*name, *comment, &["R2-KEY-05"], &["NameEncoding"]), |world| {
            let key = world.alice.private_key().public_key();
            let certificate = Draft::new(subject(user_id), &key).sign_to_pem(&world.server_key)?;
            let inputs = Inputs { user_id: (*user_id).to_owned(), ..Inputs::about_alice(certificate, world) };
            let certificate = Certificate::from_pem(&inputs.certificate)?;
            Ok((inputs, Expect::Valid(output(&certificate))))
        })?;
    }
    Ok(())
}

type Make = fn(&World) -> Result<Inputs, CryptoError>;
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], Make);

const ROWS: &[Row] = &[
    (
        "as-issued",
        "as servers issue them today: issuer = subject, serial number 0, signed by the server key with SHA-256",
        &["R2-VER-07", "R2-KEY-05"],
        &["IssuerIsSubject"],
        honest,
    ),
    (
        "sha1",
        "signed with SHA-1, as servers did before app version 2.2.1",
        &["R2-VER-07"],
        &["Sha1Certificate", "IssuerIsSubject"],
        |world| {
            let key = world.alice.private_key().public_key();
            let draft = Draft { algorithm: Algorithm::Sha1, ..Draft::new(named("alice"), &key) };
            Ok(Inputs::about_alice(draft.sign_to_pem(&world.server_key)?, world))
        },
    ),
    (
        "with-private-key",
        "the user's own, with the private key that belongs to it",
        &["R2-KEY-25", "R1-KEY-17"],
        &["KeyPair"],
        |world| Ok(Inputs { private_key: Some(world::private_key(&world.alice)), ..honest(world)? }),
    ),
    ("pinned", "the one that was known before", &["R2-VER-07"], &["TrustOnFirstUse"], |world| {
        let pinned = hex::encode(world.alice.certificate().fingerprint());
        Ok(Inputs { pinned: Some(pinned), ..honest(world)? })
    }),
    ("first-second", "at the first second of its life", &["R2-VER-07"], &["Validity"], |world| {
        Ok(Inputs { now: ISSUED, ..honest(world)? })
    }),
    ("last-second", "at the last second of its life", &["R2-VER-07"], &["Validity"], |world| {
        Ok(Inputs { now: ISSUED + 7300 * 86_400, ..honest(world)? })
    }),
    (
        "renewed",
        "a renewed certificate of a user who was not known before",
        &["R2-CERT-03"],
        &["IssuerIsSubject"],
        |world| Ok(Inputs::about_alice(world.alice_renewed.certificate().to_pem(), world)),
    ),
    ("public-share", "the certificate of a public share", &["R2-PUB-03"], &["PublicShare"], |world| {
        let certificate = world.link.certificate().to_pem();
        Ok(Inputs { user_id: LINK.to_owned(), ..Inputs::about_alice(certificate, world) })
    }),
    (
        "desktop-name",
        "the common name is the last of five parts of the name",
        &["R2-KEY-05"],
        &["NameOfManyParts"],
        |world| {
            let key = world.alice.private_key().public_key();
            let certificate = Draft::new(desktop_name("alice"), &key).sign_to_pem(&world.server_key)?;
            Ok(Inputs::about_alice(certificate, world))
        },
    ),
    (
        "other-issuer",
        "an issuer name of its own; only whose key signed counts",
        &["R2-VER-07"],
        &["IssuerIsSubject"],
        |world| {
            let key = world.alice.private_key().public_key();
            let issuer = Some(named("Nextcloud"));
            let draft = Draft { issuer, ..Draft::new(named("alice"), &key) };
            Ok(Inputs::about_alice(draft.sign_to_pem(&world.server_key)?, world))
        },
    ),
    ("pem-one-line", "PEM whose body is a single line", &["R2-VER-07"], &["PemWidth"], |world| {
        let der = world.alice.certificate().der();
        Ok(Inputs::about_alice(crate::make::text::pem("CERTIFICATE", der, 0, false), world))
    }),
    ("pem-crlf", "PEM with the line ends of Windows", &["R2-VER-07"], &["PemWidth"], |world| {
        Ok(Inputs::about_alice(world.alice.certificate().to_pem().replace('\n', "\r\n"), world))
    }),
];

fn honest(world: &World) -> Result<Inputs, CryptoError> {
    Ok(Inputs::about_alice(world.alice.certificate().to_pem(), world))
}

/// Name, comment, user id, subject.
type Named = (&'static str, &'static str, &'static str, for<'a> fn(&'a str) -> Vec<Attribute<'a>>);

const NAMES: &[Named] = &[
    ("name-utf8", "a user id that is not ASCII, as UTF8String", "jürgen", |id| named(id)),
    ("name-utf8-cjk", "a user id in Chinese", "王小明", |id| named(id)),
    ("name-utf8-emoji", "a user id with a character above U+FFFF", "fox🦊", |id| named(id)),
    ("name-printable", "a PrintableString", "alice", |id| {
        vec![(COMMON_NAME, der::PRINTABLE_STRING, id.as_bytes())]
    }),
    (
        "name-teletex",
        "a TeletexString with Latin-1 in it, as old desktop clients asked for",
        "j\u{fc}rgen",
        |_| vec![(COMMON_NAME, der::TELETEX_STRING, b"j\xfcrgen")],
    ),
    ("name-bmp", "a BMPString", "jürgen", |_| {
        vec![(COMMON_NAME, der::BMP_STRING, b"\0j\0\xfc\0r\0g\0e\0n")]
    }),
    ("name-mail-address", "a user id that is a mail address", "alice@example.com", |id| named(id)),
    ("name-with-blank", "a user id with a blank inside", "Alice Example", |id| named(id)),
    ("name-uuid", "a user id as directories give them", "6f1ed002-ab55-4a3e-9d5c-0d0e5e6c2f11", |id| {
        named(id)
    }),
    ("name-like-dn", "a user id that looks like a part of a name", "alice,O=Nextcloud/CN=bob", |id| {
        named(id)
    }),
];
