//! Writing SignedData.

use crate::asn1::{oid, tag, writer};
use crate::backend::backend;
use crate::certificate::Certificate;
use crate::dialect::{Encoding, SignatureAlgorithm, SignatureForm, SignedAttributes};
use crate::error::Error;
use crate::identity::PrivateKey;

use writer::{element, indefinite, object_id, sequence};

const VERSION_1: &[u8] = &[tag::INTEGER, 1, 1];
const NULL: &[u8] = &[tag::NULL, 0];

/// ContentInfo with SignedData over a content that is not embedded.
pub(super) fn signed_data(
    content: &[u8],
    certificate: &Certificate,
    key: &PrivateKey,
    unix_seconds: i64,
    form: &SignatureForm,
) -> Result<Vec<u8>, Error> {
    let digest_algorithm = algorithm(oid::SHA256, form.digest_null);
    let attributes = signed_attributes(content, unix_seconds, form.attributes);
    // Signed as a SET, sent as [0].
    let signature = backend().rsa_sign(key, &element(tag::SET, &[&attributes]))?;
    let signature_algorithm = match form.algorithm {
        SignatureAlgorithm::Rsa => algorithm(oid::RSA, true),
        SignatureAlgorithm::Sha256WithRsa => algorithm(oid::SHA256_WITH_RSA, true),
        SignatureAlgorithm::BareSha256WithRsa => algorithm(oid::SHA256_WITH_RSA, false),
    };
    let signer = sequence(&[
        &element(tag::INTEGER, &[&[form.signer_info_version]]),
        &sequence(&[certificate.issuer_der(), certificate.serial_der()]),
        &digest_algorithm,
        &element(tag::CONTEXT_0, &[&attributes]),
        &signature_algorithm,
        &element(tag::OCTET_STRING, &[&signature]),
    ]);
    let outer = match form.encoding {
        Encoding::Definite => element,
        Encoding::Indefinite => indefinite,
    };
    let signed_data = outer(
        tag::SEQUENCE,
        &[
            VERSION_1,
            &element(tag::SET, &[&digest_algorithm]),
            &sequence(&[&object_id(oid::DATA)]),
            &outer(tag::CONTEXT_0, &[certificate.der()]),
            &element(tag::SET, &[&signer]),
        ],
    );
    Ok(outer(tag::SEQUENCE, &[&object_id(oid::SIGNED_DATA), &outer(tag::CONTEXT_0, &[&signed_data])]))
}

/// The attributes, run together. All orders but the unsorted one are what DER wants: each attribute is longer
/// than the one before, and the length stands first.
fn signed_attributes(content: &[u8], unix_seconds: i64, which: SignedAttributes) -> Vec<u8> {
    let content_type = || attribute(oid::CONTENT_TYPE, &object_id(oid::DATA));
    let time = || attribute(oid::SIGNING_TIME, &writer::time(unix_seconds));
    let digest = || {
        let digest = element(tag::OCTET_STRING, &[&backend().sha256(content)]);
        attribute(oid::MESSAGE_DIGEST, &digest)
    };
    match which {
        SignedAttributes::Specified => [content_type(), time(), digest()].concat(),
        SignedAttributes::SmimeCapabilities => [content_type(), time(), digest(), capabilities()].concat(),
        SignedAttributes::AlgorithmProtection => [content_type(), time(), protection(), digest()].concat(),
        SignedAttributes::Unsorted => [content_type(), digest(), time()].concat(),
    }
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&object_id(kind), &element(tag::SET, &[value])])
}

/// The ciphers that OpenSSL lists without being asked, with the key length where there is a choice.
fn capabilities() -> Vec<u8> {
    const AES: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
    const RSA_DATA_SECURITY: [u8; 7] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03];
    const DES_CBC: [u8; 5] = [0x2b, 0x0e, 0x03, 0x02, 0x07];
    let aes_cbc = |last| sequence(&[&object_id(&[&AES[..], &[last]].concat())]);
    let des_ede3_cbc = sequence(&[&object_id(&[&RSA_DATA_SECURITY[..], &[7]].concat())]);
    let rc2_cbc = |bits: &[u8]| {
        let kind = object_id(&[&RSA_DATA_SECURITY[..], &[2]].concat());
        sequence(&[&kind, &element(tag::INTEGER, &[bits])])
    };
    let all = sequence(&[
        &aes_cbc(42),
        &aes_cbc(22),
        &aes_cbc(2),
        &des_ede3_cbc,
        &rc2_cbc(&[0, 128]),
        &rc2_cbc(&[64]),
        &sequence(&[&object_id(&DES_CBC)]),
        &rc2_cbc(&[40]),
    ]);
    attribute(oid::SMIME_CAPABILITIES, &all)
}

/// Digest and signature algorithm once more, signed (RFC 6211).
fn protection() -> Vec<u8> {
    let signature = element(tag::CONTEXT_1, &[&object_id(oid::SHA256_WITH_RSA), NULL]);
    attribute(oid::ALGORITHM_PROTECTION, &sequence(&[&algorithm(oid::SHA256, false), &signature]))
}

fn algorithm(kind: &[u8], null: bool) -> Vec<u8> {
    sequence(&[&object_id(kind), if null { NULL } else { &[] }])
}
