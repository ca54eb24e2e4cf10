//! Forgeries of which only a part is let through.

use std::sync::Arc;

use e2ee_mock_server::adversary::{Fact, ForgeryFilter, Place};
use e2ee_mock_server::model::Content;
use e2ee_mock_server::{Endpoint, SignedMetadata};
use serde_json::{Value, json};

use crate::lab::{Lab, people};
use crate::session::{API, Session};

/// Lets nothing through but the API version, and one byte of files.
struct Strict;

impl ForgeryFilter for Strict {
    fn metadata(&self, honest: &SignedMetadata, _: SignedMetadata) -> SignedMetadata {
        honest.clone()
    }

    fn file(&self, place: Place<'_>, honest: Option<&Content>, _: Content) -> Option<Content> {
        assert_eq!(place.folder, "plans");
        let mut bytes = honest?.to_bytes().ok()?.to_vec();
        bytes[1] ^= 1;
        Some(bytes.into())
    }

    fn told(&self, fact: Fact<'_>, honest: &Value, forged: Value) -> Value {
        if matches!(fact, Fact::Capabilities) { forged } else { honest.clone() }
    }
}

#[tokio::test]
async fn what_is_not_let_through_is_no_lie() {
    let people = people();
    let lab = Lab::new(&[&people.alice]);
    let (folder, honest) = (lab.folder, lab.stored());
    let session = Session::of(lab).await;
    session.tenant.filter_forgeries(Arc::new(Strict));
    session.play(json!({ "insert_phantom": { "folder": "plans", "user": "phantom" } }));
    session.play(json!({ "withdraw_flag": { "folder": "plans", "how": "zero" } }));
    session.play(json!({ "replace_server_key": {} }));
    session.play(json!({ "announce": { "version": "1.2" } }));
    session.play(json!({ "plant_plain": { "folder": "plans", "name": "new.txt" } }));

    assert_eq!(session.tenant.model().metadata(folder), Some(&honest));
    session.get(&format!("{API}/meta-data/{folder}")).await;
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, [""; 0]);
    assert!(session.propfind("is-encrypted").await.contains("is-encrypted>1<"));
    assert_eq!(session.last(Endpoint::Propfind).tampered_by, [""; 0]);
    session.get(&format!("{API}/server-key")).await;
    assert_eq!(session.last(Endpoint::GetServerKey).tampered_by, [""; 0]);
    assert_eq!(session.tenant.model().find("alice", "plans/new.txt"), None);

    let answer = session.get("ocs/v2.php/cloud/capabilities").await.text().await.unwrap();
    assert!(answer.contains("\"1.2\""), "{answer}");
    assert_eq!(session.last(Endpoint::GetCapabilities).tampered_by, ["announce"]);
}

#[tokio::test]
async fn the_checksum_is_that_of_what_is_left_of_a_damaged_file() {
    let people = people();
    let lab = Lab::new(&[&people.alice]);
    let file_id = lab.contents.files.keys().next().unwrap().clone();
    let honest = lab.blob(&file_id).unwrap();
    let session = Session::of(lab).await;
    session.tenant.filter_forgeries(Arc::new(Strict));
    session.play(json!({ "flip_bit": { "folder": "plans" } }));
    let answer = session.get(&format!("remote.php/dav/files/alice/plans/{file_id}")).await;
    let checksum = answer.headers()["oc-checksum"].to_str().unwrap().to_owned();
    let body = answer.bytes().await.unwrap();
    assert_eq!((body[0], body[1]), (honest[0], honest[1] ^ 1));
    assert_eq!(checksum, format!("SHA1:{}", hex::encode(openssl::sha::sha1(&body))));
    assert_eq!(session.last(Endpoint::GetFile).tampered_by, ["flip_bit"]);
}
