//! Documents of 2.x.

use arbitrary::Arbitrary;
use serde_json::{Value, json};

use super::build::{Folder, Nonce, Plain};
use super::run::{LIMITS, both, flipped, plan};
use crate::backend::{Backend, backend};
use crate::base64;
use crate::canonical_json::to_string;
use crate::envelope::Envelope;
use crate::error::Error;
use crate::metadata::{Contents, Document, Limits, MetadataKey, Version, seal_subfolder_with_nonce};
use crate::recognise::{Recognised, recognise_with};

/// The parser: what it takes is within the limits, has one canonical form, and means the same in it.
pub fn metadata_v2(input: &[u8], other: &'static dyn Backend) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let parsed = Document::parse_with(text, &LIMITS);
    if let Ok(Recognised::V2(_)) = recognise_with(text, &LIMITS) {
        assert!(parsed.is_ok(), "recognised and yet not parsed: {parsed:?}");
    }
    let Ok(document) = parsed else { return };
    assert!(text.len() <= LIMITS.document_bytes);
    assert!(document.users().len().max(document.filedrop().len()) <= LIMITS.entries);
    let canonical = document.to_json();
    let again = Document::parse(&canonical);
    assert!(again.is_ok(), "{again:?}: {canonical}");
    if let Ok(again) = again {
        assert_eq!(again.to_json(), canonical);
        assert_eq!(again.signed_content(), document.signed_content());
        assert_eq!(again.users(), document.users());
        assert_eq!(again.tag_differs(), document.tag_differs());
    }
    for user in document.users() {
        let _ = user.certificate();
    }
    let _ = both(other, || document.open_with(&MetadataKey::from_bytes([7; 16]), &LIMITS));
}

#[derive(Debug, Arbitrary)]
struct Plan<'a> {
    key: [u8; 16],
    nonce: Nonce,
    bit: u32,
    sealed: Sealed<'a>,
}

#[derive(Debug, Arbitrary)]
enum Sealed<'a> {
    Folder(Folder),
    /// With a member that nobody knows, which another reader takes.
    Unusual(Folder),
    Plain(Plain<'a>),
    Compressed(&'a [u8]),
}

/// What is sealed: contents come back; anything else that was sealed is refused or within the limits, and comes
/// back when it is sealed again; one bit turned over, and nothing comes out.
pub fn metadata_v2_contents(input: &[u8], other: &'static dyn Backend) {
    let Some(plan) = plan::<Plan<'_>>(input) else { return };
    let key = MetadataKey::from_bytes(plan.key);
    let document = both(other, || plan.document());
    let opened = match &plan.sealed {
        Sealed::Folder(folder) | Sealed::Unusual(folder) => {
            let opened = both(other, || open(&document, &key, &Limits::default()));
            assert_eq!(opened, Ok(folder.contents()));
            opened
        }
        Sealed::Plain(_) | Sealed::Compressed(_) => both(other, || open(&document, &key, &LIMITS)),
    };
    if let Ok(contents) = opened {
        check(&contents, &plan);
    }
    if let Some(changed) = altered(&document, plan.bit) {
        let refused = Err(Error::Authentication { what: "metadata" });
        assert_eq!(both(other, || open(&changed, &key, &Limits::default())), refused);
    }
}

impl Plan<'_> {
    fn document(&self) -> Value {
        let metadata = match &self.sealed {
            Sealed::Folder(folder) => return self.seal(&folder.contents()),
            Sealed::Unusual(folder) => {
                let mut value = folder.contents().to_value();
                value["unknown"] = Value::Null;
                self.envelope(value.to_string().as_bytes())
            }
            Sealed::Plain(plain) => self.envelope(&plain.bytes()),
            Sealed::Compressed(bytes) => {
                let sealed = backend().aes_gcm_seal(&self.key, self.nonce.bytes(), bytes).unwrap_or_default();
                let nonce = base64::encode(self.nonce.bytes());
                json!({ "ciphertext": base64::encode(&sealed), "nonce": nonce })
            }
        };
        json!({ "metadata": metadata, "version": "2.1" })
    }

    fn envelope(&self, plain: &[u8]) -> Value {
        Envelope::seal(&self.key, self.nonce.bytes(), plain).map(Value::Object).unwrap_or_default()
    }

    fn seal(&self, contents: &Contents) -> Value {
        let key = MetadataKey::from_bytes(self.key);
        let sealed = seal_subfolder_with_nonce(contents, &key, Version::V2_1, self.nonce.bytes());
        assert!(sealed.is_ok(), "{sealed:?}");
        sealed.map(|document| document.value().clone()).unwrap_or_default()
    }
}

fn open(document: &Value, key: &MetadataKey, limits: &Limits) -> Result<Contents, Error> {
    Document::parse(&document.to_string())?.open_with(key, limits)
}

fn check(contents: &Contents, plan: &Plan<'_>) {
    if matches!(plan.sealed, Sealed::Plain(_) | Sealed::Compressed(_)) {
        let files = contents.files.len() + contents.damaged.len();
        assert!(files.max(contents.folders.len()).max(contents.key_checksums.len()) <= LIMITS.entries);
        let names = contents.folders.iter().map(|(id, name)| id.len() + name.len());
        let files = contents.files.iter().map(|(id, file)| id.len() + file.filename.len());
        assert!(names.chain(files).sum::<usize>() <= LIMITS.inflated_bytes);
    }
    let key = MetadataKey::from_bytes(plan.key);
    let again = open(&plan.seal(contents), &key, &Limits::default());
    assert_eq!(again.map(canonical), Ok(canonical(contents.clone())));
}

/// Damaged entries in the form in which they are written.
fn canonical(mut contents: Contents) -> Contents {
    for damaged in contents.damaged.values_mut() {
        damaged.value = Value::from(to_string(&damaged.value));
    }
    contents
}

fn altered(document: &Value, bit: u32) -> Option<Value> {
    let mut document = document.clone();
    let ciphertext = document.pointer_mut("/metadata/ciphertext")?;
    let sealed = base64::decode(ciphertext.as_str()?, "ciphertext").ok()?;
    *ciphertext = base64::encode(&flipped(&sealed, bit)?).into();
    Some(document)
}
