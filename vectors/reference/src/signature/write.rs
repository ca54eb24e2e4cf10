//! Writing SignedData in DER, with exactly the signed attributes of RFC 6488.

use crate::asn1::{oid, tag, writer};
use crate::backend::backend;
use crate::certificate::Certificate;
use crate::error::Error;
use crate::identity::PrivateKey;

use writer::{element, object_id, sequence};

const VERSION_1: &[u8] = &[tag::INTEGER, 1, 1];
const NULL: &[u8] = &[tag::NULL, 0];

/// ContentInfo with SignedData over a content that is not embedded.
pub(super) fn signed_data(
    content: &[u8],
    certificate: &Certificate,
    key: &PrivateKey,
    unix_seconds: i64,
) -> Result<Vec<u8>, Error> {
    let digest_algorithm = sequence(&[&object_id(oid::SHA256)]);
    let attributes = signed_attributes(content, unix_seconds);
    // Signed as a SET, sent as [0].
    let signature = backend().rsa_sign(key, &element(tag::SET, &[&attributes]))?;
    let signer = sequence(&[
        VERSION_1,
        &sequence(&[certificate.issuer_der(), certificate.serial_der()]),
        &digest_algorithm,
        &element(tag::CONTEXT_0, &[&attributes]),
        &sequence(&[&object_id(oid::RSA), NULL]),
        &element(tag::OCTET_STRING, &[&signature]),
    ]);
    let signed_data = sequence(&[
        VERSION_1,
        &element(tag::SET, &[&digest_algorithm]),
        &sequence(&[&object_id(oid::DATA)]),
        &element(tag::CONTEXT_0, &[certificate.der()]),
        &element(tag::SET, &[&signer]),
    ]);
    Ok(sequence(&[&object_id(oid::SIGNED_DATA), &element(tag::CONTEXT_0, &[&signed_data])]))
}

/// The attributes, run together. In this order they are sorted as DER wants it: each is longer than the one
/// before, and the length stands first.
fn signed_attributes(content: &[u8], unix_seconds: i64) -> Vec<u8> {
    let digest = element(tag::OCTET_STRING, &[&backend().sha256(content)]);
    [
        attribute(oid::CONTENT_TYPE, &object_id(oid::DATA)),
        attribute(oid::SIGNING_TIME, &writer::time(unix_seconds)),
        attribute(oid::MESSAGE_DIGEST, &digest),
    ]
    .concat()
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&object_id(kind), &element(tag::SET, &[value])])
}
