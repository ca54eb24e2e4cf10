//! Encrypted connections, certified by an authority that the server makes when it starts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Name};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto};

/// How long certificates are valid, in days, from yesterday on: clocks of clients differ.
const DAYS: u32 = 90;

/// Why connections cannot be encrypted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificates cannot be made.
    #[error("cannot make certificates: {0}")]
    Certificates(#[from] ErrorStack),
    /// The certificates were made and cannot be used.
    #[error("cannot use the certificates: {0}")]
    Configuration(#[from] rustls::Error),
}

/// What it takes to encrypt connections, and the certificate that clients have to trust.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    /// PEM.
    pub(crate) ca_certificate: String,
}

impl Tls {
    /// A server that is `localhost`, 127.0.0.1, `::1` and these, each a DNS name or an IP address. The authority's key
    /// is gone when this returns: nobody can have anything else certified by it.
    pub(crate) fn certified_for(names: &[String]) -> Result<Self, TlsError> {
        let authority_key = new_key()?;
        let authority = authority(&authority_key)?;
        let key = new_key()?;
        let certificate = certificate(&key, names, &authority, &authority_key)?;

        let chain = vec![CertificateDer::from(certificate.to_der()?)];
        let key = PrivateKeyDer::Pkcs8(key.private_key_to_pkcs8()?.into());
        let provider = Arc::new(crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let ca_certificate = String::from_utf8_lossy(&authority.to_pem()?).into_owned();
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_certificate })
    }
}

fn new_key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_ec_key(EcKey::generate(EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?.as_ref())?)
}

fn authority(key: &PKey<Private>) -> Result<X509, ErrorStack> {
    let name = name("e2ee-mock-server test authority")?;
    let mut builder = builder(&name, &name, key)?;
    builder.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().build()?)?;
    let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
    builder.append_extension(identifier)?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}

fn certificate(
    key: &PKey<Private>,
    names: &[String],
    authority: &X509,
    authority_key: &PKey<Private>,
) -> Result<X509, ErrorStack> {
    let mut builder = builder(&name("e2ee-mock-server")?, authority.subject_name(), key)?;
    builder.append_extension(BasicConstraints::new().critical().build()?)?;
    builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
    builder.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
    let extensions = {
        let context = builder.x509v3_context(Some(authority), None);
        [
            SubjectKeyIdentifier::new().build(&context)?,
            AuthorityKeyIdentifier::new().keyid(true).build(&context)?,
            alternative_names(names).build(&context)?,
        ]
    };
    extensions.into_iter().try_for_each(|extension| builder.append_extension(extension))?;
    builder.sign(authority_key, MessageDigest::sha256())?;
    Ok(builder.build())
}

fn alternative_names(names: &[String]) -> SubjectAlternativeName {
    let mut alternative = SubjectAlternativeName::new();
    alternative.dns("localhost");
    let mut addresses = vec![IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
    for name in names {
        match name.parse::<IpAddr>() {
            Ok(address) => addresses.push(address),
            Err(_) => _ = alternative.dns(name),
        }
    }
    addresses.sort();
    addresses.dedup();
    for address in addresses {
        alternative.ip(&address.to_string());
    }
    alternative
}

fn builder(
    subject: &X509Name,
    issuer: &openssl::x509::X509NameRef,
    key: &PKey<Private>,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    builder.set_serial_number(Asn1Integer::from_bn(&serial)?.as_ref())?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(yesterday()?.as_ref())?;
    builder.set_not_after(Asn1Time::days_from_now(DAYS)?.as_ref())?;
    Ok(builder)
}

fn yesterday() -> Result<Asn1Time, ErrorStack> {
    let now = crate::Clock::default().now();
    Asn1Time::from_unix(now - 86_400)
}

fn name(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_text("CN", common_name)?;
    Ok(name.build())
}
