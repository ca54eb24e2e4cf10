//! Certificates put together from the fields of two: which of the differences between a genuine and a forged one
//! matter is found out by taking some of them back.

use super::Authority;
use crate::asn1::{Malformed, Signed, oid, tag, writer};
use crate::backend::backend;
use crate::certificate::Certificate;
use crate::error::Error;

/// What stands in a certificate (RFC 5280 section 4.1.2), without version and algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The serial number.
    SerialNumber,
    /// The issuer's distinguished name.
    Issuer,
    /// The validity period.
    Validity,
    /// The subject's distinguished name.
    Subject,
    /// The subject's public key.
    PublicKey,
    /// Everything after it: the extensions.
    Extensions,
}

impl Field {
    /// All of them, in their order.
    pub const ALL: [Self; 6] =
        [Self::SerialNumber, Self::Issuer, Self::Validity, Self::Subject, Self::PublicKey, Self::Extensions];

    /// The name for people, for example `subject public key`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SerialNumber => "serial number",
            Self::Issuer => "issuer",
            Self::Validity => "validity",
            Self::Subject => "subject",
            Self::PublicKey => "subject public key",
            Self::Extensions => "extensions",
        }
    }

    /// The field as DER, as it stands in the certificate; empty if there is none.
    #[must_use]
    pub fn of(self, certificate: &Certificate) -> Vec<u8> {
        Parts::of(certificate).map(|parts| parts.fields[self as usize].clone()).unwrap_or_default()
    }
}

/// A certificate with `fields` as they are in another one. Without an authority the signature stays as it was, and fits
/// no more if anything has changed.
///
/// # Errors
/// [`Error::Encoding`] for a certificate of an unusual shape, [`Error::Backend`].
pub fn patched(
    certificate: &Certificate,
    other: &Certificate,
    fields: &[Field],
    signed_by: Option<&Authority>,
) -> Result<Certificate, Error> {
    const UNUSUAL: Error = Error::Encoding { what: "certificate" };
    let mut parts = Parts::of(certificate).map_err(|_| UNUSUAL)?;
    let others = Parts::of(other).map_err(|_| UNUSUAL)?;
    for field in fields {
        parts.fields[*field as usize].clone_from(&others.fields[*field as usize]);
    }
    if signed_by.is_some() {
        parts.algorithm =
            writer::sequence(&[&writer::object_id(oid::SHA256_WITH_RSA), &writer::element(tag::NULL, &[])]);
    }
    let content = parts.content();
    let signature = match signed_by {
        Some(Authority(key)) => {
            writer::element(tag::BIT_STRING, &[&[0], &backend().rsa_sign(key, &content)?])
        }
        None => parts.signature,
    };
    Certificate::from_der(&writer::sequence(&[&content, &parts.algorithm, &signature]))
}

/// A certificate, cut up.
struct Parts {
    version: Vec<u8>,
    algorithm: Vec<u8>,
    /// In the order of [`Field::ALL`].
    fields: [Vec<u8>; 6],
    /// The whole BIT STRING.
    signature: Vec<u8>,
}

impl Parts {
    fn of(certificate: &Certificate) -> Result<Self, Malformed> {
        let signed = Signed::read(certificate.der())?;
        let mut content = signed.content.children();
        let version = content.optional(tag::CONTEXT_0)?.map(|version| version.encoding.to_vec());
        let serial = content.expect(tag::INTEGER)?.encoding.to_vec();
        content.expect(tag::SEQUENCE)?;
        let mut next = || content.expect(tag::SEQUENCE).map(|field| field.encoding.to_vec());
        let [issuer, validity, subject, public_key] = [next()?, next()?, next()?, next()?];
        let mut rest = Vec::new();
        while !content.is_empty() {
            rest.extend_from_slice(content.next()?.encoding);
        }
        Ok(Self {
            version: version.unwrap_or_default(),
            algorithm: signed.algorithm.encoding.to_vec(),
            fields: [serial, issuer, validity, subject, public_key, rest],
            signature: writer::element(tag::BIT_STRING, &[&[0], signed.signature]),
        })
    }

    /// What is signed.
    fn content(&self) -> Vec<u8> {
        let Self {
            version, algorithm, fields: [serial, issuer, validity, subject, public_key, rest], ..
        } = self;
        writer::sequence(&[version, serial, algorithm, issuer, validity, subject, public_key, rest])
    }
}
