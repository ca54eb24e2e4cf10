//! Folders of metadata 1.x, and what becomes of them on newer servers.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use crate::common::{Lab, MNEMONIC, encrypt, make, read, remove, write};
use e2ee_adapter::protocol::Request;
use e2ee_reference::metadata_v1::{Document, Version};
use e2ee_reference::recognise::{AnyVersion, recognise};
use serde_json::json;

const VERSIONS: [&str; 3] = ["1.0", "1.1", "1.2"];

/// The version of the folder's metadata as they are stored.
fn stored(lab: &Lab) -> AnyVersion {
    recognise(&document(lab)).unwrap().version()
}

fn document(lab: &Lab) -> String {
    let model = lab.tenant.model();
    let folder = model.find("alice", "plans").unwrap();
    model.metadata(folder).unwrap().document.clone()
}

async fn lab_of(version: &str) -> Lab {
    let lab = Lab::new(&["alice"]).await;
    lab.tenant.model().install(version);
    lab
}

#[tokio::test]
async fn a_device_writes_the_version_that_is_announced() {
    for version in VERSIONS {
        let lab = lab_of(version).await;
        let laptop = lab.device("alice", "laptop").await;
        laptop.ok(encrypt("plans")).await;
        laptop.write("plans/a.txt", "one").await;
        assert_eq!(stored(&lab).to_string(), version);
        let phone = lab.device("alice", "phone").await;
        assert_eq!(phone.text("plans/a.txt").await, "one");
    }
}

#[tokio::test]
async fn each_document_of_1_x_has_a_key_of_its_own_and_1_2_the_checksum_of_the_words() {
    let lab = lab_of("1.2").await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    let mut keys = Vec::new();
    for content in ["one", "two"] {
        laptop.write("plans/a.txt", content).await;
        let document = Document::parse(&document(&lab)).unwrap();
        assert!(document.checksum_matches(MNEMONIC));
        keys.extend(document.wrapped_keys().values().cloned());
    }
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn an_old_folder_keeps_its_checksum_when_less_is_announced() {
    let lab = lab_of("1.2").await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    lab.play(json!({ "update": { "to": "1.0" } }));
    laptop.write("plans/a.txt", "one").await;
    assert_eq!(stored(&lab), AnyVersion::V1(Version::V1_2));
}

#[tokio::test]
async fn the_first_change_on_a_newer_server_migrates_and_reading_does_not() {
    for version in ["1.0", "1.2"] {
        let lab = lab_of(version).await;
        let laptop = lab.device("alice", "laptop").await;
        laptop.ok(encrypt("plans")).await;
        laptop.ok(make("plans/year")).await;
        laptop.write("plans/year/a.txt", "one").await;
        lab.play(json!({ "update": { "to": "2.1" } }));
        laptop.ok(Request::Sync {}).await;
        assert_eq!(laptop.text("plans/year/a.txt").await, "one");
        assert_eq!(stored(&lab).major(), 1);
        laptop.write("plans/year/b.txt", "two").await;
        assert_eq!(stored(&lab).to_string(), "2.1");
        let phone = lab.device("alice", "phone").await;
        assert_eq!(phone.text("plans/year/a.txt").await, "one");
        assert_eq!(phone.text("plans/year/b.txt").await, "two");
    }
}

#[tokio::test]
async fn a_folder_of_2_x_is_not_taken_in_1_x() {
    let lab = Lab::new(&["alice"]).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    lab.play(json!({ "serve_older": { "folder": "plans", "version": "1.1", "plants": "forged.txt" } }));
    laptop.refused(read("plans/forged.txt"), "version-1-not-lower").await;
}

#[tokio::test]
async fn somebody_elses_metadata_are_no_migration() {
    let lab = lab_of("1.2").await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "one").await;
    lab.play(json!({ "update": { "to": "2.1" } }));
    let phone = lab.device("alice", "phone").await;
    phone.write("plans/b.txt", "two").await;
    lab.play(
        json!({ "replace_metadata": { "folder": "plans", "signer": "phantom", "plants": "forged.txt" } }),
    );
    // The laptop knows the folder in 1.2 only.
    laptop.refused(Request::Sync {}, "signer-was-member").await;
    laptop.refused(read("plans/forged.txt"), "signer-was-member").await;
}

#[tokio::test]
async fn what_was_dropped_comes_along() {
    for version in ["1.1", "1.2"] {
        let lab = lab_of(version).await;
        let laptop = lab.device("alice", "laptop").await;
        laptop.ok(encrypt("plans")).await;
        laptop.write("plans/note.txt", "mine").await;
        lab.play(json!({ "drop_file": { "folder": "plans", "name": "note.txt" } }));
        laptop.write("plans/b.txt", "two").await;
        lab.play(json!({ "update": { "to": "2.1" } }));
        laptop.ok(Request::Sync {}).await;
        laptop.write("plans/c.txt", "three").await;
        assert_eq!(laptop.text("plans/note.txt").await, "mine");
        assert!(laptop.text("plans/note (2).txt").await.starts_with("planted "));
    }
}

#[tokio::test]
async fn what_was_dropped_under_an_odd_name_stays_behind() {
    let lab = lab_of("1.2").await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    lab.play(json!({ "drop_file": { "folder": "plans", "name": "../../outside.txt" } }));
    lab.play(json!({ "drop_file": { "folder": "plans", "name": "note.txt" } }));
    lab.play(json!({ "update": { "to": "2.1" } }));
    laptop.ok(Request::Sync {}).await;
    laptop.write("plans/a.txt", "one").await;
    laptop.ok(Request::Sync {}).await;
    assert_eq!(laptop.tree().await, ["plans", "plans/a.txt", "plans/note.txt"]);
    assert!(laptop.kinds().contains(&"filedrop-readable".to_owned()));
}

#[tokio::test]
async fn a_removal_that_nobody_signs_is_none_while_the_server_has_the_file() {
    let remove = json!({ "patch_metadata": { "folder": "plans", "changes": [{ "op": "remove", "path": "/files/*" }] } });
    let lab = lab_of("1.0").await;
    let laptop = lab.device("alice", "laptop").await;
    let faulty = lab.faulty_device("alice", "faulty", &["believes-unsigned-removals"]).await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "one").await;
    faulty.ok(Request::Sync {}).await;
    lab.play(remove);
    laptop.ok(Request::Sync {}).await;
    assert_eq!(laptop.tree().await, ["plans", "plans/a.txt"]);
    assert_eq!(laptop.kinds().last().unwrap(), "file-unnamed");
    lab.play(json!({ "update": { "to": "2.1" } }));
    laptop.ok(Request::Sync {}).await;
    faulty.ok(Request::Sync {}).await;
    laptop.refused(write("plans/b.txt", "two"), "removals-complete").await;
    faulty.write("plans/b.txt", "two").await;
    faulty.ok(Request::Sync {}).await;
    assert_eq!(faulty.tree().await, ["plans", "plans/b.txt"]);
}

#[tokio::test]
async fn a_removal_by_another_device_is_one() {
    let lab = lab_of("1.0").await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "one").await;
    phone.ok(Request::Sync {}).await;
    laptop.ok(remove("plans/a.txt")).await;
    lab.play(json!({ "update": { "to": "2.1" } }));
    phone.ok(Request::Sync {}).await;
    phone.write("plans/b.txt", "two").await;
    phone.ok(Request::Sync {}).await;
    assert_eq!(phone.tree().await, ["plans", "plans/b.txt"]);
}
