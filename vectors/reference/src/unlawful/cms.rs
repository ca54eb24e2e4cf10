//! CMS SignedData of any kind (RFC 5652).

use super::der::{self, element, rsadsi, sequence};
use crate::asn1::tag::CONTEXT_0_PRIMITIVE;
use crate::backend::backend;
use crate::certificate::Certificate;
use crate::error::Error;
use crate::identity::PrivateKey;

/// Encodes an element of a tag and of what is inside.
pub type Encode = fn(u8, &[&[u8]]) -> Vec<u8>;

/// Signs a message with a key.
pub type Sign = Box<dyn Fn(&PrivateKey, &[u8]) -> Result<Vec<u8>, Error>>;

/// A signature before it is made: what a careful client writes, to be changed member by member.
pub struct Draft<'a> {
    /// Who signs: named by its issuer and serial number, and embedded.
    pub certificate: &'a Certificate,
    /// What signs.
    pub key: &'a PrivateKey,
    /// The encoded signed attributes in their order; none: the signature is over the content itself.
    pub attributes: Vec<Vec<u8>>,
    /// What is signed of the attributes, if not they themselves.
    pub signed_attributes: Option<Vec<Vec<u8>>>,
    /// The tag of the set that is signed.
    pub signed_tag: u8,
    /// How the attributes are encoded where they are signed.
    pub signed_as: Encode,
    /// How the attributes are encoded where they are sent.
    pub attributes_as: Encode,
    /// How it is signed: with SHA-256 and PKCS#1 v1.5.
    pub sign: Sign,
    /// What is done to the encoded signer.
    pub after_signer: fn(&mut Vec<u8>),
    /// What is done to the whole.
    pub after_all: fn(&mut Vec<u8>),
    /// The encoded AlgorithmIdentifier of the digest.
    pub digest_algorithm: Vec<u8>,
    /// The encoded AlgorithmIdentifier of the signature.
    pub signature_algorithm: Vec<u8>,
    /// The encoded embedded content.
    pub embedded: Vec<u8>,
    /// The encoded type of the content.
    pub content_type: Vec<u8>,
    /// The encoded type of the whole.
    pub outer_type: Vec<u8>,
    /// How many times the certificate is embedded.
    pub certificates: usize,
    /// Other encoded certificates, embedded before it.
    pub other_certificates: Vec<Vec<u8>>,
    /// How many times the signer stands there.
    pub signers: usize,
    /// Other encoded signers (see [`Draft::signer`]), before it.
    pub other_signers: Vec<Vec<u8>>,
    /// The signer is named by this key identifier.
    pub key_identifier: Option<[u8; 20]>,
    /// All constructed elements that are not signed have an indefinite length.
    pub indefinite: bool,
}

impl<'a> Draft<'a> {
    /// What a careful client signs at `unix_seconds`.
    #[must_use]
    pub fn new(content: &str, certificate: &'a Certificate, key: &'a PrivateKey, unix_seconds: i64) -> Self {
        Self {
            certificate,
            key,
            attributes: vec![content_type(), signing_time(unix_seconds), message_digest(content)],
            signed_attributes: None,
            signed_tag: der::SET,
            signed_as: element,
            attributes_as: element,
            sign: Box::new(|key, message| backend().rsa_sign(key, message)),
            after_signer: |_| {},
            after_all: |_| {},
            digest_algorithm: sequence(&[&der::nist_hash(1)]),
            signature_algorithm: der::algorithm(&rsadsi(&[1, 1, 1])),
            embedded: Vec::new(),
            content_type: rsadsi(&[1, 7, 1]),
            outer_type: rsadsi(&[1, 7, 2]),
            certificates: 1,
            other_certificates: Vec::new(),
            signers: 1,
            other_signers: Vec::new(),
            key_identifier: None,
            indefinite: false,
        }
    }

    /// The base64 of the signature.
    ///
    /// # Errors
    /// Those of [`Draft::sign`].
    pub fn to_base64(&self, content: &str) -> Result<String, Error> {
        self.to_der(content).map(|der| crate::base64::encode(&der))
    }

    /// The whole.
    ///
    /// # Errors
    /// Those of [`Draft::sign`].
    pub fn to_der(&self, content: &str) -> Result<Vec<u8>, Error> {
        let element = self.encode();
        let mut signers = self.other_signers.concat();
        signers.extend(self.signer(content)?.repeat(self.signers));
        let mut certificates = self.other_certificates.concat();
        certificates.extend(self.certificate.der().repeat(self.certificates));
        let certificates = match certificates.is_empty() {
            true => Vec::new(),
            false => element(der::CONTEXT_0, &[&certificates]),
        };
        let signed_data = element(
            der::SEQUENCE,
            &[
                &self.version(),
                &element(der::SET, &[&self.digest_algorithm]),
                &element(der::SEQUENCE, &[&self.content_type, &self.embedded]),
                &certificates,
                &element(der::SET, &[&signers]),
            ],
        );
        let mut all = element(der::SEQUENCE, &[&self.outer_type, &element(der::CONTEXT_0, &[&signed_data])]);
        (self.after_all)(&mut all);
        Ok(all)
    }

    /// The encoded SignerInfo.
    ///
    /// # Errors
    /// Those of [`Draft::sign`].
    pub fn signer(&self, content: &str) -> Result<Vec<u8>, Error> {
        let attributes = self.attributes.concat();
        let signed = match &self.signed_attributes {
            Some(attributes) => attributes.concat(),
            None => attributes.clone(),
        };
        let message = match self.attributes.is_empty() {
            true => content.as_bytes().to_vec(),
            false => (self.signed_as)(self.signed_tag, &[&signed]),
        };
        let signature = element(der::OCTET_STRING, &[&(self.sign)(self.key, &message)?]);
        let attributes = match self.attributes.is_empty() {
            true => Vec::new(),
            false => (self.attributes_as)(der::CONTEXT_0, &[&attributes]),
        };
        let identifier = match self.key_identifier {
            Some(identifier) => element(CONTEXT_0_PRIMITIVE, &[&identifier]),
            None => sequence(&[self.certificate.issuer_der(), self.certificate.serial_der()]),
        };
        let fields = [
            &self.version()[..],
            &identifier,
            &self.digest_algorithm,
            &attributes,
            &self.signature_algorithm,
            &signature,
        ];
        let mut signer = self.encode()(der::SEQUENCE, &fields);
        (self.after_signer)(&mut signer);
        Ok(signer)
    }

    fn encode(&self) -> Encode {
        if self.indefinite { der::indefinite } else { element }
    }

    /// The same for the whole and for the signer, with one signer.
    fn version(&self) -> Vec<u8> {
        element(der::INTEGER, &[&[if self.key_identifier.is_some() { 3 } else { 1 }]])
    }
}

/// The attribute contentType: id-data.
#[must_use]
pub fn content_type() -> Vec<u8> {
    attribute(3, &[&rsadsi(&[1, 7, 1])])
}

/// The attribute signingTime.
#[must_use]
pub fn signing_time(unix_seconds: i64) -> Vec<u8> {
    attribute(5, &[&der::time(unix_seconds)])
}

/// The attribute messageDigest, with SHA-256.
#[must_use]
pub fn message_digest(content: &str) -> Vec<u8> {
    attribute(4, &[&digest_value(content)])
}

/// The value of that attribute.
#[must_use]
pub fn digest_value(content: &str) -> Vec<u8> {
    element(der::OCTET_STRING, &[&backend().sha256(content.as_bytes())])
}

/// An attribute of PKCS#9 (1.2.840.113549.1.9.N) with these values.
#[must_use]
pub fn attribute(number: u8, values: &[&[u8]]) -> Vec<u8> {
    sequence(&[&rsadsi(&[1, 9, number]), &element(der::SET, values)])
}

/// The identifier of its own key that a certificate has as an extension.
#[must_use]
pub fn key_identifier(certificate: &Certificate) -> Option<[u8; 20]> {
    certificate.x509().subject_key_id()?.as_slice().try_into().ok()
}

/// An OCTET STRING as embedded content.
#[must_use]
pub fn embedded(content: &str) -> Vec<u8> {
    element(der::CONTEXT_0, &[&element(der::OCTET_STRING, &[content.as_bytes()])])
}

/// The AlgorithmIdentifier of RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 4055).
#[must_use]
pub fn pss_algorithm() -> Vec<u8> {
    let sha256 = sequence(&[&der::nist_hash(1)]);
    let parameters = sequence(&[
        &element(der::CONTEXT_0, &[&sha256]),
        &element(der::CONTEXT_1, &[&sequence(&[&rsadsi(&[1, 1, 8]), &sha256])]),
        &element(der::CONTEXT_2, &[&element(der::INTEGER, &[&[32]])]),
    ]);
    sequence(&[&rsadsi(&[1, 1, 10]), &parameters])
}
