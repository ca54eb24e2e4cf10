//! Algorithms of signatures, their parameters, and ASN.1 in forms that nobody should write.

use e2ee_rustcrypto::deviant::Signing;

use super::structure::{MALFORMED, Row, Verdict, drafts, signing_time};
use super::{Case, Error, Set};
use crate::make::cms::{Draft, attribute, content_type, pss_algorithm};
use crate::make::der::{self, algorithm, element, nist_hash, rsadsi, sequence};

use Verdict::{Acceptable, Invalid, Valid};

pub(super) fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    drafts(set, PARAMETERS)?;
    drafts(set, ALGORITHM)?;
    drafts(set, ENCODING)
}

const ALGORITHMS: Verdict = Invalid("signature-algorithms");

const PARAMETERS: &[Row] = &[
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
];

const ALGORITHM: &[Row] = &[
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
        draft.signature_algorithm = pss_algorithm();
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
];

const ENCODING: &[Row] = &[
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
];

/// Another way to sign, and the messageDigest that belongs to it.
fn signed_by(draft: &mut Draft<'_>, signing: Signing, case: &Case<'_>) {
    let digest = element(der::OCTET_STRING, &[&signing.digest(case.content.as_bytes())]);
    draft.attributes = vec![content_type(), signing_time(), attribute(4, &[&digest])];
    draft.sign = Box::new(move |key, message| signing.sign(key, message));
}
