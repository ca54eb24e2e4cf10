//! Metadata as it comes: the JSON inside the ciphertext, whatever a strict reader would think of it.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::backend::backend;
use e2ee_reference::metadata::{Document, MetadataKey};
use e2ee_reference::random;
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::error::MoveError;

/// More than any scenario needs.
const MAX_CONTENTS: u64 = 16 * 1024 * 1024;
/// Length of the authentication tag at the end.
const TAG: usize = 16;

/// The decrypted part of a document.
pub(super) fn open(document: &Document, key: &MetadataKey) -> Result<Value, MoveError> {
    let member = |name: &str| {
        let text = document.value()["metadata"][name].as_str().unwrap_or_default();
        let text = text.split_once('|').map_or(text, |(first, _)| first);
        STANDARD.decode(text).map_err(|_| unreadable())
    };
    let plain = backend().aes_gcm_open(key.as_bytes(), &member("nonce")?, &member("ciphertext")?)?;
    let mut text = String::new();
    let inflated = GzDecoder::new(plain.as_slice()).take(MAX_CONTENTS).read_to_string(&mut text);
    inflated.map_err(|_| unreadable())?;
    serde_json::from_str(&text).map_err(|_| unreadable())
}

/// The member `metadata` of a document with these contents.
pub(super) fn seal(contents: &Value, key: &MetadataKey) -> Result<Value, MoveError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(contents.to_string().as_bytes()).map_err(|_| unreadable())?;
    seal_bytes(&encoder.finish().map_err(|_| unreadable())?, key)
}

/// The same with bytes that need not be compressed JSON.
pub(super) fn seal_bytes(plain: &[u8], key: &MetadataKey) -> Result<Value, MoveError> {
    let nonce = random::array::<12>();
    let sealed = backend().aes_gcm_seal(key.as_bytes(), &nonce, plain)?;
    let tag = sealed.len().checked_sub(TAG).and_then(|start| sealed.get(start..)).unwrap_or_default();
    Ok(json!({ "ciphertext": STANDARD.encode(&sealed), "nonce": STANDARD.encode(nonce),
        "authenticationTag": STANDARD.encode(tag) }))
}

fn unreadable() -> MoveError {
    MoveError::UnexpectedMetadata { folder: String::new(), reason: "its contents cannot be read".to_owned() }
}
