//! The instance's key that certifies users, and certificates that somebody else made to look like them.

mod patchwork;

use std::fmt;

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, BigNumRef};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKeyRef, Public};
use openssl::x509::extension::{AuthorityKeyIdentifier, BasicConstraints, SubjectKeyIdentifier};
use openssl::x509::{X509, X509NameRef, X509Req};

use crate::asn1::{Reader, Signed, reader, tag};
use crate::certificate::{Certificate, PublicKey};
use crate::error::Error;
use crate::identity::{PrivateKey, REQUEST_LABEL, subject};
use crate::{pem, unlawful};

pub use patchwork::{Field, patched};

/// 7300 days in seconds.
const VALIDITY: i64 = 7300 * 86_400;
const FAILED: Error = Error::Backend("making a certificate");
const BAD_REQUEST: Error = Error::Encoding { what: "certificate request" };

/// The RSA key with which a server certifies its users. It is not a certificate authority in the sense of
/// X.509: it has no name, and what it issues looks self-issued.
#[derive(Clone)]
pub struct Authority(PrivateKey);

impl Authority {
    /// An authority with a new RSA-2048 key.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn generate() -> Result<Self, Error> {
        PrivateKey::generate().map(Self)
    }

    /// An authority with this key.
    #[must_use]
    pub fn from_private_key(key: PrivateKey) -> Self {
        Self(key)
    }

    /// What `server-key` announces (R2-KEY-02).
    #[must_use]
    pub fn server_key(&self) -> PublicKey {
        self.0.public_key()
    }

    /// Certifies a request as PHP's `openssl_csr_sign` without a CA certificate does: subject copied from the
    /// request, issuer = subject, serial number 0, X.509 v3 with CA:TRUE and both key identifiers, valid from
    /// `now` (seconds since 1970) for 7300 days, signed with SHA-256.
    ///
    /// The name is not checked; see [`requested_common_name`].
    ///
    /// # Errors
    /// [`Error::Pem`] or [`Error::Encoding`] when the request is not one or is not signed by its own key.
    pub fn issue(&self, csr_pem: &str, now: i64) -> Result<Certificate, Error> {
        self.issue_with(csr_pem, now, SignatureHash::Sha256)
    }

    /// As [`Authority::issue`], with a chosen hash: servers before app 2.2.1 signed with PHP's default.
    ///
    /// # Errors
    /// As [`Authority::issue`].
    pub fn issue_with(&self, csr_pem: &str, now: i64, hash: SignatureHash) -> Result<Certificate, Error> {
        let request = read_request(csr_pem)?;
        let key = request.public_key().map_err(|_| BAD_REQUEST)?;
        build(request.subject_name(), &key, now, &self.0, hash)
    }

    /// Certifies a key for a user without the detour over a request.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn certify(&self, user_id: &str, key: &PrivateKey, now: i64) -> Result<Certificate, Error> {
        self.certify_public(user_id, &key.public_key(), now)
    }

    /// Certifies somebody's public key, whoever has the private one.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn certify_public(&self, user_id: &str, key: &PublicKey, now: i64) -> Result<Certificate, Error> {
        let name = subject(user_id).map_err(|_| FAILED)?;
        build(&name, key.pkey(), now, &self.0, SignatureHash::Sha256)
    }
}

impl Authority {
    /// Signs a certificate as nobody should.
    ///
    /// # Errors
    /// [`Error::Backend`], or [`Error::Encoding`] for one that cannot be read.
    pub fn sign_draft(&self, draft: &unlawful::certificate::Draft<'_>) -> Result<Certificate, Error> {
        Certificate::from_der(&draft.sign(&self.0)?)
    }
}

/// The hash under a certificate's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureHash {
    /// SHA-1, as some servers used it.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl SignatureHash {
    fn digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
        }
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Authority(…)")
    }
}

/// The common name that a certificate request asks for, which a server compares with the user id
/// (R2-KEY-07). `None` as in [`Certificate::common_name`].
///
/// # Errors
/// [`Error::Pem`] or [`Error::Encoding`].
pub fn requested_common_name(csr_pem: &str) -> Result<Option<String>, Error> {
    let der = pem::decode(REQUEST_LABEL, csr_pem)?;
    let subject = || {
        let mut request = Reader::new(&der).expect(tag::SEQUENCE)?.children();
        let mut fields = request.expect(tag::SEQUENCE)?.children();
        fields.expect(tag::INTEGER)?;
        fields.expect(tag::SEQUENCE)
    };
    Ok(reader::common_name(&subject().map_err(|_| BAD_REQUEST)?))
}

/// A forgery: a certificate with the names and the serial number of another one, about `key` and signed by
/// `key` itself, valid from `now` (seconds since 1970). Verifiers that compare issuer and serial number take
/// one for the other.
///
/// # Errors
/// [`Error::Backend`].
pub fn self_made(subject_of: &Certificate, key: &PrivateKey, now: i64) -> Result<Certificate, Error> {
    let serial = subject_of.x509().serial_number().to_bn().map_err(|_| FAILED)?;
    self_made_with(subject_of, &serial, key, now)
}

/// The same with a serial number of its own, which nobody takes for the other one.
///
/// # Errors
/// [`Error::Backend`].
pub fn self_made_numbered(
    subject_of: &Certificate,
    serial: u32,
    key: &PrivateKey,
    now: i64,
) -> Result<Certificate, Error> {
    self_made_with(subject_of, &*BigNum::from_u32(serial).map_err(|_| FAILED)?, key, now)
}

fn self_made_with(
    subject_of: &Certificate,
    serial: &BigNumRef,
    key: &PrivateKey,
    now: i64,
) -> Result<Certificate, Error> {
    let name = subject_of.x509().subject_name();
    sign(name, serial, key.public_key().pkey(), now, key, SignatureHash::Sha256)
        .map_err(|_| FAILED)
        .and_then(|x509| from_x509(&x509))
}

fn read_request(csr_pem: &str) -> Result<X509Req, Error> {
    let der = pem::decode(REQUEST_LABEL, csr_pem)?;
    let request = X509Req::from_der(&der).map_err(|_| BAD_REQUEST)?;
    let key = request.public_key().map_err(|_| BAD_REQUEST)?;
    let spki = PublicKey::read(&key.public_key_to_der().map_err(|_| BAD_REQUEST)?)?;
    let by_backend = Signed::read(&der).map_err(|_| BAD_REQUEST)?.is_by(&spki);
    // What only OpenSSL knows, it may judge: a server takes a request with SHA-512 as well.
    let signed = by_backend.unwrap_or_else(|| request.verify(&key).unwrap_or(false));
    if signed { Ok(request) } else { Err(BAD_REQUEST) }
}

/// A certificate with serial number 0.
fn build(
    name: &X509NameRef,
    key: &PKeyRef<Public>,
    now: i64,
    by: &PrivateKey,
    hash: SignatureHash,
) -> Result<Certificate, Error> {
    BigNum::new()
        .and_then(|zero| sign(name, &zero, key, now, by, hash))
        .map_err(|_| FAILED)
        .and_then(|x509| from_x509(&x509))
}

fn sign(
    name: &X509NameRef,
    serial: &BigNumRef,
    key: &PKeyRef<Public>,
    now: i64,
    by: &PrivateKey,
    hash: SignatureHash,
) -> Result<X509, ErrorStack> {
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(&*serial.to_asn1_integer()?)?;
    certificate.set_subject_name(name)?;
    certificate.set_issuer_name(name)?;
    certificate.set_pubkey(key)?;
    certificate.set_not_before(&*Asn1Time::from_unix(now)?)?;
    certificate.set_not_after(&*Asn1Time::from_unix(now.saturating_add(VALIDITY))?)?;
    // One after the other: each identifier is computed from what the certificate holds by then.
    let identifier = SubjectKeyIdentifier::new().build(&certificate.x509v3_context(None, None))?;
    certificate.append_extension(identifier)?;
    let identifier =
        AuthorityKeyIdentifier::new().keyid(true).build(&certificate.x509v3_context(None, None))?;
    certificate.append_extension(identifier)?;
    certificate.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    certificate.sign(by.pkey(), hash.digest())?;
    Ok(certificate.build())
}

fn from_x509(x509: &X509) -> Result<Certificate, Error> {
    Certificate::from_der(&x509.to_der().map_err(|_| FAILED)?)
}
