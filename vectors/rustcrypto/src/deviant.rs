//! What clients did that no client should do: RSA in other forms than the protocol's, for vectors that a
//! reader must refuse or, for SHA-1 in certificates, put up with.

use e2ee_reference::Error;
use e2ee_reference::backend::backend;
use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::PrivateKey;
use rsa::traits::PaddingScheme;
use rsa::{Oaep, Pkcs1v15Encrypt, Pkcs1v15Sign};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::keys;
use crate::seeded::FromBackend;

/// A way to wrap a key that is not the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrapping {
    /// OAEP with SHA-256, but MGF1 with SHA-1: what a stock JVM does under the algorithm name of the
    /// specification.
    Mgf1Sha1,
    /// OAEP with SHA-1 in both places.
    OaepSha1,
    /// OAEP as it should be, but with this label.
    Label(&'static str),
    /// PKCS#1 v1.5: what desktop does with hardware tokens.
    Pkcs1v15,
}

/// Wraps `plain` in a way that no reader may accept. Random bytes come from the backend in force.
///
/// # Errors
/// [`Error::Backend`] when the key is no RSA key or too short.
pub fn wrap(wrapping: Wrapping, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
    match wrapping {
        Wrapping::Mgf1Sha1 => encrypt(Oaep::new_with_mgf_hash::<Sha256, Sha1>(), key, plain),
        Wrapping::OaepSha1 => encrypt(Oaep::new::<Sha1>(), key, plain),
        Wrapping::Label(label) => encrypt(Oaep::new_with_label::<Sha256, _>(label), key, plain),
        Wrapping::Pkcs1v15 => encrypt(Pkcs1v15Encrypt, key, plain),
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-1: what servers signed certificates with before app version 2.2.1.
///
/// # Errors
/// [`Error::Backend`].
pub fn sign_sha1(key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
    let digest = Sha1::digest(message);
    let signed = keys::private(key)?.sign(Pkcs1v15Sign::new::<Sha1>(), &digest);
    signed.map_err(|_| Error::Backend("the RSA signature"))
}

fn encrypt(padding: impl PaddingScheme, key: &PublicKey, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let wrapped = keys::public(key)?.encrypt(&mut FromBackend(backend()), padding, plain);
    wrapped.map_err(|_| Error::Backend("RSA encryption"))
}
