//! Pieces of metadata as only their rightful author should make them.

use e2ee_reference::certificate::Certificate;
use e2ee_reference::error::Error;
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{self, Contents, Document, FileEntry, MetadataKey, Recipient, User};
use e2ee_reference::{random, signature};

use super::lie::SignedMetadata;

/// A made-up file: what stands in the metadata, and what lies in the tree.
pub(super) struct Forgery {
    pub(super) file_id: String,
    pub(super) entry: FileEntry,
    pub(super) content: Vec<u8>,
    pub(super) blob: Vec<u8>,
}

/// A file of this name with random contents, sealed as R2-UPL asks: new key, new nonce of 12 bytes.
pub(super) fn file(filename: &str) -> Result<Forgery, Error> {
    let content = format!("planted {}\n", hex::encode(random::array::<32>())).into_bytes();
    let key = FileKey::generate();
    let nonce = random::array::<12>();
    let sealed = file_cipher::encrypt(&key, &nonce, &content)?;
    let entry = FileEntry {
        filename: filename.to_owned(),
        mimetype: "text/plain".to_owned(),
        nonce: nonce.to_vec(),
        authentication_tag: sealed.tag.to_vec(),
        key,
    };
    Ok(Forgery { file_id: random::file_id(), entry, content, blob: sealed.bytes })
}

/// The document with other contents under a known metadata key; all that stands outside the ciphertext is kept.
pub(super) fn reseal(document: &Document, contents: &Contents, key: &MetadataKey) -> Result<Document, Error> {
    let sealed = metadata::seal_subfolder(contents, key, document.version())?;
    let mut value = document.value().clone();
    value["metadata"] = sealed.value()["metadata"].clone();
    Document::parse(&value.to_string())
}

/// A `users` entry with a wrapped key that opens nothing, for a folder whose metadata key the attacker lacks.
pub(super) fn blind_member(user_id: &str, certificate: &Certificate) -> Result<User, Error> {
    let recipient = Recipient { user_id: user_id.to_owned(), certificate: certificate.clone() };
    User::wrap(&recipient, &MetadataKey::generate())
}

/// What the server stores when `document` arrives with a signature by this pair.
pub(super) fn signed(
    document: &Document,
    certificate: &Certificate,
    key: &PrivateKey,
    now: i64,
) -> Result<SignedMetadata, Error> {
    let signature = signature::sign_with(&document.signed_content(), certificate, key, now)?;
    Ok(SignedMetadata { document: document.to_json(), signature: Some(signature) })
}
