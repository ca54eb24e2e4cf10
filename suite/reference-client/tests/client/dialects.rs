//! The client writes in the manner of other clients, and all read it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use crate::common::{Lab, MNEMONIC, Phone, encrypt, make, now};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::process::ProcessConnector;
use e2ee_adapter::protocol::{Failure, Request};
use e2ee_reference::dialect::{Dialect, EmptyMaps, FileTag, Identifiers, SubfolderUsers, UpdatedKey};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Document, FileEntry};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob;
use e2ee_reference::{metadata_v1, signature};
use serde_json::{Value, json};

async fn device(lab: &Lab, label: &str, dialect: Dialect) -> Phone {
    let phone = lab.connect(&lab.client(&[], dialect), "alice", label, lab.identity("alice")).await;
    phone.ok(phone.start.clone()).await;
    phone
}

fn private_key(lab: &Lab) -> PrivateKey {
    PrivateKey::from_pem(&lab.identity("alice").unwrap().private_key).unwrap()
}

/// The uploaded documents with their signatures, and the bytes of the last uploaded file.
fn uploaded(lab: &Lab) -> (Vec<(String, String)>, Vec<u8>) {
    let exchanges = lab.tenant.exchanges();
    let documents = exchanges.iter().filter_map(|exchange| {
        let signature = exchange.request_header("x-nc-e2ee-signature").unwrap_or_default();
        Some((exchange.parameter("metaData")?, signature.to_owned()))
    });
    let mut files = exchanges.iter().filter(|exchange| exchange.endpoint.as_str() == "PUT file");
    (documents.collect(), files.next_back().unwrap().request_body.to_vec())
}

fn assert_tag(dialect: Dialect, entry: &FileEntry, stored: &[u8]) {
    let expected = match dialect.file_tag {
        FileTag::Tag => &stored[stored.len() - 16..],
        FileTag::Nonce => &entry.nonce[..],
    };
    assert_eq!(entry.authentication_tag, expected, "{}", dialect.name);
}

#[tokio::test]
async fn documents_signatures_and_files_of_2_x_are_as_the_dialect_has_them() {
    for dialect in Dialect::ALL {
        let lab = Lab::new(&["alice"]).await;
        let laptop = device(&lab, "laptop", dialect).await;
        laptop.ok(encrypt("plans")).await;
        laptop.ok(make("plans/year")).await;
        laptop.write("plans/a.txt", "by one client").await;
        let key = private_key(&lab);
        let own =
            e2ee_reference::certificate::Certificate::from_pem(&lab.identity("alice").unwrap().certificate);
        let own = own.unwrap();
        let (documents, stored) = uploaded(&lab);
        assert!(documents.len() > 2);
        for (text, signed) in &documents {
            let document = Document::parse(text).unwrap();
            assert_eq!(*text, dialect.layout.text(document.value()), "{}", dialect.name);
            let nonce = document.value()["metadata"]["nonce"].as_str().unwrap();
            assert_eq!(STANDARD.decode(nonce).unwrap().len(), dialect.metadata.nonce.bytes());
            let ciphertext = document.value()["metadata"]["ciphertext"].as_str().unwrap();
            assert_eq!(ciphertext.ends_with(&format!("|{nonce}")), dialect.metadata.nonce_suffix);
            if !document.is_root() {
                let users = (dialect.metadata.subfolder_users == SubfolderUsers::Empty).then(|| json!([]));
                assert_eq!(document.value().get("users"), users.as_ref(), "{}", dialect.name);
            }
            let content = document.signed_content();
            let like = signature::sign_as(&content, &own, &key, now(), &dialect.signature).unwrap();
            assert_eq!(outline(signed), outline(&like), "{}", dialect.name);
        }
        let root = Document::parse(&documents.last().unwrap().0).unwrap();
        let contents = root.open(&root.unwrap_key("alice", &key).unwrap()).unwrap();
        let entry = contents.files.values().next().unwrap();
        assert_eq!(entry.nonce.len(), dialect.metadata.nonce.bytes(), "{}", dialect.name);
        assert_tag(dialect, entry, &stored);

        for id in contents.files.keys().chain(contents.folders.keys()) {
            let is_hex = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert_eq!(is_hex, dialect.identifiers == Identifiers::Hex, "{id}");
        }
        laptop.write("plans/a.txt", "once more").await;
        let updated = Document::parse(&uploaded(&lab).0.last().unwrap().0).unwrap();
        let updated = updated.open(&updated.unwrap_key("alice", &key).unwrap()).unwrap();
        let updated = updated.files.values().next().unwrap();
        assert_eq!(updated.key == entry.key, dialect.updated_key == UpdatedKey::Kept, "{}", dialect.name);
        assert_ne!(updated.nonce, entry.nonce);

        let phone = lab.device("alice", "phone").await;
        assert_eq!(phone.text("plans/a.txt").await, "once more", "{}", dialect.name);
        phone.write("plans/year/b.txt", "by another").await;
        assert_eq!(laptop.text("plans/year/b.txt").await, "by another", "{}", dialect.name);
    }
}

/// A signature up to where its time, its digest or the RSA signature stand, and its length.
fn outline(signature: &str) -> (Vec<u8>, usize) {
    let der = STANDARD.decode(signature).unwrap();
    let time = der.windows(2).rposition(|tag| tag == [0x17, 13]).unwrap();
    let digest = der.windows(2).rposition(|tag| tag == [4, 32]).unwrap();
    (der[..time.min(digest)].to_vec(), der.len())
}

#[tokio::test]
async fn documents_of_1_x_are_as_the_dialect_has_them_and_web_writes_none() {
    for dialect in Dialect::ALL {
        let lab = Lab::new(&["alice"]).await;
        lab.tenant.model().install("1.2");
        let laptop = device(&lab, "laptop", dialect).await;
        if !dialect.writes_v1 {
            let hello = laptop.ok(Request::Hello {}).await;
            assert_eq!(hello["writes"], json!(["2.0", "2.1"]));
            let error = laptop.error(encrypt("plans")).await;
            assert_eq!(error.failure, Failure::Unsupported, "{error}");
            continue;
        }
        laptop.ok(encrypt("plans")).await;
        laptop.write("plans/a.txt", "by one client").await;
        let (documents, stored) = uploaded(&lab);
        let parsed = |text: &str| metadata_v1::Document::parse(text).unwrap();
        for (text, _) in &documents {
            assert_eq!(*text, dialect.layout.text(parsed(text).value()), "{}", dialect.name);
        }
        let empty = parsed(&documents[0].0);
        let present = ["files", "filedrop"].map(|name| empty.value().get(name).is_some());
        let expected = match dialect.metadata_v1.empty_maps {
            EmptyMaps::OnlyFiles => [true, false],
            EmptyMaps::Both => [true, true],
            EmptyMaps::Neither => [false, false],
        };
        assert_eq!(present, expected, "{}", dialect.name);
        let document = parsed(&documents.last().unwrap().0);
        let contents = document.open(&document.unwrap_keys(&private_key(&lab)).unwrap()).unwrap();
        let entry = &contents.files.values().next().unwrap().entry;
        assert_eq!(entry.nonce.len(), dialect.metadata_v1.nonce.bytes());
        assert_tag(dialect, entry, &stored);
        assert!(document.checksum_matches(MNEMONIC));
        let phone = lab.device("alice", "phone").await;
        assert_eq!(phone.text("plans/a.txt").await, "by one client", "{}", dialect.name);
    }
}

#[tokio::test]
async fn private_key_blobs_are_as_the_dialect_has_them() {
    for dialect in [Dialect::ANDROID, Dialect::IOS] {
        let lab = Lab::new(&[]).await;
        // Later servers want nonces of 12 bytes.
        lab.tenant.model().install("1.2");
        lab.tenant.add_user("carol");
        let laptop = lab.connect(&lab.client(&[], dialect), "carol", "laptop", None).await;
        laptop.ok(laptop.start.clone()).await;
        let created: Value = laptop.ok(Request::CreateIdentity {}).await;
        let blob = lab.tenant.model().user("carol").unwrap().private_key().unwrap().to_owned();
        let nonce = STANDARD.decode(blob.split('|').nth(1).unwrap()).unwrap();
        assert_eq!(nonce.len(), dialect.private_key.nonce.bytes(), "{}", dialect.name);
        let mnemonic = Mnemonic::parse(created["mnemonic"].as_str().unwrap()).unwrap();
        let key = private_key_blob::open(&blob, &mnemonic).unwrap();
        // How long the ciphertext is tells whether the last line of the PEM ends.
        let pem = key.to_pem_as(&dialect.private_key.pem);
        let sealed = STANDARD.decode(blob.split('|').next().unwrap()).unwrap();
        assert_eq!(sealed.len(), pem.len().div_ceil(3) * 4 + 16, "{}", dialect.name);
    }
}

#[tokio::test]
async fn the_program_speaks_dialects_and_names_them() {
    let program = env!("CARGO_BIN_EXE_e2ee-reference-client");
    let lab = Lab::new(&["alice"]).await;
    let desktop = ProcessConnector::new(&format!("'{program}' --dialect desktop")).unwrap();
    let laptop = lab.connect(&desktop, "alice", "laptop", lab.identity("alice")).await;
    laptop.ok(laptop.start.clone()).await;
    laptop.ok(encrypt("plans")).await;
    assert!(uploaded_text(&lab).starts_with("{\n    \"metadata\": {"));

    let unknown = ProcessConnector::new(&format!("'{program}' --dialect klingon")).unwrap();
    let laptop = lab.connect(&unknown, "alice", "tablet", None).await;
    assert!(laptop.call(Request::Hello {}).await.is_err());
    assert!(laptop.device.log().contains("unknown dialect `klingon`: expected one of specified, desktop, "));
}

fn uploaded_text(lab: &Lab) -> String {
    lab.tenant.exchanges().iter().find_map(|exchange| exchange.parameter("metaData")).unwrap()
}
