//! Moves against metadata of 1.x.

use std::sync::Arc;

use bytes::Bytes;
use e2ee_mock_server::adversary::MoveError;
use e2ee_mock_server::{Endpoint, Exchange, Headers, SignedMetadata};
use e2ee_reference::metadata::MetadataKey;
use e2ee_reference::metadata_v1::{self, Contents, Document, File, Keys, Target, Version};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::lab::{Lab, asker, people, sealed_file};

/// The lab's folder in an older version, with one file.
fn older(target: Target<'_>) -> (Lab, Document) {
    let mut lab = Lab::new(&[&people().alice]);
    let keys = Keys::one(MetadataKey::generate());
    let (id, entry, _) = sealed_file("report.txt", b"the report");
    let contents = Contents { files: [(id, File::new(entry, &keys))].into(), ..Contents::default() };
    let owner = people().alice.certificate().public_key();
    let document = metadata_v1::seal(&contents, &keys, owner, target).unwrap();
    let stored = SignedMetadata { document: document.to_json(), signature: None };
    lab.model.set_metadata(lab.folder, Some(stored));
    (lab, document)
}

fn now(lab: &Lab) -> Document {
    Document::parse(&lab.stored().document).unwrap()
}

/// A client that trusts the newest key writes a file.
fn write(lab: &Lab) -> Arc<Exchange> {
    let keys = now(lab).unwrap_keys(people().alice.private_key()).unwrap();
    let (id, entry, _) = sealed_file("later.txt", b"canary");
    let contents = Contents { files: [(id, File::new(entry, &keys))].into(), ..Contents::default() };
    let target = if now(lab).version() == Version::V1_0 { Target::V1_0 } else { Target::V1_1 };
    let owner = people().alice.certificate().public_key();
    let document = metadata_v1::seal(&contents, &keys, owner, target).unwrap().to_json();
    let body = format!("metaData={}", utf8_percent_encode(&document, NON_ALPHANUMERIC));
    Arc::new(Exchange {
        number: 1,
        micros: 0,
        user: None,
        device: None,
        method: "PUT".to_owned(),
        path: "/ocs/v2.php/apps/end_to_end_encryption/api/v1/meta-data/7".to_owned(),
        query: String::new(),
        endpoint: Endpoint::PutMetadata,
        request_headers: Headers::default(),
        request_body: Bytes::from(body),
        request_file: None,
        status: 200,
        response_headers: Headers::default(),
        response_body: Bytes::new(),
        response_file: None,
        delivered: true,
        tampered_by: vec![],
    })
}

#[test]
fn an_inserted_key_opens_what_is_written_under_it() {
    for target in [Target::V1_0, Target::V1_1] {
        let (mut lab, before) = older(target);
        assert_eq!(lab.attacker.opens(&[write(&lab)]), []);
        let lie = lab.play(json!({ "insert_key": { "folder": "plans" } })).unwrap().unwrap();
        assert!(lie.made_metadata(&Default::default(), lab.folder, &lab.stored()));
        let after = now(&lab);
        if target.version() == Version::V1_0 {
            assert_eq!(after.wrapped_keys().len(), 2);
            assert_eq!(after.value()["files"], before.value()["files"]);
        }
        let opened = lab.attacker.opens(&[write(&lab)]);
        assert_eq!(opened[0].filename, "later.txt");
    }
}

#[test]
fn metadata_of_1_x_take_the_place_of_newer_ones() {
    let mut lab = Lab::new(&[&people().alice]);
    let it = json!({ "serve_older": { "folder": "plans", "version": "1.1", "plants": "forged.txt" } });
    lab.play(it).unwrap();
    let keys = now(&lab).unwrap_keys(people().alice.private_key()).unwrap();
    let contents = now(&lab).open(&keys).unwrap();
    assert_eq!(contents.files.values().next().unwrap().entry.filename, "forged.txt");
    assert!(lab.stored().signature.is_some_and(|junk| !junk.is_empty()));
    assert_eq!(lab.attacker.planted()[0].filename, "forged.txt");
    let it = json!({ "serve_older": { "folder": "plans", "version": "2.0", "plants": "x" } });
    assert!(matches!(lab.play(it).err(), Some(MoveError::OutOfRange { member: "version", .. })));
}

#[test]
fn newer_metadata_have_no_place_for_a_key() {
    let mut lab = Lab::new(&[&people().alice]);
    let refused = lab.play(json!({ "insert_key": { "folder": "plans" } }));
    assert!(matches!(refused.err(), Some(MoveError::NotOlder { .. })));
}

#[test]
fn metadata_are_patched_as_they_stand() {
    let (mut lab, _) = older(Target::V1_2 { mnemonic: "words" });
    let change = json!([{ "op": "replace", "path": "/metadata/checksum", "value": "00" }]);
    lab.play(json!({ "patch_metadata": { "folder": "plans", "changes": change } })).unwrap();
    assert_eq!(now(&lab).checksum(), "00");
    let below = json!({ "patch_metadata": { "folder": "plans", "below": true, "changes": [] } });
    assert!(matches!(lab.play(below).err(), Some(MoveError::NoSubfolder(_))));
}

#[test]
fn another_version_is_announced_or_installed() {
    let mut lab = Lab::new(&[&people().alice]);
    let lie = lab.lie(json!({ "announce": { "version": "1.2" } }));
    let told = lie.capabilities(&asker("alice"), json!({ "enabled": true, "api-version": "2.1" }));
    assert_eq!(told, json!({ "enabled": true, "api-version": "1.2" }));
    lab.play(json!({ "update": { "to": "1.1" } })).unwrap();
    assert_eq!(lab.model.announced(), "1.1");
    let refused = lab.play(json!({ "update": { "to": "3.0" } }));
    assert!(matches!(refused.err(), Some(MoveError::OutOfRange { member: "to", .. })));
}

#[test]
fn a_dropped_file_opens_for_the_owner_unless_it_is_damaged() {
    let own = people().alice.private_key();
    let drop = |damage: Option<&str>| {
        let (mut lab, before) = older(Target::V1_1);
        let mut it = json!({ "folder": "plans", "name": "dropped.txt" });
        if let Some(damage) = damage {
            it["damage"] = json!(damage);
        }
        lab.play(json!({ "drop_file": it })).map(|_| {
            let document = now(&lab);
            let keys = document.unwrap_keys(own).unwrap();
            assert_eq!(document.open(&keys).unwrap(), before.open(&keys).unwrap());
            let (id, entry) = document.filedrop().first_key_value().unwrap();
            assert!(lab.blob(id).is_some());
            entry.open(own).map(|entry| entry.filename)
        })
    };
    assert_eq!(drop(None).unwrap().as_deref(), Ok("dropped.txt"));
    for damage in ["key", "base64", "number"] {
        assert!(drop(Some(damage)).unwrap().is_err(), "{damage}");
    }
    assert!(matches!(drop(Some("gzip")), Err(MoveError::OutOfRange { member: "damage", .. })));
}
