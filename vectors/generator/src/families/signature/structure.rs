//! How a signature is put together.

use e2ee_rustcrypto::deviant::Signing;

use super::{Case, CryptoError, Error, Expect, Set, about, output};
use crate::make::cms::{
    Draft, attribute, content_type, digest_value, embedded, message_digest, signing_time,
};
use crate::make::der::{self, algorithm, element, nist_hash, rsadsi, sequence};
use crate::make::text::{from_base64, to_base64, with_stray_character};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for (name, comment, flags, verdict, edit) in DRAFTS {
        set.add(about(*name, *comment, &["R2-SIG-01", "R2-SIG-08", "R2-VER-04"], flags), |world| {
            let case = Case::new(world)?;
            let mut draft = Draft::new(&case.content, &world.alice);
            edit(&mut draft, &case);
            Ok((case.inputs(draft.sign(&case.content)?), verdict.expect()))
        })?;
    }
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

/// What comes out; whoever signs is alice.
#[derive(Clone, Copy)]
enum Verdict {
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

type Edit = fn(&mut Draft<'_>, &Case<'_>);

const ATTRIBUTES: Verdict = Invalid("signature-attributes");
const ALGORITHMS: Verdict = Invalid("signature-algorithms");
const MALFORMED: Verdict = Invalid("signature-well-formed");

const DRAFTS: &[(&str, &str, &[&str], Verdict, Edit)] = &[
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
        "digest-with-null",
        "NULL as parameter of the digest algorithm",
        &["AlgorithmParameters"],
        Valid,
        |draft, _| {
            draft.digest_algorithm = algorithm(&nist_hash(1));
        },
    ),
    (
        "sha256-with-rsa",
        "sha256WithRSAEncryption as signature algorithm",
        &["AlgorithmParameters"],
        Valid,
        |draft, _| {
            draft.signature_algorithm = algorithm(&rsadsi(&[1, 1, 11]));
        },
    ),
    (
        "sha1-with-rsa-in-name",
        "sha1WithRSAEncryption as signature algorithm over a signature with SHA-256, as web copied it from old certificates",
        &["AlgorithmParameters", "Sha1Certificate"],
        Valid,
        |draft, _| {
            draft.signature_algorithm = algorithm(&rsadsi(&[1, 1, 5]));
        },
    ),
    (
        "sha256-with-rsa-without-null",
        "sha256WithRSAEncryption without parameters, as web writes it",
        &["AlgorithmParameters"],
        Valid,
        |draft, _| draft.signature_algorithm = sequence(&[&rsadsi(&[1, 1, 11])]),
    ),
    (
        "rsa-without-null",
        "rsaEncryption without parameters, where RFC 3370 wants NULL",
        &["AlgorithmParameters"],
        Acceptable("signature-algorithms"),
        |draft, _| draft.signature_algorithm = sequence(&[&rsadsi(&[1, 1, 1])]),
    ),
    (
        "rsa-with-parameters",
        "rsaEncryption with a number for parameters",
        &["AlgorithmParameters"],
        ALGORITHMS,
        |draft, _| {
            let number = element(der::INTEGER, &[&[1]]);
            draft.signature_algorithm = sequence(&[&rsadsi(&[1, 1, 1]), &number]);
        },
    ),
    (
        "rsa-with-null-that-holds-something",
        "rsaEncryption with a NULL of one octet",
        &["AlgorithmParameters"],
        ALGORITHMS,
        |draft, _| draft.signature_algorithm = sequence(&[&rsadsi(&[1, 1, 1]), &[5, 1, 0]]),
    ),
    (
        "rsa-with-two-nulls",
        "rsaEncryption with two NULLs",
        &["AlgorithmParameters"],
        ALGORITHMS,
        |draft, _| draft.signature_algorithm = sequence(&[&rsadsi(&[1, 1, 1]), der::NULL, der::NULL]),
    ),
    (
        "digest-with-parameters",
        "SHA-256 with a number for parameters",
        &["AlgorithmParameters"],
        ALGORITHMS,
        |draft, _| {
            draft.digest_algorithm = sequence(&[&nist_hash(1), &element(der::INTEGER, &[&[1]])]);
        },
    ),
    (
        "attributes-indefinite",
        "the signed attributes are sent with an indefinite length, and signed with a definite one",
        &["IndefiniteLength"],
        Acceptable("signature-well-formed"),
        |draft, _| draft.attributes_as = der::indefinite,
    ),
    (
        "attributes-indefinite-when-signed",
        "the signed attributes are sent and signed with an indefinite length",
        &["IndefiniteLength"],
        Invalid("signer-is-member"),
        |draft, _| {
            draft.attributes_as = der::indefinite;
            draft.signed_as = der::indefinite;
        },
    ),
    (
        "child-longer-than-parent",
        "the length of the signer is one octet less than that of what is in it, and everything else fits",
        &["OddEncoding"],
        MALFORMED,
        // SEQUENCE, two octets of length.
        |draft, _| draft.after_signer = |signer| signer[3] -= 1,
    ),
    (
        "end-of-contents-missing",
        "the last end-of-contents octets are missing",
        &["OddEncoding", "IndefiniteLength"],
        MALFORMED,
        |draft, _| {
            draft.indefinite = true;
            draft.after_all = |all| all.truncate(all.len() - 2);
        },
    ),
    (
        "end-of-contents-cut",
        "the last end-of-contents octets are one",
        &["OddEncoding", "IndefiniteLength"],
        MALFORMED,
        |draft, _| {
            draft.indefinite = true;
            draft.after_all = |all| all.truncate(all.len() - 1);
        },
    ),
    (
        "end-of-contents-of-some-length",
        "the last end-of-contents octets have a length, and an octet after it",
        &["OddEncoding", "IndefiniteLength"],
        MALFORMED,
        |draft, _| {
            draft.indefinite = true;
            draft.after_all = |all| {
                all.pop();
                all.extend([1, 0]);
            };
        },
    ),
    (
        "tag-in-long-form",
        "the tag of the signer, SEQUENCE, in the form for numbers above 30",
        &["OddEncoding"],
        MALFORMED,
        |draft, _| {
            draft.after_signer = |signer| {
                signer.splice(..1, [0x3f, 0x10]);
            };
        },
    ),
    (
        "tag-of-several-octets",
        "an attribute that nobody knows, whose value has a tag number above 30: allowed, but not every reader has such",
        &["ExcessAttribute", "OddEncoding"],
        Acceptable("signature-well-formed"),
        |draft, _| draft.attributes.push(attribute(15, &[&[0x5f, 0x81, 0x01, 1, 7]])),
    ),
    (
        "length-longer-than-needed",
        "the length of the signer in more octets than it takes: BER, but not DER",
        &["OddEncoding"],
        Acceptable("signature-well-formed"),
        // SEQUENCE, two octets of length.
        |draft, _| {
            draft.after_signer = |signer| {
                signer.splice(1..2, [0x83, 0]);
            };
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
            draft.by_key_identifier = true;
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
    ("digest-sha1", "made with SHA-1 throughout", &["WeakAlgorithm"], ALGORITHMS, |draft, case| {
        draft.digest_algorithm = algorithm(&element(der::OBJECT_ID, &[&[0x2b, 14, 3, 2, 26]]));
        signed_by(draft, Signing::Sha1, case);
    }),
    ("digest-sha512", "made with SHA-512 throughout", &["OtherAlgorithm"], ALGORITHMS, |draft, case| {
        draft.digest_algorithm = algorithm(&nist_hash(3));
        signed_by(draft, Signing::Sha512, case);
    }),
    (
        "digest-md5",
        "MD5 as digest algorithm, in name only: the digest is one of SHA-256",
        &["WeakAlgorithm"],
        ALGORITHMS,
        |draft, _| draft.digest_algorithm = algorithm(&rsadsi(&[2, 5])),
    ),
    ("algorithm-pss", "made by RSASSA-PSS with SHA-256", &["OtherAlgorithm"], ALGORITHMS, |draft, case| {
        let sha256 = sequence(&[&nist_hash(1)]);
        let parameters = sequence(&[
            &element(der::CONTEXT_0, &[&sha256]),
            &element(der::CONTEXT_1, &[&sequence(&[&rsadsi(&[1, 1, 8]), &sha256])]),
            &element(der::CONTEXT_2, &[&element(der::INTEGER, &[&[32]])]),
        ]);
        draft.signature_algorithm = sequence(&[&rsadsi(&[1, 1, 10]), &parameters]);
        signed_by(draft, Signing::Pss, case);
    }),
    (
        "algorithm-md5",
        "md5WithRSAEncryption as signature algorithm, in name only: it is one with SHA-256",
        &["WeakAlgorithm"],
        ALGORITHMS,
        |draft, _| {
            draft.signature_algorithm = algorithm(&rsadsi(&[1, 1, 4]));
        },
    ),
    (
        "algorithm-ecdsa",
        "ECDSA as signature algorithm, in name only",
        &["OtherAlgorithm"],
        ALGORITHMS,
        |draft, _| {
            draft.signature_algorithm =
                sequence(&[&element(der::OBJECT_ID, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]])]);
        },
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

/// Another way to sign, and the messageDigest that belongs to it.
fn signed_by(draft: &mut Draft<'_>, signing: Signing, case: &Case<'_>) {
    let digest = element(der::OCTET_STRING, &[&signing.digest(case.content.as_bytes())]);
    draft.attributes = vec![content_type(), signing_time(), attribute(4, &[&digest])];
    draft.signing = Some(signing);
}

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
