//! CMS SignedData of any kind.

use e2ee_reference::Error;
use e2ee_reference::backend::backend;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_rustcrypto::deviant::Signing;

use super::der::{self, element, rsadsi, sequence};
use super::text::to_base64;

/// An element of a tag and of what is inside.
pub(crate) type Encode = fn(u8, &[&[u8]]) -> Vec<u8>;

/// A signature before it is made: what a careful client writes, to be changed member by member.
pub(crate) struct Draft<'a> {
    pub(crate) certificate: &'a Certificate,
    pub(crate) key: &'a PrivateKey,
    /// The encoded signed attributes in their order; none: the signature is over the content itself.
    pub(crate) attributes: Vec<Vec<u8>>,
    /// What is signed of the attributes, if not they themselves.
    pub(crate) signed_attributes: Option<Vec<Vec<u8>>>,
    /// The tag of the set that is signed.
    pub(crate) signed_tag: u8,
    /// How the attributes are encoded where they are signed.
    pub(crate) signed_as: Encode,
    /// How the attributes are encoded where they are sent.
    pub(crate) attributes_as: Encode,
    /// Another way to sign than with SHA-256 and PKCS#1 v1.5.
    pub(crate) signing: Option<Signing>,
    /// What is done to the encoded signer.
    pub(crate) after_signer: fn(&mut Vec<u8>),
    /// What is done to the whole.
    pub(crate) after_all: fn(&mut Vec<u8>),
    pub(crate) digest_algorithm: Vec<u8>,
    pub(crate) signature_algorithm: Vec<u8>,
    /// The encoded embedded content.
    pub(crate) embedded: Vec<u8>,
    pub(crate) content_type: Vec<u8>,
    pub(crate) outer_type: Vec<u8>,
    /// How many times the certificate is embedded.
    pub(crate) certificates: usize,
    /// How many times the signer stands there.
    pub(crate) signers: usize,
    /// The signer is named by a key identifier.
    pub(crate) by_key_identifier: bool,
    /// All constructed elements that are not signed have an indefinite length.
    pub(crate) indefinite: bool,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(content: &str, signer: &'a Identity) -> Self {
        Self {
            certificate: signer.certificate(),
            key: signer.private_key(),
            attributes: vec![content_type(), signing_time(), message_digest(content)],
            signed_attributes: None,
            signed_tag: der::SET,
            signed_as: element,
            attributes_as: element,
            signing: None,
            after_signer: |_| {},
            after_all: |_| {},
            digest_algorithm: sequence(&[&der::nist_hash(1)]),
            signature_algorithm: der::algorithm(&rsadsi(&[1, 1, 1])),
            embedded: Vec::new(),
            content_type: rsadsi(&[1, 7, 1]),
            outer_type: rsadsi(&[1, 7, 2]),
            certificates: 1,
            signers: 1,
            by_key_identifier: false,
            indefinite: false,
        }
    }

    /// The base64 of the signature.
    pub(crate) fn sign(&self, content: &str) -> Result<String, Error> {
        self.to_der(content).map(to_base64)
    }

    pub(crate) fn to_der(&self, content: &str) -> Result<Vec<u8>, Error> {
        let element = if self.indefinite { der::indefinite } else { element };
        let attributes = self.attributes.concat();
        let signed = match &self.signed_attributes {
            Some(attributes) => attributes.concat(),
            None => attributes.clone(),
        };
        let message = match self.attributes.is_empty() {
            true => content.as_bytes().to_vec(),
            false => (self.signed_as)(self.signed_tag, &[&signed]),
        };
        let signature = match self.signing {
            Some(signing) => signing.sign(self.key, &message)?,
            None => backend().rsa_sign(self.key, &message)?,
        };
        let signature = der::element(der::OCTET_STRING, &[&signature]);
        let attributes = match self.attributes.is_empty() {
            true => Vec::new(),
            false => (self.attributes_as)(der::CONTEXT_0, &[&attributes]),
        };
        let (version, signer) = match self.by_key_identifier {
            true => (3, der::element(0x80, &[&[7; 20]])),
            false => (1, sequence(&[self.certificate.issuer_der(), self.certificate.serial_der()])),
        };
        let version = der::element(der::INTEGER, &[&[version]]);
        let mut signer = element(
            der::SEQUENCE,
            &[&version, &signer, &self.digest_algorithm, &attributes, &self.signature_algorithm, &signature],
        );
        (self.after_signer)(&mut signer);
        let certificates = self.certificate.der().repeat(self.certificates);
        let certificates = match self.certificates {
            0 => Vec::new(),
            _ => element(der::CONTEXT_0, &[&certificates]),
        };
        let signed_data = element(
            der::SEQUENCE,
            &[
                &version,
                &element(der::SET, &[&self.digest_algorithm]),
                &element(der::SEQUENCE, &[&self.content_type, &self.embedded]),
                &certificates,
                &element(der::SET, &[&signer.repeat(self.signers)]),
            ],
        );
        let mut all = element(der::SEQUENCE, &[&self.outer_type, &element(der::CONTEXT_0, &[&signed_data])]);
        (self.after_all)(&mut all);
        Ok(all)
    }
}

pub(crate) fn content_type() -> Vec<u8> {
    attribute(3, &[&rsadsi(&[1, 7, 1])])
}

/// At 2025-10-09T08:53:20Z.
pub(crate) fn signing_time() -> Vec<u8> {
    attribute(5, &[&element(der::UTC_TIME, &[b"251009085320Z"])])
}

pub(crate) fn message_digest(content: &str) -> Vec<u8> {
    attribute(4, &[&digest_value(content)])
}

pub(crate) fn digest_value(content: &str) -> Vec<u8> {
    element(der::OCTET_STRING, &[&backend().sha256(content.as_bytes())])
}

/// An attribute of PKCS#9 (1.2.840.113549.1.9.N) with these values.
pub(crate) fn attribute(number: u8, values: &[&[u8]]) -> Vec<u8> {
    sequence(&[&rsadsi(&[1, 9, number]), &element(der::SET, values)])
}

/// An OCTET STRING as embedded content.
pub(crate) fn embedded(content: &str) -> Vec<u8> {
    element(der::CONTEXT_0, &[&element(der::OCTET_STRING, &[content.as_bytes()])])
}
