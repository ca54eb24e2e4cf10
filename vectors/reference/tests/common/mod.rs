//! Upstream fixtures, and people with keys (made once, since making them is slow).

use std::path::Path;
use std::sync::LazyLock;

use base64::Engine as _;
use e2ee_reference::authority::Authority;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_reference::metadata::{Contents, Document, FileEntry, MetadataKey, Recipient, Version, seal_root};
use serde_json::Value;

/// 2026-01-01, a time at which all fixtures and test certificates are valid.
pub(crate) const NOW: i64 = 1_767_225_600;

/// The text of an upstream fixture; `None`, said aloud, when this checkout has none.
pub(crate) fn fixture(path: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/upstream/fixtures");
    match std::fs::read_to_string(root.join(path)) {
        Ok(text) => Some(text),
        Err(error) if std::env::var_os("CI").is_some_and(|ci| ci == "true") => {
            panic!("the upstream fixture {path} is missing: {error}")
        }
        Err(error) => {
            eprintln!("NOT TESTED: the upstream fixture {path} is missing: {error}");
            None
        }
    }
}

/// An upstream fixture that is JSON.
pub(crate) fn json_fixture(path: &str) -> Option<Value> {
    fixture(path).map(|text| serde_json::from_str(&text).expect(path))
}

/// A string inside a JSON fixture.
pub(crate) fn text<'a>(fixture: &'a Value, pointer: &str) -> &'a str {
    fixture.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} is a string"))
}

/// PEM around base64 that stands alone in a fixture.
pub(crate) fn pem(label: &str, base64: &str) -> String {
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----")
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

/// An instance, another one, and users of the first.
pub(crate) struct People {
    pub(crate) authority: Authority,
    pub(crate) stranger: Authority,
    pub(crate) alice: Identity,
    pub(crate) bob: Identity,
    pub(crate) eve: Identity,
}

pub(crate) static PEOPLE: LazyLock<People> = LazyLock::new(|| {
    let authority = Authority::generate().expect("a key");
    let user = |name: &str| {
        let key = PrivateKey::generate().expect("a key");
        let certificate = authority.certify(name, &key, NOW - 1000).expect("a certificate");
        Identity::new(name, certificate, key).expect("a pair")
    };
    let (alice, bob, eve) = (user("alice"), user("bob"), user("eve"));
    People { stranger: Authority::generate().expect("a key"), authority, alice, bob, eve }
});

pub(crate) fn recipient(identity: &Identity) -> Recipient {
    Recipient { user_id: identity.user_id().to_owned(), certificate: identity.certificate().clone() }
}

/// Two files and a subfolder.
pub(crate) fn contents(key: &MetadataKey) -> Contents {
    let file = |filename: &str| FileEntry {
        filename: filename.to_owned(),
        mimetype: "text/plain".to_owned(),
        nonce: vec![7; 12],
        authentication_tag: vec![9; 16],
        key: FileKey::from_bytes([3; 16]),
    };
    Contents {
        key_checksums: vec![key.checksum()],
        counter: 2,
        folders: [("f0".repeat(16), "Ordner ü€😀".to_owned())].into(),
        files: [("a1".repeat(16), file("report.txt")), ("b2".repeat(16), file("плăn.txt"))].into(),
        ..Contents::default()
    }
}

/// A root document of alice and bob, with its key.
pub(crate) fn root() -> (Document, MetadataKey) {
    let key = MetadataKey::generate();
    let members = [recipient(&PEOPLE.alice), recipient(&PEOPLE.bob)];
    (seal_root(&contents(&key), &key, &members, Version::V2_0).expect("a document"), key)
}
