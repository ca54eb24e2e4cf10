//! Certificates and certificate requests with any content.

use super::WeakHash;
use super::der::{self, element, sequence};
use crate::backend::backend;
use crate::certificate::PublicKey;
use crate::error::Error;
use crate::identity::PrivateKey;
use crate::pem;

/// One attribute of a name: the last number of its object identifier 2.5.4.N, string type, contents.
pub type Attribute<'a> = (u8, u8, &'a [u8]);

/// The last number of the object identifier of the common name.
pub const COMMON_NAME: u8 = 3;

/// The common name and nothing else.
#[must_use]
pub fn named(user_id: &str) -> Vec<Attribute<'_>> {
    vec![(COMMON_NAME, der::UTF8_STRING, user_id.as_bytes())]
}

/// As desktop asks for: C, ST, L, O, CN.
#[must_use]
pub fn desktop_name(user_id: &str) -> Vec<Attribute<'_>> {
    vec![
        (6, der::PRINTABLE_STRING, b"DE"),
        (8, der::UTF8_STRING, b"Baden-Wuerttemberg"),
        (7, der::UTF8_STRING, b"Stuttgart"),
        (10, der::UTF8_STRING, b"Nextcloud"),
        (COMMON_NAME, der::UTF8_STRING, user_id.as_bytes()),
    ]
}

/// 2025-01-01.
const FROM: i64 = 1_735_689_600;
/// `[3]`, constructed.
const CONTEXT_3: u8 = 0xa3;

/// The signature algorithm that a certificate claims, below 1.2.840.113549.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// md5WithRSAEncryption.
    Md5,
    /// sha1WithRSAEncryption.
    Sha1,
    /// RSASSA-PSS.
    Pss,
    /// sha256WithRSAEncryption.
    Sha256,
}

impl Algorithm {
    fn identifier(self) -> Vec<u8> {
        let number = match self {
            Self::Md5 => 4,
            Self::Sha1 => 5,
            Self::Pss => 10,
            Self::Sha256 => 11,
        };
        der::algorithm(&der::rsadsi(&[1, 1, number]))
    }
}

/// A certificate before it is signed. Serial number 0, valid for 7300 days from 2025-01-01.
pub struct Draft<'a> {
    /// Whom it is about.
    pub subject: Vec<Attribute<'a>>,
    /// The subject unless given.
    pub issuer: Option<Vec<Attribute<'a>>>,
    /// The key that it is about.
    pub key: &'a PublicKey,
    /// From when to when, in seconds since 1970.
    pub valid: (i64, i64),
    /// The algorithm it is signed with, SHA-1 or else SHA-256.
    pub algorithm: Algorithm,
    /// The algorithm that stands in the signed part; the same unless given.
    pub inner_algorithm: Option<Algorithm>,
    /// Encoded extensions.
    pub extensions: Vec<Vec<u8>>,
}

impl<'a> Draft<'a> {
    /// An ordinary one.
    #[must_use]
    pub fn new(subject: Vec<Attribute<'a>>, key: &'a PublicKey) -> Self {
        let valid = (FROM, FROM + 7300 * 86_400);
        let (algorithm, inner_algorithm, extensions) = (Algorithm::Sha256, None, Vec::new());
        Self { subject, issuer: None, key, valid, algorithm, inner_algorithm, extensions }
    }

    /// The DER of the certificate.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn sign(&self, by: &PrivateKey) -> Result<Vec<u8>, Error> {
        let inner = self.inner_algorithm.unwrap_or(self.algorithm).identifier();
        let extensions = match &self.extensions[..] {
            [] => Vec::new(),
            several => element(CONTEXT_3, &[&sequence(&[&several.concat()])]),
        };
        let tbs = sequence(&[
            &element(der::CONTEXT_0, &[&element(der::INTEGER, &[&[2]])]),
            &element(der::INTEGER, &[&[0]]),
            &inner,
            &name(self.issuer.as_ref().unwrap_or(&self.subject)),
            &sequence(&[&der::time(self.valid.0), &der::time(self.valid.1)]),
            &name(&self.subject),
            self.key.der(),
            &extensions,
        ]);
        signed(tbs, self.algorithm, by)
    }

    /// PEM of the certificate.
    ///
    /// # Errors
    /// As [`Draft::sign`].
    pub fn sign_to_pem(&self, by: &PrivateKey) -> Result<String, Error> {
        Ok(certificate_pem(&self.sign(by)?))
    }
}

/// PEM of what need not be a certificate.
#[must_use]
pub fn certificate_pem(der: &[u8]) -> String {
    pem::encode("CERTIFICATE", der).to_string()
}

/// The DER of a certificate request: version (0 is right), subject, attributes (encoded), signed by `by`.
///
/// # Errors
/// [`Error::Backend`].
pub fn request(
    version: u8,
    subject: &[Attribute<'_>],
    key: &PublicKey,
    attributes: &[u8],
    by: &PrivateKey,
) -> Result<Vec<u8>, Error> {
    let info = sequence(&[
        &element(der::INTEGER, &[&[version]]),
        &name(subject),
        key.der(),
        &element(der::CONTEXT_0, &[attributes]),
    ]);
    signed(info, Algorithm::Sha256, by)
}

fn name(attributes: &[Attribute<'_>]) -> Vec<u8> {
    let sets: Vec<u8> = attributes
        .iter()
        .flat_map(|(number, tag, content)| {
            let kind = element(der::OBJECT_ID, &[&[0x55, 0x04, *number]]);
            element(der::SET, &[&sequence(&[&kind, &element(*tag, &[content])])])
        })
        .collect();
    sequence(&[&sets])
}

fn signed(content: Vec<u8>, algorithm: Algorithm, by: &PrivateKey) -> Result<Vec<u8>, Error> {
    let signature = match algorithm {
        Algorithm::Sha1 => WeakHash::Sha1.sign(by, &content)?,
        _ => backend().rsa_sign(by, &content)?,
    };
    Ok(sequence(&[&content, &algorithm.identifier(), &der::bit_string(&signature)]))
}
