//! What some defects make of documents and signatures.

use super::broken;
use crate::account::OwnKeys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::backend::backend;
use e2ee_reference::metadata::{Document, MetadataKey, Recipient, with_users};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::x509::X509;

/// The document with the metadata key wrapped as text for all members but `user`.
pub(super) fn wrapped_as_text(
    document: &Document,
    members: &[Recipient],
    key: &MetadataKey,
    user: &str,
) -> Result<Document, ClientError> {
    let text = STANDARD.encode(key.as_bytes());
    let mut users = document.users().to_vec();
    for (entry, member) in users.iter_mut().zip(members).filter(|(entry, _)| entry.user_id != user) {
        let wrapped = backend().oaep_wrap(member.certificate.public_key(), text.as_bytes());
        entry.encrypted_metadata_key = STANDARD.encode(wrapped.map_err(broken)?);
    }
    Ok(with_users(document, users))
}

/// A signature that verifies, for whoever knows already whose it is.
pub(super) fn nameless_signature(content: &str, own: &OwnKeys) -> Result<String, ClientError> {
    let options = CMSOptions::DETACHED | CMSOptions::BINARY | CMSOptions::CMS_NOCERTS | CMSOptions::USE_KEYID;
    let sign = || -> Result<Vec<u8>, ErrorStack> {
        let certificate = X509::from_der(own.certificate.der())?;
        let key = PKey::private_key_from_pem(own.private_key.to_pem().as_bytes())?;
        CmsContentInfo::sign(Some(&certificate), Some(&key), None, Some(content.as_bytes()), options)?
            .to_der()
    };
    sign().map(|der| STANDARD.encode(der)).map_err(|e| ClientError::failed(e.to_string()))
}
