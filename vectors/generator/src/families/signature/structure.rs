//! How a signature is put together.

use super::{Case, CryptoError, Error, Expect, Set, about, output};
use crate::make::cms::{self, Draft, attribute, content_type, digest_value, embedded, message_digest};
use crate::make::der::{self, element, rsadsi, sequence};
use crate::make::text::{from_base64, to_base64, with_stray_character};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    drafts(set, DRAFTS)?;
    for (name, comment, verdict, edit) in TEXTS {
        set.add(
            about(*name, *comment, &["R2-SIG-10", "R2-VER-04", "R2-VER-01"], &["DamagedSignature"]),
            |world| {
                let case = Case::new(world)?;
                let signature = edit(&case, case.signed_by(&world.alice)?)?;
                Ok((case.inputs(signature), verdict.expect()))
            },
        )?;
    }
    Ok(())
}

/// Makes vectors of signatures that are changed before they are made.
pub(super) fn drafts(set: &mut Set<'_>, rows: &[Row]) -> Result<(), Error> {
    for (name, comment, flags, verdict, edit) in rows {
        set.add(about(*name, *comment, &["R2-SIG-01", "R2-SIG-08", "R2-VER-04"], flags), |world| {
            let case = Case::new(world)?;
            let mut draft =
                Draft::new(&case.content, world.alice.certificate(), world.alice.private_key(), SIGNED);
            edit(&mut draft, &case);
            Ok((case.inputs(draft.to_base64(&case.content)?), verdict.expect()))
        })?;
    }
    Ok(())
}

/// Name, comment, flags, what comes out, what is changed.
pub(super) type Row = (&'static str, &'static str, &'static [&'static str], Verdict, Edit);

/// What comes out; whoever signs is alice.
#[derive(Clone, Copy)]
pub(super) enum Verdict {
    Valid,
    Acceptable(&'static str),
    Invalid(&'static str),
}

impl Verdict {
    fn expect(self) -> Expect {
        match self {
            Self::Valid => Expect::Valid(output("alice")),
            Self::Acceptable(rule) => Expect::Acceptable(output("alice"), rule),
            Self::Invalid(rule) => Expect::Invalid(rule),
        }
    }
}

use Verdict::{Acceptable, Invalid, Valid};

/// 2025-10-09T08:53:20Z.
const SIGNED: i64 = 1_760_000_000;

pub(super) fn signing_time() -> Vec<u8> {
    cms::signing_time(SIGNED)
}

pub(super) type Edit = fn(&mut Draft<'_>, &Case<'_>);

const ATTRIBUTES: Verdict = Invalid("signature-attributes");
pub(super) const MALFORMED: Verdict = Invalid("signature-well-formed");

const DRAFTS: &[Row] = &[
    ("plain", "contentType, signingTime and messageDigest, sorted", &[], Valid, |_, _| {}),
    ("without-signing-time", "no signingTime", &[], Valid, |draft, case| {
        draft.attributes = vec![content_type(), message_digest(&case.content)];
    }),
    (
        "not-sorted",
        "attributes in an order that DER does not allow, signed as they stand, as web does",
        &["AttributeOrder"],
        Valid,
        |draft, case| {
            draft.attributes = vec![message_digest(&case.content), signing_time(), content_type()];
        },
    ),
    ("attribute-unknown", "an attribute that nobody knows", &["ExcessAttribute"], Valid, |draft, _| {
        draft.attributes.push(attribute(15, &[&sequence(&[])]));
    }),
    (
        "indefinite",
        "indefinite lengths around everything that is not signed, as Android writes",
        &["IndefiniteLength"],
        Valid,
        |draft, _| {
            draft.indefinite = true;
        },
    ),
    (
        "certificate-absent",
        "no certificate inside, though the specification wants it; the members' certificates are known",
        &["EmbeddedCertificates"],
        Acceptable("signature-well-formed"),
        |draft, _| {
            draft.certificates = 0;
        },
    ),
    (
        "certificate-twice",
        "the certificate stands twice",
        &["EmbeddedCertificates"],
        Acceptable("signature-well-formed"),
        |draft, _| draft.certificates = 2,
    ),
    (
        "key-identifier",
        "the signer is named by a key identifier, as RFC 6488 wants and nobody does",
        &["KeyIdentifier"],
        Acceptable("signature-well-formed"),
        |draft, _| {
            draft.key_identifier = Some([7; 20]);
        },
    ),
    (
        "sorted-after-signing",
        "attributes signed in one order and sent in another",
        &["AttributeOrder"],
        Invalid("signer-is-member"),
        |draft, case| {
            draft.signed_attributes =
                Some(vec![content_type(), message_digest(&case.content), signing_time()]);
        },
    ),
    (
        "signed-with-context-tag",
        "the signature covers the attributes with the tag that they are sent with",
        &["AttributeOrder"],
        Invalid("signer-is-member"),
        |draft, _| {
            draft.signed_tag = der::CONTEXT_0;
        },
    ),
    (
        "attribute-added-after-signing",
        "an attribute was added after signing",
        &["ExcessAttribute"],
        Invalid("signer-is-member"),
        |draft, _| {
            draft.signed_attributes = Some(draft.attributes.clone());
            draft.attributes.push(attribute(15, &[&sequence(&[])]));
        },
    ),
    (
        "attributes-missing",
        "no signed attributes: the signature is over the content itself",
        &["MissingAttribute"],
        ATTRIBUTES,
        |draft, _| draft.attributes.clear(),
    ),
    ("content-type-missing", "no contentType", &["MissingAttribute"], ATTRIBUTES, |draft, case| {
        draft.attributes = vec![signing_time(), message_digest(&case.content)];
    }),
    (
        "message-digest-missing",
        "no messageDigest: the signature is over no content",
        &["MissingAttribute"],
        ATTRIBUTES,
        |draft, _| {
            draft.attributes = vec![content_type(), signing_time()];
        },
    ),
    (
        "message-digest-twice",
        "two messageDigests, the second of which fits",
        &["DoubledAttribute"],
        ATTRIBUTES,
        |draft, case| {
            draft.attributes =
                vec![content_type(), message_digest("another content"), message_digest(&case.content)];
        },
    ),
    (
        "message-digest-two-values",
        "a messageDigest with two values, the first of which fits",
        &["DoubledAttribute"],
        ATTRIBUTES,
        |draft, case| {
            let values = [digest_value(&case.content), digest_value("another content")];
            draft.attributes = vec![content_type(), attribute(4, &[&values[0], &values[1]])];
        },
    ),
    (
        "message-digest-no-value",
        "a messageDigest without a value",
        &["MissingAttribute"],
        ATTRIBUTES,
        |draft, _| {
            draft.attributes = vec![content_type(), attribute(4, &[])];
        },
    ),
    ("message-digest-short", "a messageDigest of 20 bytes", &["MissingAttribute"], ATTRIBUTES, |draft, _| {
        draft.attributes = vec![content_type(), attribute(4, &[&element(der::OCTET_STRING, &[&[0; 20]])])];
    }),
    ("content-type-twice", "two contentTypes", &["DoubledAttribute"], ATTRIBUTES, |draft, case| {
        draft.attributes = vec![content_type(), content_type(), message_digest(&case.content)];
    }),
    (
        "content-type-other",
        "a contentType that is not id-data",
        &["MissingAttribute"],
        ATTRIBUTES,
        |draft, case| {
            draft.attributes = vec![attribute(3, &[&rsadsi(&[1, 7, 2])]), message_digest(&case.content)];
        },
    ),
    (
        "message-digest-other",
        "the messageDigest of another content",
        &["ChangedDocument"],
        Invalid("signature-content"),
        |draft, _| {
            draft.attributes = vec![content_type(), message_digest("another content")];
        },
    ),
    (
        "message-digest-of-zeros",
        "a messageDigest of zeros",
        &["ChangedDocument"],
        Invalid("signature-content"),
        |draft, _| {
            draft.attributes =
                vec![content_type(), attribute(4, &[&element(der::OCTET_STRING, &[&[0; 32]])])];
        },
    ),
    (
        "embedded-content",
        "the content is embedded",
        &["EmbeddedContent"],
        Invalid("signature-detached"),
        |draft, case| {
            draft.embedded = embedded(&case.content);
        },
    ),
    (
        "embedded-other-content",
        "another content is embedded, and signed",
        &["EmbeddedContent"],
        Invalid("signature-detached"),
        |draft, _| {
            draft.embedded = embedded("another content");
            draft.attributes = vec![content_type(), message_digest("another content")];
        },
    ),
    (
        "embedded-nothing",
        "an empty content is embedded",
        &["EmbeddedContent"],
        Invalid("signature-detached"),
        |draft, _| draft.embedded = embedded(""),
    ),
    (
        "no-signer",
        "no signer at all: only a bag of certificates",
        &["SignerCount"],
        Invalid("signature-of-one-signer"),
        |draft, _| draft.signers = 0,
    ),
    (
        "two-signers",
        "the signer stands twice",
        &["SignerCount"],
        Invalid("signature-of-one-signer"),
        |draft, _| draft.signers = 2,
    ),
    (
        "not-signed-data",
        "EnvelopedData in place of SignedData",
        &["OtherStructure"],
        MALFORMED,
        |draft, _| draft.outer_type = rsadsi(&[1, 7, 3]),
    ),
    (
        "content-type-not-data",
        "an encapsulated content that is not id-data",
        &["OtherStructure"],
        MALFORMED,
        |draft, _| {
            draft.content_type = rsadsi(&[1, 7, 2]);
        },
    ),
];

type Text = fn(&Case<'_>, String) -> Result<String, CryptoError>;

const TEXTS: &[(&str, &str, Verdict, Text)] = &[
    ("line-end-after", "a line end after the base64", Acceptable("signature-well-formed"), |_, text| {
        Ok(text + "\n")
    }),
    ("missing", "an empty header", Invalid("signature-present"), |_, _| Ok(String::new())),
    ("blank", "a header of blanks", Invalid("signature-present"), |_, _| Ok("   ".to_owned())),
    ("null", "the word null", MALFORMED, |_, _| Ok("null".to_owned())),
    ("not-base64", "a character inside that base64 does not have", MALFORMED, |_, text| {
        Ok(with_stray_character(&text))
    }),
    // This signature's length is no multiple of three; if it ever is, the vector is refused when it is made.
    ("unpadded", "base64 without its padding", MALFORMED, |_, text| {
        Ok(text.trim_end_matches('=').to_owned())
    }),
    ("in-lines", "base64 in lines", MALFORMED, |_, text| Ok(format!("{}\n{}", &text[..64], &text[64..]))),
    ("pem", "PEM of the signature", MALFORMED, |_, text| {
        Ok(format!("-----BEGIN CMS-----\n{text}\n-----END CMS-----\n"))
    }),
    ("in-hex", "hex in place of base64", MALFORMED, |_, text| {
        Ok(hex::encode(from_base64(&text).unwrap_or_default()))
    }),
    ("cut-short", "the second half is missing", MALFORMED, |_, text| {
        edit(&text, |der| der.truncate(der.len() / 2))
    }),
    ("byte-after", "a byte after the signature", MALFORMED, |_, text| edit(&text, |der| der.push(0))),
    ("signature-bit", "one bit of the RSA signature is another", Invalid("signer-is-member"), |_, text| {
        edit(&text, |der| {
            if let Some(last) = der.last_mut() {
                *last ^= 1;
            }
        })
    }),
    ("certificate-only", "the signer's certificate in place of a signature", MALFORMED, |case, _| {
        Ok(to_base64(case.world.alice.certificate().der()))
    }),
    ("raw-rsa", "the bare RSA signature of the content", MALFORMED, |case, _| {
        let backend = e2ee_reference::backend::backend();
        Ok(to_base64(backend.rsa_sign(case.world.alice.private_key(), case.content.as_bytes())?))
    }),
    ("nested-deeply", "forty sequences inside each other", MALFORMED, |_, _| {
        Ok(to_base64((0..40).fold(Vec::new(), |inside, _| sequence(&[&inside]))))
    }),
    ("length-beyond-end", "a length that reaches beyond the end", MALFORMED, |_, _| {
        Ok(to_base64([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0]))
    }),
    ("huge", "a signature of 300 KiB", MALFORMED, |_, _| Ok("A".repeat(300 << 10))),
];

fn edit(text: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<String, CryptoError> {
    let mut der = from_base64(text).unwrap_or_default();
    change(&mut der);
    Ok(to_base64(der))
}
