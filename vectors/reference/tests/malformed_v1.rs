//! Metadata 1.x that is not as it should be: every member is named, and what does not matter is let pass.

use e2ee_reference::Error;
use e2ee_reference::dialect::Separator;
use e2ee_reference::metadata::Limits;
use e2ee_reference::metadata_v1::{Contents, Document, seal_text};
use serde_json::{Value, json};

use crate::common::encode;
use crate::metadata_v1::{MNEMONIC, TARGETS, altered, sealed};

#[test]
fn what_is_malformed_is_named() {
    let (v1_0, _) = sealed(TARGETS[0]);
    let (v1_2, _) = sealed(TARGETS[2]);
    for (document, pointer, odd, expected) in [
        (&v1_2, "/metadata", json!(7), "metadata: expected an object"),
        (&v1_2, "/metadata/version", json!(null), "metadata.version: expected 1.0, 1.1 or 1.2, found none"),
        (&v1_2, "/metadata/version", json!(1.3), "metadata.version: expected 1.0, 1.1 or 1.2, found 1.3"),
        (
            &v1_2,
            "/metadata/version",
            json!("2.0"),
            "metadata.version: expected 1.0, 1.1 or 1.2, found \"2.0\"",
        ),
        (
            &v1_2,
            "/metadata/version",
            json!("1.20"),
            "metadata.version: expected 1.0, 1.1 or 1.2, found \"1.20\"",
        ),
        (&v1_2, "/metadata/metadataKey", json!(null), "metadata.metadataKey: expected a string"),
        (&v1_2, "/metadata/metadataKey", json!(["AAAA"]), "metadata.metadataKey: expected a string"),
        (&v1_2, "/metadata/checksum", json!(7), "metadata.checksum: expected a string"),
        (&v1_2, "/files", json!("x"), "files: expected an object"),
        (&v1_2, "/files", json!([1]), "files: expected an object"),
        (&v1_2, "/filedrop", json!(1), "filedrop: expected an object"),
        (
            &v1_0,
            "/metadata/metadataKeys",
            json!(null),
            "metadata.metadataKeys: expected an object with at least one key",
        ),
        (
            &v1_0,
            "/metadata/metadataKeys",
            json!({}),
            "metadata.metadataKeys: expected an object with at least one key",
        ),
        (&v1_0, "/metadata/metadataKeys", json!("AAAA"), "metadata.metadataKeys: expected an object"),
        (
            &v1_0,
            "/metadata/metadataKeys",
            json!({ "00": "" }),
            "metadata.metadataKeys: expected decimal numbers as names",
        ),
        (
            &v1_0,
            "/metadata/metadataKeys",
            json!({ "+1": "" }),
            "metadata.metadataKeys: expected decimal numbers as names",
        ),
        (&v1_0, "/metadata/metadataKeys", json!({ "0": 1 }), "metadata.metadataKeys.0: expected a string"),
    ] {
        let error = altered(document, pointer, Some(odd)).expect_err(expected);
        assert_eq!(error.to_string(), expected, "{pointer}");
    }
    let many: Value = (0..300).map(|index| (index.to_string(), json!(""))).collect();
    let many = altered(&v1_0, "/metadata/metadataKeys", Some(many));
    assert_eq!(many.unwrap_err(), Error::TooLarge { what: "the number of entries", limit: 256 });
    let entries = Limits { entries: 2, ..Limits::default() };
    assert!(matches!(Document::parse_with(&v1_2.to_json(), &entries), Err(Error::TooLarge { .. })));
    let bytes = Limits { document_bytes: 100, ..Limits::default() };
    assert!(matches!(Document::parse_with(&v1_2.to_json(), &bytes), Err(Error::TooLarge { .. })));
}

#[test]
fn members_of_an_entry_are_named_too() {
    let (document, keys) = sealed(TARGETS[1]);
    let id = "b2".repeat(16);
    let seal = |inner: &str| {
        seal_text(keys.newest().1.as_bytes(), &[5; 16], inner, Separator::Bar).expect("sealed").into()
    };
    let key = encode(&[3; 16]);
    for (name, odd, expected) in [
        ("encrypted", json!(null), "file entry.encrypted: expected a string"),
        ("encrypted", json!("AAAA"), "file entry: encrypted: expected ciphertext|nonce"),
        ("encrypted", json!("AAAA|AAAA|AAAA"), "file entry: encrypted: expected ciphertext|nonce"),
        ("encrypted", json!("!|AAAA"), "file entry: encrypted: expected padded base64"),
        (
            "encrypted",
            json!("AAAA|AAAA"),
            "file entry: encrypted: expected a nonce of 12 or 16 bytes, found 3",
        ),
        ("encrypted", seal("[]"), "file entry: encrypted: expected an object"),
        ("encrypted", seal("{}"), "file entry: encrypted.filename: expected a string"),
        ("encrypted", seal(r#"{"filename":"a"}"#), "file entry: encrypted.key: expected a string"),
        ("encrypted", seal(r#"{"filename":"a","key":"AAAA"}"#), "file key: expected 16 bytes, found 3"),
        ("initializationVector", json!(7), "file entry.initializationVector: expected a string"),
        ("authenticationTag", json!("!"), "file entry.authenticationTag: expected padded base64"),
    ] {
        let changed = altered(&document, &format!("/files/{id}/{name}"), Some(odd)).expect("a document");
        let contents = changed.open(&keys).expect("the rest");
        assert_eq!(contents.damaged[&id].entry.error.to_string(), expected);
        assert_eq!(contents.files.len(), 2);
    }
    let lenient = format!(r#"{{"filename":"a","key":"{key}","version":1.2}}"#);
    let lenient =
        altered(&document, &format!("/files/{id}/encrypted"), Some(seal(&lenient))).expect("a document");
    let lenient = altered(&lenient, &format!("/files/{id}/authenticationTag"), None).expect("a document");
    let entry = &lenient.open(&keys).expect("contents").files[&id].entry;
    assert_eq!((&entry.mimetype[..], entry.authentication_tag.len()), ("application/octet-stream", 0));
}

#[test]
fn what_writers_leave_behind_does_not_matter() {
    let (document, keys) = sealed(TARGETS[2]);
    let contents = document.open(&keys).expect("contents");
    for (pointer, stray) in [
        ("/metadata/metadataKeys", json!({ "0": "AAAA" })),
        (&format!("/files/{}/metadataKey", "a1".repeat(16)), json!(4)),
        ("/metadata/version", json!("1.2")),
        ("/filedrop", json!([])),
        ("/filedrop", json!({})),
        ("/metadata/sharing", json!("AAAA")),
    ] {
        let document = altered(&document, pointer, Some(stray)).expect(pointer);
        assert!(document.checksum_matches(MNEMONIC));
        assert_eq!(document.open(&keys).expect(pointer), contents, "{pointer}");
    }
    for empty in [Some(json!([])), Some(json!({})), None] {
        let document = altered(&document, "/files", empty).expect("a document");
        assert_eq!(document.open(&keys).expect("contents"), Contents::default());
        assert!(!document.checksum_matches(MNEMONIC), "a file is gone");
    }
}
