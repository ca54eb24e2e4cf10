//! Reading SignedData, strictly in meaning and leniently in encoding.

use super::SignatureError;
use crate::asn1::{Element, Malformed, Reader, oid, tag, writer};
use crate::backend::{Hash, backend};
use crate::certificate::{Certificate, PublicKey};

/// A hundred times what a signature with one certificate takes, in bytes of base64.
const MAX_LENGTH: usize = 256 * 1024;
/// Embedded certificates that are looked at; honest signatures carry one.
const MAX_CERTIFICATES: usize = 8;

/// A parsed signature with one signer. Nothing has been verified yet.
#[derive(Debug, Clone)]
pub struct Signature {
    /// The signed attributes as the signer hashed them: received octets under the tag SET.
    attributes: Vec<u8>,
    message_digest: [u8; 32],
    signature: Vec<u8>,
    signer: Option<IssuerAndSerial>,
    certificates: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct IssuerAndSerial {
    issuer: Vec<u8>,
    serial: Vec<u8>,
}

impl Signature {
    /// Parses the base64 of a signature.
    ///
    /// # Errors
    /// Every [`SignatureError`] but [`OtherContent`](SignatureError::OtherContent) and
    /// [`NoCandidate`](SignatureError::NoCandidate).
    pub fn parse(signature_b64: &str) -> Result<Self, SignatureError> {
        let text = signature_b64.trim();
        if text.is_empty() {
            return Err(SignatureError::Missing);
        }
        if text.len() > MAX_LENGTH {
            return Err(SignatureError::TooLarge { limit: MAX_LENGTH });
        }
        let der = crate::base64::decode(text, "signature").map_err(|_| SignatureError::Base64)?;
        let mut outer = Reader::new(&der);
        let mut content_info = outer.expect(tag::SEQUENCE)?.children();
        outer.finish()?;
        if content_info.expect(tag::OBJECT_ID)?.content != oid::SIGNED_DATA {
            return Err(SignatureError::Malformed("not SignedData"));
        }
        let mut wrapped = content_info.expect(tag::CONTEXT_0)?.children();
        content_info.finish()?;
        let signed_data = wrapped.expect(tag::SEQUENCE)?;
        wrapped.finish()?;
        Self::from_signed_data(signed_data.children())
    }

    /// Whether the signature was made over this content.
    ///
    /// # Errors
    /// [`SignatureError::OtherContent`].
    pub fn check_content(&self, content: &str) -> Result<(), SignatureError> {
        self.check_digest(&backend().sha256(content.as_bytes()))
    }

    /// Whether the signature was made over content with this SHA-256.
    ///
    /// # Errors
    /// [`SignatureError::OtherContent`].
    pub fn check_digest(&self, sha256: &[u8; 32]) -> Result<(), SignatureError> {
        if self.message_digest == *sha256 { Ok(()) } else { Err(SignatureError::OtherContent) }
    }

    /// Whether this key made the signature. Says nothing about the content.
    #[must_use]
    pub fn is_by(&self, key: &PublicKey) -> bool {
        backend().rsa_verify(Hash::Sha256, key, &self.attributes, &self.signature)
    }

    /// Whether the signature *says* that it was made with this certificate: equal issuer and serial number.
    /// Proves nothing, since anybody can make such a certificate.
    #[must_use]
    pub fn names(&self, certificate: &Certificate) -> bool {
        self.signer.as_ref().is_some_and(|signer| {
            signer.issuer == certificate.issuer_der() && signer.serial == certificate.serial_der()
        })
    }

    /// Whether the signature says by issuer and serial number with which certificate it was made, and not by the
    /// identifier of its key.
    #[must_use]
    pub fn names_issuer(&self) -> bool {
        self.signer.is_some()
    }

    /// Whether a certificate that came inside the signature holds the key that made it. Proves nothing about
    /// who that is.
    #[must_use]
    pub fn is_by_embedded(&self) -> bool {
        let certificates = self.certificates.iter().take(MAX_CERTIFICATES);
        certificates.filter_map(|der| Certificate::from_der(der).ok()).any(|one| self.is_by(one.public_key()))
    }

    /// The certificates that came inside the signature.
    #[must_use]
    pub fn embedded(&self) -> Vec<Certificate> {
        let certificates = self.certificates.iter().take(MAX_CERTIFICATES);
        certificates.filter_map(|der| Certificate::from_der(der).ok()).collect()
    }

    /// SHA-256 of the content that was signed, the attribute messageDigest.
    #[must_use]
    pub fn message_digest(&self) -> &[u8; 32] {
        &self.message_digest
    }

    fn from_signed_data(mut fields: Reader<'_>) -> Result<Self, SignatureError> {
        fields.expect(tag::INTEGER)?;
        fields.expect(tag::SET)?;
        let mut encapsulated = fields.expect(tag::SEQUENCE)?.children();
        if encapsulated.expect(tag::OBJECT_ID)?.content != oid::DATA {
            return Err(SignatureError::Malformed("the content type is not id-data"));
        }
        if !encapsulated.is_empty() {
            return Err(SignatureError::NotDetached);
        }
        let certificates =
            fields.optional(tag::CONTEXT_0)?.map(certificates).transpose()?.unwrap_or_default();
        fields.optional(tag::CONTEXT_1)?;
        let signers = elements(&fields.expect(tag::SET)?)?;
        fields.finish()?;
        match &signers[..] {
            [signer] if signer.tag == tag::SEQUENCE => Self::from_signer(signer.children(), certificates),
            [_] => Err(SignatureError::Malformed("the signer is not a SEQUENCE")),
            several => Err(SignatureError::SignerCount(several.len())),
        }
    }

    fn from_signer(mut fields: Reader<'_>, certificates: Vec<Vec<u8>>) -> Result<Self, SignatureError> {
        // The web client says version 0 where RFC 5652 has 1; nothing depends on it.
        fields.expect(tag::INTEGER)?;
        let signer = signer_identifier(&fields.next()?)?;
        if algorithm(&fields.expect(tag::SEQUENCE)?)? != Some(oid::SHA256) {
            return Err(SignatureError::DigestAlgorithm);
        }
        let signed = fields.optional(tag::CONTEXT_0)?.ok_or(SignatureError::Attribute("set"))?;
        let message_digest = message_digest(&signed)?;
        // The web client copies the algorithm of the certificate's own signature, on old servers one with
        // SHA-1. The digest is SHA-256 nevertheless, and is verified as that.
        let algorithm = algorithm(&fields.expect(tag::SEQUENCE)?)?;
        let known = [oid::RSA, oid::SHA1_WITH_RSA, oid::SHA256_WITH_RSA];
        if !algorithm.is_some_and(|algorithm| known.contains(&algorithm)) {
            return Err(SignatureError::SignatureAlgorithm);
        }
        let signature = fields.expect(tag::OCTET_STRING)?.content.to_vec();
        fields.optional(tag::CONTEXT_1)?;
        fields.finish()?;
        let attributes = writer::element(tag::SET, &[signed.content]);
        Ok(Self { attributes, message_digest, signature, signer, certificates })
    }
}

impl From<Malformed> for SignatureError {
    fn from(Malformed(reason): Malformed) -> Self {
        Self::Malformed(reason)
    }
}

/// All elements of a SET or SEQUENCE.
fn elements<'a>(of: &Element<'a>) -> Result<Vec<Element<'a>>, Malformed> {
    let mut reader = of.children();
    let mut elements = Vec::new();
    while !reader.is_empty() {
        elements.push(reader.next()?);
    }
    Ok(elements)
}

fn certificates(set: Element<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    Ok(elements(&set)?.iter().map(|certificate| certificate.encoding.to_vec()).collect())
}

/// Issuer and serial number; `None` for a subject key identifier, by which no client finds anybody.
fn signer_identifier(identifier: &Element<'_>) -> Result<Option<IssuerAndSerial>, Malformed> {
    match identifier.tag {
        tag::SEQUENCE => {
            let mut fields = identifier.children();
            let issuer = fields.expect(tag::SEQUENCE)?.encoding.to_vec();
            let serial = fields.expect(tag::INTEGER)?.encoding.to_vec();
            Ok(Some(IssuerAndSerial { issuer, serial }))
        }
        tag::CONTEXT_0_PRIMITIVE => Ok(None),
        _ => Err(Malformed("the signer identifier is of no known kind")),
    }
}

/// The object identifier; `None` when there are parameters. NULL is none: some write it, some do not.
fn algorithm<'a>(identifier: &Element<'a>) -> Result<Option<&'a [u8]>, Malformed> {
    let mut fields = identifier.children();
    let name = fields.expect(tag::OBJECT_ID)?.content;
    let null = fields.optional(tag::NULL)?;
    let plain = null.is_none_or(|null| null.content.is_empty()) && fields.is_empty();
    Ok(plain.then_some(name))
}

/// Checks the two attributes that must be there, and returns the digest.
fn message_digest(attributes: &Element<'_>) -> Result<[u8; 32], SignatureError> {
    let (mut content_type, mut digest) = (None, None);
    for attribute in elements(attributes)? {
        let mut fields = attribute.children();
        let kind = fields.expect(tag::OBJECT_ID)?.content;
        let values = elements(&fields.expect(tag::SET)?)?;
        fields.finish()?;
        let (slot, name) = match kind {
            oid::CONTENT_TYPE => (&mut content_type, "contentType"),
            oid::MESSAGE_DIGEST => (&mut digest, "messageDigest"),
            _ => continue,
        };
        match (&values[..], &slot) {
            ([value], None) => *slot = Some(*value),
            _ => return Err(SignatureError::Attribute(name)),
        }
    }
    content_type
        .filter(|value| value.tag == tag::OBJECT_ID && value.content == oid::DATA)
        .ok_or(SignatureError::Attribute("contentType"))?;
    digest
        .filter(|value| value.tag == tag::OCTET_STRING)
        .and_then(|value| value.content.try_into().ok())
        .ok_or(SignatureError::Attribute("messageDigest"))
}
