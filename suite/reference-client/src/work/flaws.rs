//! What some defects make of documents and signatures.

use super::broken;
use crate::account::OwnKeys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::protocol::ClientError;
use e2ee_reference::backend::backend;
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::metadata::{Document, FileEntry, MetadataKey, Recipient, with_users};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::symm::{Cipher, Crypter, Mode};
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

/// What a stored file decrypts to when nobody looks at its tag, the last 16 bytes: AES-GCM is counter mode beside that.
///
/// # Errors
/// When the entry has no nonce that can be used.
pub fn unauthenticated(entry: &FileEntry, stored: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let ciphertext = stored.get(..stored.len().saturating_sub(16)).unwrap_or_default();
    let cipher = Cipher::aes_128_gcm();
    let mut crypter = Crypter::new(cipher, Mode::Decrypt, entry.key.as_bytes(), Some(&entry.nonce))?;
    let mut plain = vec![0; ciphertext.len() + cipher.block_size()];
    let length = crypter.update(ciphertext, &mut plain)?;
    plain.truncate(length);
    Ok(plain)
}

/// Whether the first half of a stored file's tag is the right one.
pub(super) fn part_is_right(entry: &FileEntry, stored: &[u8]) -> bool {
    let plain = unauthenticated(entry, stored).unwrap_or_default();
    let right = file_cipher::encrypt(&entry.key, &entry.nonce, &plain);
    let tag = stored.len().checked_sub(16).and_then(|start| stored.get(start..));
    right.is_ok_and(|right| tag.is_some_and(|tag| tag[..8] == right.tag[..8]))
}

/// What a client keeps for itself, what Windows does, and what shows otherwise than it is.
pub(super) fn is_reserved(name: &str) -> bool {
    [".sync_", "._sync_", ".nextcloudsync.", "desktop.ini", "CON"].iter().any(|begin| name.starts_with(begin))
        || name.contains(|c: char| c.is_control() || c == '\u{202e}')
}

/// A key that two files have that hold the same.
pub(super) fn key_of(content: &[u8]) -> FileKey {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&backend().sha256(content)[..16]);
    FileKey::from_bytes(bytes)
}

/// As HTTP wants it (RFC 1864).
pub(super) fn content_md5(content: &[u8]) -> Result<String, ClientError> {
    let digest = hash(MessageDigest::md5(), content).map_err(|e| ClientError::failed(e.to_string()))?;
    Ok(STANDARD.encode(&*digest))
}

/// RFC 1950, section 9.
pub(super) fn adler32(content: &[u8]) -> u32 {
    let (low, high) = content.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65521;
        (low, (high + low) % 65521)
    });
    (high << 16) | low
}
