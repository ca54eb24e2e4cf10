//! Signatures.

use arbitrary::Arbitrary;

use super::run::{ALICE, BOB, both, flipped, plan};
use crate::asn1::writer::{element, object_id, sequence};
use crate::asn1::{oid, tag};
use crate::backend::{Backend, backend};
use crate::base64;
use crate::signature::{Signature, verify};

#[derive(Debug, Arbitrary)]
struct Plan<'a> {
    attributes: Vec<Attribute<'a>>,
    indefinite: bool,
    bit: u32,
}

#[derive(Debug, Arbitrary)]
struct Attribute<'a> {
    kind: Kind<'a>,
    values: Vec<AttributeValue<'a>>,
}

#[derive(Debug, Arbitrary)]
enum Kind<'a> {
    ContentType,
    MessageDigest,
    SigningTime,
    Other(&'a [u8]),
}

#[derive(Debug, Arbitrary)]
enum AttributeValue<'a> {
    Data,
    Digest,
    ObjectId(&'a [u8]),
    Octets(&'a [u8]),
}

/// Attributes that were signed, whatever they are, are accepted exactly if the two that must be there are there
/// once and right; with one bit of them turned over they are refused.
pub fn signature(input: &[u8], other: &'static dyn Backend) {
    let candidates = [BOB.certificate().clone(), ALICE.certificate().clone()];
    let Some(plan) = plan::<Plan<'_>>(input) else {
        let Ok(text) = std::str::from_utf8(input) else { return };
        if let Ok(signature) = Signature::parse(text) {
            let _ = (signature.names(&candidates[0]), signature.is_by_embedded());
        }
        let _ = both(other, || verify(CONTENT, text, &candidates).cloned());
        return;
    };
    let (attributes, signature) = both(other, || plan.sign());
    let text = base64::encode(&signed_data(&attributes, &signature, plan.indefinite));
    let verified = both(other, || verify(CONTENT, &text, &candidates).cloned());
    assert_eq!(verified.is_ok(), plan.is_right(), "{verified:?}");
    if let Some(changed) = flipped(&attributes, plan.bit) {
        let text = base64::encode(&signed_data(&changed, &signature, plan.indefinite));
        assert!(both(other, || verify(CONTENT, &text, &candidates).cloned()).is_err());
    }
}

const CONTENT: &str = "eyJ2ZXJzaW9uIjoiMi4wIn0=";

impl Plan<'_> {
    /// The attributes run together, and their signature.
    fn sign(&self) -> (Vec<u8>, Vec<u8>) {
        let attributes: Vec<u8> = self.attributes.iter().flat_map(Attribute::encode).collect();
        let signed = element(tag::SET, &[&attributes]);
        let signature = backend().rsa_sign(ALICE.private_key(), &signed).unwrap_or_default();
        (attributes, signature)
    }

    fn is_right(&self) -> bool {
        let of = |kind: &[u8]| -> Vec<&Attribute<'_>> {
            self.attributes.iter().filter(|attribute| attribute.kind.object_id() == kind).collect()
        };
        let has = |kind: &[u8], right: fn(&AttributeValue<'_>) -> bool| match &of(kind)[..] {
            [attribute] => matches!(&attribute.values[..], [value] if right(value)),
            _ => false,
        };
        has(oid::CONTENT_TYPE, |value| match value {
            AttributeValue::Data => true,
            AttributeValue::ObjectId(other) => *other == oid::DATA,
            _ => false,
        }) && has(oid::MESSAGE_DIGEST, |value| match value {
            AttributeValue::Digest => true,
            AttributeValue::Octets(other) => *other == backend().sha256(CONTENT.as_bytes()),
            _ => false,
        })
    }
}

impl Attribute<'_> {
    fn encode(&self) -> Vec<u8> {
        let values: Vec<u8> = self.values.iter().flat_map(AttributeValue::encode).collect();
        sequence(&[&object_id(self.kind.object_id()), &element(tag::SET, &[&values])])
    }
}

impl Kind<'_> {
    fn object_id(&self) -> &[u8] {
        match self {
            Self::ContentType => oid::CONTENT_TYPE,
            Self::MessageDigest => oid::MESSAGE_DIGEST,
            Self::SigningTime => oid::SIGNING_TIME,
            Self::Other(other) => other,
        }
    }
}

impl AttributeValue<'_> {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Data => object_id(oid::DATA),
            Self::Digest => element(tag::OCTET_STRING, &[&backend().sha256(CONTENT.as_bytes())]),
            Self::ObjectId(other) => object_id(other),
            Self::Octets(other) => element(tag::OCTET_STRING, &[other]),
        }
    }
}

/// SignedData of Alice around any attributes and any signature.
fn signed_data(attributes: &[u8], signature: &[u8], indefinite: bool) -> Vec<u8> {
    let certificate = ALICE.certificate();
    let version = [tag::INTEGER, 1, 1];
    let digest_algorithm = sequence(&[&object_id(oid::SHA256)]);
    let signer = sequence(&[
        &version,
        &sequence(&[certificate.issuer_der(), certificate.serial_der()]),
        &digest_algorithm,
        &constructed(tag::CONTEXT_0, attributes, indefinite),
        &sequence(&[&object_id(oid::RSA)]),
        &element(tag::OCTET_STRING, &[signature]),
    ]);
    let fields = [
        &version[..],
        &element(tag::SET, &[&digest_algorithm]),
        &sequence(&[&object_id(oid::DATA)]),
        &element(tag::CONTEXT_0, &[certificate.der()]),
        &element(tag::SET, &[&signer]),
    ];
    let wrapped = constructed(tag::CONTEXT_0, &sequence(&fields), indefinite);
    constructed(tag::SEQUENCE, &[object_id(oid::SIGNED_DATA), wrapped].concat(), indefinite)
}

fn constructed(tag: u8, content: &[u8], indefinite: bool) -> Vec<u8> {
    if indefinite { [&[tag, 0x80], content, &[0, 0]].concat() } else { element(tag, &[content]) }
}
