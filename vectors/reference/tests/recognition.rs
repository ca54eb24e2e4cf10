//! Which version a document is of.

use e2ee_reference::Error;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Document, Limits, Version};
use e2ee_reference::metadata_v1;
use e2ee_reference::recognise::{AnyVersion, Prerelease, Recognised, recognise, recognise_with};
use serde_json::{Value, json};

use crate::common::{fixture, json_fixture, pem, root, text};
use crate::metadata_v1::{TARGETS, altered, sealed};

#[test]
fn every_released_version_is_recognised() {
    for target in TARGETS {
        let document = sealed(target).0;
        for form in [json!(document.version().as_str()), document.value()["metadata"]["version"].clone()] {
            let document = altered(&document, "/metadata/version", Some(form)).expect("a document");
            let Recognised::V1(found) = recognise(&document.to_json()).expect("recognised") else {
                panic!("1.x")
            };
            assert_eq!(found.version(), target.version());
        }
    }
    let mut value = root().0.value().clone();
    for version in [Version::V2_0, Version::V2_1] {
        value["version"] = version.as_str().into();
        let found = recognise(&value.to_string()).expect("recognised").version();
        assert_eq!((found, found.to_string()), (AnyVersion::V2(version), version.to_string()));
    }
    let highest = AnyVersion::V1(metadata_v1::Version::V1_2);
    assert!(highest < AnyVersion::V2(Version::V2_0));
}

#[test]
fn upstream_documents_are_what_they_are_said_to_be() {
    let Some(answer) = json_fixture("desktop/fakefiledrope2eefoldermetadata.json") else { return };
    let found = recognise(text(&answer, "/ocs/data/meta-data")).expect("recognised").version();
    assert_eq!(found.to_string(), "1.2");
    // The version of the Android state of that July reads "2.0"; its key gives it away.
    for (path, expected) in [
        ("android/metadata_2_dev_2023-07_desktop_john.json", Some(Prerelease::Development2)),
        ("android/metadata_2_dev_2023-07_android_t1.json", None),
    ] {
        let document = json_fixture(path).expect("its sibling");
        let found = recognise(text(&document, "/metadata_text")).map(|found| found.version());
        assert_eq!(
            found,
            expected.map_or(Ok(AnyVersion::V2(Version::V2_0)), |stage| Err(Error::Prerelease(stage)))
        );
    }
    let keys = json_fixture("android/keys_t1.json").expect("its sibling");
    let key =
        PrivateKey::from_pem(&pem("PRIVATE KEY", text(&keys, "/private_key_pkcs8_b64"))).expect("a key");
    let document = json_fixture("android/metadata_2_dev_2023-07_android_t1.json").expect("its sibling");
    let document = Document::parse(text(&document, "/metadata_text")).expect("a document");
    let found = document.unwrap_key("t1", &key);
    assert_eq!(found, Err(Error::KeyLength { what: "metadata key", expected: 16, found: 32 }));
    for path in ["rfc-reference-java/metadata.json", "rfc-reference-js/metadata.json"] {
        let found = recognise(&fixture(path).expect("its sibling")).expect_err("never released");
        assert_eq!(found, Error::Prerelease(Prerelease::Prototype2019));
        assert_eq!(
            found.to_string(),
            "expected metadata of a released version, found version 1 with recipients, the prototype of 2019"
        );
    }
}

/// Synthetic: nothing of that stage has survived but the commits that describe it.
#[test]
fn stage_1_7_is_recognised_by_its_marks() {
    let honest = root().0.value().clone();
    let with = |version: Value, change: &dyn Fn(&mut Value)| {
        let mut value = honest.clone();
        value["version"] = version;
        change(&mut value);
        recognise(&value.to_string()).map(|found| found.version())
    };
    let user_key = |value: &mut Value| value["users"][0]["encryptedFiledropKey"] = "AAAA".into();
    let one_blob = |value: &mut Value| value["filedrop"] = json!({ "ciphertext": "", "nonce": "" });
    for (version, change) in [
        (json!(2), &user_key as &dyn Fn(&mut Value)),
        (json!(2), &one_blob),
        (json!("1.7"), &|_| {}),
        (json!(1.7), &|_| {}),
        (json!(null), &|value| value["metadata"]["version"] = json!(1.7)),
    ] {
        assert_eq!(with(version, change), Err(Error::Prerelease(Prerelease::Stage1_7)));
    }
    for version in [json!("2"), json!(2), json!(2.0)] {
        assert_eq!(with(version, &|_| {}), Err(Error::Prerelease(Prerelease::Development2)));
    }
    assert_eq!(with(json!("2.1"), &user_key), Ok(AnyVersion::V2(Version::V2_1)), "desktop still ignores it");
}

#[test]
fn everything_else_is_unknown_and_says_what_was_found() {
    let v2 = root().0.value().clone();
    let v1 = sealed(TARGETS[2]).0.value().clone();
    for (value, pointer, version, expected) in [
        (&v2, "/version", json!("3.0"), r#"version: expected "2.0" or "2.1", found "3.0""#),
        (&v2, "/version", json!("2.99"), r#"version: expected "2.0" or "2.1", found "2.99""#),
        (&v2, "/version", json!(1), r#"version: expected "2.0" or "2.1", found 1"#),
        (&v2, "/version", json!(null), r#"version: expected "2.0" or "2.1", found none"#),
        (
            &v2,
            "/metadata/version",
            json!("1.2"),
            r#"version: expected "2.0" or "2.1", found "2.0" and metadata.version "1.2""#,
        ),
        (&v1, "/metadata/version", json!(1.3), "metadata.version: expected 1.0, 1.1 or 1.2, found 1.3"),
        (&v1, "/metadata/version", json!([]), "metadata.version: expected 1.0, 1.1 or 1.2, found []"),
        (
            &v1,
            "/metadata/version",
            json!(null),
            r#"version: expected "2.0" or "2.1", found metadata.version null"#,
        ),
    ] {
        let mut value = value.clone();
        let (parent, name) = pointer.rsplit_once('/').expect("a path");
        value.pointer_mut(parent).expect("an object")[name] = version;
        assert_eq!(recognise(&value.to_string()).expect_err(expected).to_string(), expected);
    }
    assert!(matches!(recognise("{}"), Err(Error::UnknownVersion { .. })));
    assert!(matches!(recognise("[]"), Err(Error::Member { .. })));
    assert!(matches!(recognise("{"), Err(Error::Json { .. })));
    let limits = Limits { document_bytes: 1, ..Limits::default() };
    assert!(matches!(recognise_with("{}", &limits), Err(Error::TooLarge { .. })));
}
