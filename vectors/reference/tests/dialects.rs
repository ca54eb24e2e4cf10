//! How the clients write: each in its own way, and all of it is read.

use e2ee_reference::authority::Authority;
use e2ee_reference::dialect::{
    Dialect, FileTag, Layout, NonceLength, PemForm, PrivateKeyForm, Salt, Separator, SignatureForm,
    SubfolderChecksums, SubfolderUsers,
};
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::metadata::{Document, MetadataKey, Version, seal_root_as, seal_subfolder_as};
use e2ee_reference::metadata_v1::{self, Keys, seal_as};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{self, Kdf};
use e2ee_reference::recognise::recognise;
use e2ee_reference::signature::{sign_as, verify};
use openssl::cms::{CMSOptions, CmsContentInfo};
use serde_json::{Value, json};

use crate::common::{NOW, PEOPLE, contents, decode, json_fixture, recipient, text};
use crate::keys::Fast;
use crate::metadata_v1::{MNEMONIC, TARGETS, folder};

#[test]
fn root_documents_of_every_dialect_open_and_verify_in_every_layout() {
    let members = [recipient(&PEOPLE.alice), recipient(&PEOPLE.bob)];
    for dialect in Dialect::ALL {
        let key = MetadataKey::generate();
        let mut contents = contents(&key);
        contents.key_checksums.push("an older one".to_owned());
        let document = seal_root_as(&contents, &key, &members, Version::V2_0, &dialect).expect(dialect.name);
        let nonce = dialect.metadata.nonce.bytes();
        assert_eq!(decode(text(document.value(), "/metadata/nonce")).len(), nonce, "{}", dialect.name);
        let repeated = format!("|{}", text(document.value(), "/metadata/nonce"));
        let repeats = text(document.value(), "/metadata/ciphertext").ends_with(&repeated);
        assert_eq!(repeats, dialect.metadata.nonce_suffix);
        assert!(!document.tag_differs());
        let alice = &PEOPLE.alice;
        let (certificate, private_key) = (alice.certificate(), alice.private_key());
        let signature =
            sign_as(&document.signed_content(), certificate, private_key, NOW, &dialect.signature)
                .expect("signed");
        for layout in [dialect.layout, Layout::Canonical, Layout::Indented, Layout::Declared] {
            let uploaded = document.to_json_as(layout);
            let found = recognise(&uploaded).expect("recognised").version().to_string();
            assert_eq!(found, "2.0");
            let received = Document::parse(&uploaded).expect("a document");
            assert_eq!(received.unwrap_key("bob", PEOPLE.bob.private_key()).expect("a key"), key);
            let mut opened = received.open(&key).expect("contents");
            opened.key_checksums.sort();
            contents.key_checksums.sort();
            assert_eq!(opened, contents, "{}", dialect.name);
            verify(&received.signed_content(), &signature, &[alice.certificate().clone()])
                .expect(dialect.name);
        }
    }
}

#[test]
fn subfolders_differ_in_users_and_checksums() {
    let key = MetadataKey::generate();
    let contents = contents(&key);
    for dialect in Dialect::ALL {
        let document = seal_subfolder_as(&contents, &key, Version::V2_1, &dialect).expect(dialect.name);
        let users = match dialect.metadata.subfolder_users {
            SubfolderUsers::Absent => None,
            SubfolderUsers::Empty => Some(json!([])),
        };
        assert_eq!(document.value().get("users").cloned(), users, "{}", dialect.name);
        assert!(!document.is_root());
        let opened = document.open(&key).expect("contents");
        match dialect.metadata.subfolder_checksums {
            SubfolderChecksums::AsGiven => assert_eq!(opened.key_checksums, contents.key_checksums),
            SubfolderChecksums::Absent | SubfolderChecksums::Empty => {
                assert!(opened.key_checksums.is_empty())
            }
            SubfolderChecksums::OfUnusedKey => {
                assert_eq!(opened.key_checksums.len(), 1);
                assert_ne!(opened.key_checksums, contents.key_checksums);
            }
        }
        assert_eq!((opened.files, opened.folders), (contents.files.clone(), contents.folders.clone()));
    }
}

#[test]
fn documents_of_1_x_open_in_every_dialect() {
    let to = PEOPLE.alice.private_key().public_key();
    for dialect in Dialect::ALL {
        for target in TARGETS {
            let keys = Keys::one(MetadataKey::generate());
            let document = seal_as(&folder(&keys), &keys, &to, target, &dialect).expect(dialect.name);
            let document =
                metadata_v1::Document::parse(&document.to_json_as(dialect.layout)).expect(dialect.name);
            let opened = document.open(&document.unwrap_keys(PEOPLE.alice.private_key()).expect("keys"));
            assert_eq!(opened.expect("contents"), folder(&keys));

            let empty = metadata_v1::Contents::default();
            let document = seal_as(&empty, &keys, &to, target, &dialect).expect(dialect.name);
            let present = ["files", "filedrop"].map(|name| document.value().get(name).is_some());
            let expected = match (dialect.name, target.version()) {
                ("desktop", _) => [false, false],
                ("android", metadata_v1::Version::V1_1 | metadata_v1::Version::V1_2) => [true, true],
                _ => [true, false],
            };
            assert_eq!(present, expected, "{}", dialect.name);
            assert_eq!(document.open(&keys).expect("contents"), empty);
        }
    }
}

#[test]
fn layouts_are_the_same_json_in_other_words() {
    let value = json!({
        "version": "2.0", "unknown": [1, { "b": [], "a": {} }], "metadata": { "nonce": "/ü\"", "ciphertext": "" }
    });
    let text = |layout: Layout| layout.text(&value);
    for layout in [Layout::Canonical, Layout::Indented, Layout::Declared] {
        assert_eq!(serde_json::from_str::<Value>(&text(layout)).expect("JSON"), value);
    }
    assert_eq!(
        text(Layout::Declared),
        r#"{"metadata":{"ciphertext":"","nonce":"/ü\""},"version":"2.0","unknown":[1,{"a":{},"b":[]}]}"#
    );
    assert!(text(Layout::Indented).starts_with("{\n    \"metadata\": {\n        \"ciphertext\": \"\",\n"));
}

#[test]
fn private_key_blobs_of_every_dialect_open() {
    let mnemonic = Mnemonic::parse(MNEMONIC).expect("words");
    let key = PEOPLE.alice.private_key();
    let salt = [0x7c; private_key_blob::SALT_LENGTH];
    let mut forms: Vec<_> = Dialect::ALL.iter().map(|dialect| dialect.private_key).collect();
    for kdf in Kdf::ALL {
        for nonce in [NonceLength::Twelve, NonceLength::Sixteen] {
            for separator in [Separator::Bar, Separator::EncodedBar] {
                for salt in [Salt::Random, Salt::Static] {
                    let pem = PemForm { columns: 65, final_newline: false };
                    forms.push(PrivateKeyForm { kdf, nonce, separator, salt, pem });
                }
            }
        }
    }
    for form in forms {
        let blob = private_key_blob::seal_as(key, &mnemonic, &salt, &Fast, &form).expect("sealed");
        assert_eq!(blob.contains('|'), form.separator == Separator::Bar);
        let (opened, kdf) = private_key_blob::open_with(&blob, &mnemonic, &Fast).expect("opened");
        assert_eq!((opened.public_key(), kdf), (key.public_key(), form.kdf), "{form:?}");
    }
}

#[test]
fn pem_of_android_has_65_columns_and_no_last_line_end() {
    let key = PEOPLE.alice.private_key();
    let android = key.to_pem_as(&Dialect::ANDROID.private_key.pem);
    assert!(android.ends_with("-----END PRIVATE KEY-----"));
    assert_eq!(android.lines().nth(1).map(str::len), Some(65));
    assert_eq!(key.to_pem_as(&Dialect::SPECIFIED.private_key.pem), key.to_pem());
    let one_column = key.to_pem_as(&PemForm { columns: 0, final_newline: true });
    assert_eq!(one_column.lines().nth(1).map(str::len), Some(1));
}

#[test]
fn signatures_look_like_those_of_their_clients() {
    let key = PEOPLE.alice.private_key();
    let certificate = PEOPLE.alice.certificate();
    let signed = |form: &SignatureForm| sign_as("content", certificate, key, NOW, form).expect("signed");
    for dialect in Dialect::ALL {
        let signature = signed(&dialect.signature);
        verify("content", &signature, std::slice::from_ref(certificate)).expect(dialect.name);
        let flags = CMSOptions::BINARY | CMSOptions::NO_SIGNER_CERT_VERIFY;
        let mut cms = CmsContentInfo::from_der(&decode(&signature)).expect("OpenSSL reads it");
        cms.verify(None, None, Some(b"content"), None, flags).expect("and verifies it");
        assert_eq!(signature.starts_with("MIAGCSqG"), dialect.name == "android", "{}", dialect.name);
        let stranger =
            Authority::generate().expect("a key").certify("alice", key, NOW).expect("a certificate");
        verify("content", &signature, &[stranger]).expect("bound to the key, not to the certificate");
    }
    // The attributes that only one client has, and the order of another's, byte for byte.
    for (path, pointer, dialect, attribute) in [
        ("web/metadata_2.0_root.json", "/signature", Dialect::DESKTOP, SMIME_CAPABILITIES),
        (
            "android/metadata_2_dev_2023-07_android_t1.json",
            "/signature",
            Dialect::ANDROID,
            ALGORITHM_PROTECTION,
        ),
        ("android/metadata_2.0_signed_by_web.json", "/signature_b64", Dialect::WEB, SIGNING_TIME),
    ] {
        let Some(fixture) = json_fixture(path) else { return };
        let upstream = tags_after(&decode(text(&fixture, pointer)), attribute);
        assert_eq!(tags_after(&decode(&signed(&dialect.signature)), attribute), upstream, "{}", dialect.name);
    }
}

const SMIME_CAPABILITIES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0f];
const ALGORITHM_PROTECTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x34];
const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];

/// From an attribute to the signature, without the digits of the time and the digest.
fn tags_after(der: &[u8], attribute: &[u8]) -> Vec<u8> {
    let position = |part: &[u8]| der.windows(part.len()).position(|window| window == part);
    let start = position(attribute).expect("the attribute");
    let end = der[start..].windows(4).position(|window| window == [4, 0x82, 1, 0]).expect("the signature");
    let mut found = der[start..start + end].to_vec();
    for (header, length) in [([0x17, 13], 13), ([4, 32], 32)] {
        if let Some(at) = found.windows(2).position(|window| window == header) {
            found[at + 2..at + 2 + length].fill(0);
        }
    }
    found
}

#[test]
fn only_android_writes_the_nonce_for_the_tag_of_a_file() {
    let nonce = [5; 16];
    let sealed = file_cipher::encrypt(&FileKey::generate(), &nonce, b"plain").expect("sealed");
    for dialect in Dialect::ALL {
        let expected = if dialect.file_tag == FileTag::Nonce { nonce } else { sealed.tag };
        assert_eq!(dialect.file_tag.value(&sealed.tag, &nonce), expected);
        assert_eq!(dialect.file_tag == FileTag::Nonce, dialect.name == "android");
    }
}
