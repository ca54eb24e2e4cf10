//! A root folder with a number of files.

use e2ee_reference::Error;
use e2ee_reference::authority::Authority;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_reference::metadata::{
    Contents, Document, FileEntry, Limits, MetadataKey, Recipient, Version, seal_root,
};
use e2ee_reference::random;
use e2ee_reference::signature::{sign, verify};

/// 2025-01-01T00:00:00Z.
const NOW: i64 = 1_735_689_600;
/// A million files take 300 MB.
const LIMITS: Limits =
    Limits { document_bytes: 1 << 30, depth: 32, inflated_bytes: 1 << 30, entries: 1 << 20 };

/// A root folder of one user, as it is uploaded and as it was before.
pub struct Folder {
    /// The owner.
    pub owner: Identity,
    /// The contents.
    pub contents: Contents,
    /// The metadata key.
    pub key: MetadataKey,
    /// The document as JSON.
    pub text: String,
    /// Its signature, base64 of CMS.
    pub signature: String,
}

impl Folder {
    /// Makes a folder with so many files, whose names, keys and nonces are all different.
    ///
    /// # Errors
    /// Only when the cryptographic library fails.
    pub fn with_files(count: usize) -> Result<Self, Error> {
        let private_key = PrivateKey::generate()?;
        let certificate = Authority::generate()?.certify("alice", &private_key, NOW)?;
        let owner = Identity::new("alice", certificate, private_key)?;
        let key = MetadataKey::generate();
        let files = (0..count).map(|number| (random::file_id(), entry(number)));
        let contents = Contents {
            key_checksums: vec![key.checksum()],
            counter: 1,
            files: files.collect(),
            ..Contents::default()
        };
        let mut folder = Self { owner, contents, key, text: String::new(), signature: String::new() };
        (folder.text, folder.signature) = folder.seal()?;
        Ok(folder)
    }

    /// Seals, wraps and signs: what a client does before an upload.
    ///
    /// # Errors
    /// Only when the cryptographic library fails.
    pub fn seal(&self) -> Result<(String, String), Error> {
        let certificate = self.owner.certificate().clone();
        let recipients = [Recipient { user_id: self.owner.user_id().to_owned(), certificate }];
        let document = seal_root(&self.contents, &self.key, &recipients, Version::V2_0)?;
        let signature = sign(&document.signed_content(), &self.owner, NOW)?;
        Ok((document.to_json(), signature))
    }

    /// Parses, verifies, unwraps and opens: what a client does after a download. `None` if anything fails.
    #[must_use]
    pub fn open(&self) -> Option<Contents> {
        let document = Document::parse_with(&self.text, &LIMITS).ok()?;
        let members = [document.users().first()?.certificate().ok()?];
        verify(&document.signed_content(), &self.signature, &members).ok()?;
        let key = document.unwrap_key(self.owner.user_id(), self.owner.private_key()).ok()?;
        document.open_with(&key, &LIMITS).ok()
    }
}

fn entry(number: usize) -> FileEntry {
    FileEntry {
        filename: format!("holiday picture {number}.jpg"),
        mimetype: "image/jpeg".to_owned(),
        nonce: random::array::<12>().to_vec(),
        authentication_tag: random::array::<16>().to_vec(),
        key: FileKey::generate(),
    }
}
