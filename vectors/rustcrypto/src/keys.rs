//! Keys of the reference implementation as keys of the `rsa` crate.

use e2ee_reference::Error;
use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::PrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::{RsaPrivateKey, RsaPublicKey};

/// Through PEM: the two libraries share no type.
pub(crate) fn public(key: &PublicKey) -> Result<RsaPublicKey, Error> {
    RsaPublicKey::from_public_key_pem(&key.to_pem()).map_err(|_| Error::Encoding { what: "public key" })
}

pub(crate) fn private(key: &PrivateKey) -> Result<RsaPrivateKey, Error> {
    RsaPrivateKey::from_pkcs8_pem(&key.to_pem()).map_err(|_| Error::Encoding { what: "private key" })
}
