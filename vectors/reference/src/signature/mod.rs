//! Signatures over metadata: detached CMS SignedData (RFC 5652) in base64 (R2-SIG-01 to 10).
//!
//! Every certificate of an instance has serial number 0 and issuer = subject, so whoever makes a certificate
//! with somebody's name has "the same" certificate in the eyes of CMS. A signature is therefore bound to the
//! signer's *key* here; certificates that come inside a signature prove nothing.

mod cms;
mod error;
mod write;

use crate::certificate::Certificate;
use crate::dialect::{Dialect, SignatureForm};
use crate::error::Error;
use crate::identity::{Identity, PrivateKey};

pub use cms::Signature;
pub use error::SignatureError;

/// Signs the content of a document (see [`signed_content`](crate::canonical_json::signed_content)) at
/// `unix_seconds`; the result is the base64 of the DER, for the header `X-NC-E2EE-SIGNATURE`.
///
/// # Errors
/// [`Error::Backend`].
pub fn sign(content: &str, signer: &Identity, unix_seconds: i64) -> Result<String, Error> {
    sign_with(content, signer.certificate(), signer.private_key(), unix_seconds)
}

/// Signs with any certificate and any key, whether they belong together or not: forgeries included.
///
/// # Errors
/// [`Error::Backend`].
pub fn sign_with(
    content: &str,
    certificate: &Certificate,
    key: &PrivateKey,
    unix_seconds: i64,
) -> Result<String, Error> {
    sign_as(content, certificate, key, unix_seconds, &Dialect::SPECIFIED.signature)
}

/// As [`sign_with`], in the manner of a client.
///
/// # Errors
/// [`Error::Backend`].
pub fn sign_as(
    content: &str,
    certificate: &Certificate,
    key: &PrivateKey,
    unix_seconds: i64,
    form: &SignatureForm,
) -> Result<String, Error> {
    write::signed_data(content.as_bytes(), certificate, key, unix_seconds, form)
        .map(|der| crate::base64::encode(&der))
}

/// Checks a signature over `content` and finds the candidate whose key made it (R2-VER-04).
///
/// Refused: more or fewer than one signer, a digest other than SHA-256, no signed attributes, an embedded
/// content, anything after the signature. Signed attributes are hashed as received, in whatever order.
///
/// # Errors
/// [`SignatureError`]; in particular [`SignatureError::NoCandidate`] when the signature is none of any
/// candidate's key.
pub fn verify<'a>(
    content: &str,
    signature_b64: &str,
    candidates: &'a [Certificate],
) -> Result<&'a Certificate, SignatureError> {
    let signature = Signature::parse(signature_b64)?;
    signature.check_content(content)?;
    let mut fitting = candidates.iter().filter(|candidate| signature.is_by(candidate.public_key()));
    fitting.next().ok_or(SignatureError::NoCandidate)
}
