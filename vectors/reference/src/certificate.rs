//! X.509 certificates and public keys as the server hands them out.
//!
//! Every certificate of an instance has issuer = subject and serial number 0 while the signature is the
//! server key's: names prove nothing, so that the only question asked here is whose key signed.

use std::fmt;
use std::sync::Arc;

use openssl::asn1::Asn1Time;
use openssl::pkey::{Id, PKey, PKeyRef, Public};
use openssl::x509::X509;

use crate::asn1::{self, Reader, Signed, tag};
use crate::backend::backend;
use crate::error::Error;
use crate::pem;

const PEM_LABEL: &str = "CERTIFICATE";
const KEY_PEM_LABEL: &str = "PUBLIC KEY";
const NOT_WELL_FORMED: Error = Error::Encoding { what: "certificate" };

/// A parsed certificate; cheap to clone.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    der: Vec<u8>,
    x509: X509,
    common_name: Option<String>,
    public_key: PublicKey,
    issuer_der: Vec<u8>,
    serial_der: Vec<u8>,
    fingerprint: [u8; 32],
}

impl Certificate {
    /// Reads the first certificate of a PEM text; any column width.
    ///
    /// # Errors
    /// [`Error::Pem`] or [`Error::Encoding`].
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_der(&pem::decode(PEM_LABEL, text)?)
    }

    /// Reads DER, with nothing after it.
    ///
    /// # Errors
    /// [`Error::Encoding`].
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        backend().certificate(der)
    }

    pub(crate) fn read(der: &[u8]) -> Result<Self, Error> {
        let names = Names::read(der).map_err(|_| NOT_WELL_FORMED)?;
        let x509 = X509::from_der(der).map_err(|_| NOT_WELL_FORMED)?;
        let public_key = x509.public_key().map_err(|_| NOT_WELL_FORMED)?;
        Ok(Self(Arc::new(Parsed {
            der: der.to_vec(),
            common_name: names.common_name,
            public_key: PublicKey { pkey: public_key, der: names.public_key.into() },
            issuer_der: names.issuer,
            serial_der: names.serial,
            fingerprint: backend().sha256(der),
            x509,
        })))
    }

    /// PEM with 64 columns and a final line end.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(PEM_LABEL, &self.0.der).to_string()
    }

    /// The common name of the subject: the user id, or `s:TOKEN` for a public share. `None` when there is no
    /// common name, more than one, or one that is not text.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.0.common_name.as_deref()
    }

    /// The key that the certificate is about.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// Whether this key made the certificate's signature (R2-KEY-03, R2-VER-07). SHA-1 and SHA-256 with RSA
    /// count, since servers signed with SHA-1 until app version 2.2.1. Names and dates are not looked at.
    #[must_use]
    pub fn is_issued_by(&self, server_key: &PublicKey) -> bool {
        let signed = Signed::read(&self.0.der);
        signed.is_ok_and(|signed| names_one_algorithm(&signed) && signed.is_by(server_key) == Some(true))
    }

    /// SHA-256 of the DER.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.fingerprint
    }

    /// The certificate as DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The issuer's distinguished name as DER, as it stands in the certificate.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.0.issuer_der
    }

    /// The serial number as a DER INTEGER, as it stands in the certificate.
    #[must_use]
    pub fn serial_der(&self) -> &[u8] {
        &self.0.serial_der
    }

    /// Whether the time, in seconds since 1970, lies within the validity period, both ends included.
    #[must_use]
    pub fn is_valid_at(&self, unix_seconds: i64) -> bool {
        Asn1Time::from_unix(unix_seconds).is_ok_and(|now| {
            self.0.x509.not_before().compare(&now).is_ok_and(std::cmp::Ordering::is_le)
                && self.0.x509.not_after().compare(&now).is_ok_and(std::cmp::Ordering::is_ge)
        })
    }

    pub(crate) fn x509(&self) -> &X509 {
        &self.0.x509
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificate({})", self.common_name().unwrap_or("nobody"))
    }
}

/// An RSA public key, or another kind that a certificate may carry and every use refuses.
#[derive(Clone)]
pub struct PublicKey {
    pkey: PKey<Public>,
    der: Arc<[u8]>,
}

impl PublicKey {
    /// Reads SPKI PEM, the form of `server-key`.
    ///
    /// # Errors
    /// [`Error::Pem`] or [`Error::Encoding`].
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        backend().public_key(&pem::decode(KEY_PEM_LABEL, text)?)
    }

    /// SPKI PEM with 64 columns and a final line end.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode(KEY_PEM_LABEL, &self.der).to_string()
    }

    /// The key as DER (SPKI).
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.pkey.bits()
    }

    /// Whether the key may be used to wrap keys and check signatures: RSA with 2048 to 16384 bits and an odd
    /// public exponent of at least 65537.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        self.pkey.id() == Id::RSA
            && (2048..=16_384).contains(&self.bits())
            && self
                .pkey
                .rsa()
                .is_ok_and(|rsa| rsa.e().is_bit_set(0) && rsa.e().num_bits() >= 17 && rsa.n().is_bit_set(0))
    }

    /// Reads SPKI DER, with nothing after it.
    pub(crate) fn read(der: &[u8]) -> Result<Self, Error> {
        const MALFORMED: Error = Error::Encoding { what: "public key" };
        let mut outer = Reader::new(der);
        outer.expect(tag::SEQUENCE).and_then(|_| outer.finish()).map_err(|_| MALFORMED)?;
        let pkey = PKey::public_key_from_der(der).map_err(|_| MALFORMED)?;
        Ok(Self { pkey, der: der.into() })
    }

    pub(crate) fn pkey(&self) -> &PKeyRef<Public> {
        &self.pkey
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.pkey.public_eq(&other.pkey)
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({} bits)", self.bits())
    }
}

/// Whether the algorithm inside of what is signed is the one outside, which anybody could change.
fn names_one_algorithm(signed: &Signed<'_>) -> bool {
    let mut fields = signed.content.children();
    let mut inner = || {
        fields.optional(tag::CONTEXT_0)?;
        fields.expect(tag::INTEGER)?;
        fields.expect(tag::SEQUENCE)
    };
    inner().is_ok_and(|inner| inner.encoding == signed.algorithm.encoding)
}

/// What is read from the DER by hand: OpenSSL re-encodes some of it and cuts names at a NUL.
struct Names {
    serial: Vec<u8>,
    issuer: Vec<u8>,
    public_key: Vec<u8>,
    common_name: Option<String>,
}

impl Names {
    fn read(der: &[u8]) -> Result<Self, asn1::Malformed> {
        let mut fields = Signed::read(der)?.content.children();
        fields.optional(tag::CONTEXT_0)?;
        let serial = fields.expect(tag::INTEGER)?.encoding.to_vec();
        fields.expect(tag::SEQUENCE)?;
        let issuer = fields.expect(tag::SEQUENCE)?.encoding.to_vec();
        fields.expect(tag::SEQUENCE)?;
        let subject = fields.expect(tag::SEQUENCE)?;
        let public_key = fields.expect(tag::SEQUENCE)?.encoding.to_vec();
        Ok(Self { serial, issuer, public_key, common_name: asn1::reader::common_name(&subject) })
    }
}
