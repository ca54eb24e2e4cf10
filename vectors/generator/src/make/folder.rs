//! Folders of metadata 2.x: contents, documents, and the members of documents one by one.

use std::io::Write as _;

use e2ee_reference::Error;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::metadata::{Contents, FileEntry, MetadataKey};
use e2ee_reference::random;
use e2ee_rustcrypto::deviant;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::{Map, Value, json};

use super::text::to_base64;

/// A file with a random key, nonce and authentication tag.
pub(crate) fn file(filename: &str) -> FileEntry {
    FileEntry {
        filename: filename.to_owned(),
        mimetype: "text/plain".to_owned(),
        nonce: random::array::<12>().to_vec(),
        authentication_tag: random::array::<16>().to_vec(),
        key: FileKey::generate(),
    }
}

/// Two files and a subfolder under the key.
pub(crate) fn contents(key: &MetadataKey) -> Contents {
    Contents {
        key_checksums: vec![key.checksum()],
        counter: 7,
        folders: [(random::file_id(), "plans".to_owned())].into(),
        files: ["report.txt", "notes.txt"].map(|name| (random::file_id(), file(name))).into(),
        ..Contents::default()
    }
}

/// Contents as they are sealed, with all members.
pub(crate) fn inner(contents: &Contents) -> Value {
    let files = contents.files.iter().map(|(id, file)| (id.clone(), file_json(file)));
    json!({
        "keyChecksums": contents.key_checksums,
        "deleted": contents.deleted,
        "counter": contents.counter,
        "folders": contents.folders,
        "files": files.collect::<Map<_, _>>(),
    })
}

/// The entry of a file as it stands in contents and in filedrops.
pub(crate) fn file_json(file: &FileEntry) -> Value {
    json!({
        "filename": file.filename,
        "mimetype": file.mimetype,
        "nonce": to_base64(&file.nonce),
        "authenticationTag": to_base64(&file.authentication_tag),
        "key": file.key.to_base64(),
    })
}

/// Ciphertext, nonce and authentication tag, for metadata and filedrop entries. Key and nonce may have lengths
/// that no reader takes; they are used all the same.
pub(crate) fn envelope(key: &[u8], nonce: &[u8], compressed: &[u8]) -> Result<Value, Error> {
    let sealed = deviant::seal(key, nonce, compressed)?;
    Ok(json!({
        "ciphertext": to_base64(&sealed),
        "nonce": to_base64(nonce),
        "authenticationTag": to_base64(&sealed[sealed.len() - 16..]),
    }))
}

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // A vector takes everything.
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

pub(crate) fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

/// The document of a subfolder around these compressed contents.
pub(crate) fn subfolder(key: &[u8; 16], compressed: &[u8], version: &str) -> Result<Value, Error> {
    Ok(json!({ "metadata": envelope(key, &random::array::<12>(), compressed)?, "version": version }))
}

/// Puts a character into base64 that does not belong there.
pub(crate) fn stray_base64(text: &mut Value) {
    *text = super::text::with_stray_character(text.as_str().unwrap_or_default()).into();
}

/// Changes one bit of base64, at a byte counted from the end if negative.
pub(crate) fn flip_base64(text: &mut Value, byte: isize) {
    let mut bytes = text.as_str().and_then(super::text::from_base64).unwrap_or_default();
    let index = byte.rem_euclid(bytes.len() as isize) as usize;
    bytes[index] ^= 1;
    *text = to_base64(bytes).into();
}
