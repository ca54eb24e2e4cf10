//! A user's key pair: private key, certificate request, and the two bound together.

use std::fmt;
use std::sync::Arc;

use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, PKeyRef, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509Name, X509Req};
use zeroize::Zeroizing;

use crate::backend::backend;
use crate::certificate::{Certificate, PublicKey};
use crate::dialect::PemForm;
use crate::error::Error;
use crate::pem;

const PEM_LABEL: &str = "PRIVATE KEY";
pub(crate) const REQUEST_LABEL: &str = "CERTIFICATE REQUEST";
const NOT_WELL_FORMED: Error = Error::Encoding { what: "private key" };
const REQUEST_FAILED: Error = Error::Backend("making the certificate request");

/// An RSA private key; cheap to clone, wiped by the library when the last clone goes.
#[derive(Clone)]
pub struct PrivateKey {
    pkey: PKey<Private>,
    public: PublicKey,
    pkcs8: Arc<Zeroizing<Vec<u8>>>,
}

impl PrivateKey {
    /// A new key: RSA, 2048 bits, public exponent 65537, as every client makes it.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn generate() -> Result<Self, Error> {
        Rsa::generate(2048)
            .and_then(PKey::from_rsa)
            .map_err(|_| Error::Backend("making an RSA key"))
            .and_then(Self::from_pkey)
    }

    /// Reads PKCS#8 PEM (R2-KEY-11) of any column width.
    ///
    /// # Errors
    /// [`Error::Pem`], or [`Error::Encoding`] when it is not an RSA key in PKCS#8.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        backend().private_key(&pem::decode(PEM_LABEL, text)?)
    }

    /// Reads PKCS#8 DER.
    pub(crate) fn read(der: &[u8]) -> Result<Self, Error> {
        PKey::private_key_from_pkcs8(der).map_err(|_| NOT_WELL_FORMED).and_then(Self::from_pkey)
    }

    /// PKCS#8 PEM with 64 columns and a final line end; wiped on drop.
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        pem::encode(PEM_LABEL, &self.pkcs8)
    }

    /// PKCS#8 PEM with other lines; wiped on drop.
    #[must_use]
    pub fn to_pem_as(&self, form: &PemForm) -> Zeroizing<String> {
        pem::encode_as(PEM_LABEL, &self.pkcs8, form)
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    pub(crate) fn pkey(&self) -> &PKeyRef<Private> {
        &self.pkey
    }

    fn from_pkey(pkey: PKey<Private>) -> Result<Self, Error> {
        if pkey.id() != Id::RSA {
            return Err(NOT_WELL_FORMED);
        }
        let spki = pkey.public_key_to_der().map_err(|_| NOT_WELL_FORMED)?;
        let public = PublicKey::read(&spki).map_err(|_| NOT_WELL_FORMED)?;
        let pkcs8 = Zeroizing::new(pkey.private_key_to_pkcs8().map_err(|_| NOT_WELL_FORMED)?);
        Ok(Self { pkey, public, pkcs8: Arc::new(pkcs8) })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKey(…)")
    }
}

/// A certificate request in PEM: PKCS#10 (R2-KEY-04), common name = user id and nothing else (R2-KEY-05),
/// signed with SHA-256.
///
/// # Errors
/// [`Error::Backend`], for instance when the user id is longer than the 64 characters X.509 allows.
pub fn certificate_request(key: &PrivateKey, user_id: &str) -> Result<String, Error> {
    let request = || {
        let mut request = X509Req::builder()?;
        request.set_version(0)?;
        let name = subject(user_id)?;
        request.set_subject_name(&name)?;
        request.set_pubkey(key.public_key().pkey())?;
        request.sign(key.pkey(), MessageDigest::sha256())?;
        request.build().to_der()
    };
    let der = request().map_err(|_: openssl::error::ErrorStack| REQUEST_FAILED)?;
    Ok(pem::encode(REQUEST_LABEL, &der).to_string())
}

/// A distinguished name that consists of the common name.
pub(crate) fn subject(user_id: &str) -> Result<X509Name, openssl::error::ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::COMMONNAME, user_id)?;
    Ok(name.build())
}

/// A user with certificate and private key, known to belong together.
#[derive(Clone)]
pub struct Identity {
    user_id: String,
    certificate: Certificate,
    private_key: PrivateKey,
}

impl Identity {
    /// Binds the three (R2-KEY-25, R2-KEY-05). Whether the certificate is the server's is the business of
    /// [`trust::check_certificate`](crate::trust::check_certificate).
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] or [`Error::NameMismatch`].
    pub fn new(user_id: &str, certificate: Certificate, key: PrivateKey) -> Result<Self, Error> {
        if *certificate.public_key() != key.public {
            return Err(Error::KeyMismatch);
        }
        if certificate.common_name() != Some(user_id) {
            let found = certificate.common_name().unwrap_or("nobody").to_owned();
            return Err(Error::NameMismatch { user_id: user_id.to_owned(), found });
        }
        Ok(Self { user_id: user_id.to_owned(), certificate, private_key: key })
    }

    /// The user id, which is the certificate's common name.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The private key that belongs to the certificate.
    #[must_use]
    pub fn private_key(&self) -> &PrivateKey {
        &self.private_key
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Identity({})", self.user_id)
    }
}
