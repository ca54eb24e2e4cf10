//! The moves over HTTP: what a client is told, and that the exchange says whose lie it was.

use std::time::{Duration, Instant};

use e2ee_mock_server::Endpoint;
use reqwest::Method;
use serde_json::{Value, json};

use crate::lab::{Lab, people};
use crate::session::{API, Session};

#[tokio::test]
async fn forged_metadata_is_recognised_until_a_client_writes() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    lab.write(&people.alice);
    let (folder, honest) = (lab.folder, lab.stored());
    let session = Session::of(lab).await;
    let path = format!("{API}/meta-data/{folder}");
    session.get(&path).await;
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, [""; 0]);

    session.play(json!({ "insert_phantom": { "folder": "plans", "user": "phantom" } }));

    let forged = session.tenant.model().metadata(folder).unwrap().clone();
    let answer = session.get(&path).await;
    assert_eq!(answer.headers()["x-nc-e2ee-signature"], forged.signature.as_deref().unwrap());
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(body["ocs"]["data"]["meta-data"], forged.document);
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, ["insert_phantom"]);
    session.propfind("e2ee-metadata").await;
    assert_eq!(session.last(Endpoint::Propfind).tampered_by, ["insert_phantom"]);
    session.tenant.model().set_metadata(folder, Some(honest));
    session.get(&path).await;
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, [""; 0]);
}

#[tokio::test]
async fn stripped_signature_is_missing_in_both_channels() {
    let people = people();
    let lab = Lab::new(&[&people.alice]);
    let (folder, signature) = (lab.folder, lab.stored().signature.unwrap());
    let session = Session::of(lab).await;
    assert!(session.propfind("e2ee-metadata-signature").await.contains(&signature));
    session.play(json!({ "strip_signature": { "folder": "plans", "how": "missing" } }));
    let answer = session.get(&format!("{API}/meta-data/{folder}")).await;
    assert_eq!((answer.status().as_u16(), answer.headers().get("x-nc-e2ee-signature")), (200, None));
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, ["strip_signature"]);
    assert!(!session.propfind("e2ee-metadata-signature").await.contains(&signature));
    session.play(json!({ "strip_signature": { "folder": "plans", "how": "empty" } }));
    let answer = session.get(&format!("{API}/meta-data/{folder}")).await;
    assert_eq!(answer.headers()["x-nc-e2ee-signature"], "");
}

#[tokio::test]
async fn damaged_file_comes_with_a_fitting_checksum() {
    let people = people();
    let lab = Lab::new(&[&people.alice]);
    let file_id = lab.contents.files.keys().next().unwrap().clone();
    let honest = lab.blob(&file_id).unwrap();
    let session = Session::of(lab).await;
    let path = format!("remote.php/dav/files/alice/plans/{file_id}");
    let etag = session.get(&path).await.headers()["etag"].clone();
    session.play(json!({ "flip_bit": { "folder": "plans" } }));
    let answer = session.get(&path).await;
    assert_ne!(answer.headers()["etag"], etag);
    let checksum = answer.headers()["oc-checksum"].to_str().unwrap().to_owned();
    let body = answer.bytes().await.unwrap();
    assert_eq!((body.len(), body[0], &body[1..]), (honest.len(), honest[0] ^ 1, &honest[1..]));
    assert_eq!(checksum, format!("SHA1:{}", hex::encode(openssl::sha::sha1(&body))));
    assert_eq!(session.last(Endpoint::GetFile).tampered_by, ["flip_bit"]);
}

#[tokio::test]
async fn rolled_back_state_is_told_and_named() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    let (folder, old) = (lab.folder, lab.stored());
    let snapshot = lab.model.clone();
    lab.write(&people.alice);
    let newest = std::mem::replace(&mut lab.model, snapshot);
    let session = Session::of(lab).await;
    session.play(json!({ "snapshot": { "name": "before" } }));
    session.tenant.model().restore_storage(&newest);
    session.play(json!({ "rollback": { "to": "before" } }));
    let answer = session.get(&format!("{API}/meta-data/{folder}")).await;
    assert_eq!(answer.headers()["x-nc-e2ee-signature"], old.signature.as_deref().unwrap());
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, ["rollback"]);
}

#[tokio::test]
async fn certificates_and_announcements_are_lied_about() {
    let session = Session::of(Lab::new(&[&people().alice])).await;
    let honest = people().bob.certificate().to_pem();
    session.play(json!({ "replace_certificate": { "of": "bob", "issued_by": "stranger" } }));
    let answer = session.get(&format!("{API}/public-key?users=[%22bob%22]")).await;
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let told = &body["ocs"]["data"]["public-keys"];
    assert!(told["bob"].is_string() && told["bob"] != honest);
    assert_eq!(told["alice"], people().alice.certificate().to_pem());
    assert_eq!(session.last(Endpoint::GetPublicKey).tampered_by, ["replace_certificate"]);

    session.play(json!({ "replace_server_key": {} }));
    session.get(&format!("{API}/server-key")).await;
    assert_eq!(session.last(Endpoint::GetServerKey).tampered_by, ["replace_server_key"]);

    session.play(json!({ "withdraw_capability": { "how": "absent" } }));
    let answer = session.get("ocs/v2.php/cloud/capabilities").await.text().await.unwrap();
    assert!(!answer.contains("end-to-end-encryption"));
    assert_eq!(session.last(Endpoint::GetCapabilities).tampered_by, ["withdraw_capability"]);
}

#[tokio::test]
async fn withdrawn_flag_is_unknown_or_zero() {
    let session = Session::of(Lab::new(&[&people().alice])).await;
    assert!(session.propfind("is-encrypted").await.contains("is-encrypted>1<"));
    assert_eq!(session.last(Endpoint::Propfind).tampered_by, [""; 0]);
    session.play(json!({ "withdraw_flag": { "folder": "plans", "how": "absent" } }));
    let answer = session.propfind("is-encrypted").await;
    assert!(answer.contains("404") && !answer.contains("is-encrypted>"), "{answer}");
    session.play(json!({ "withdraw_flag": { "folder": "plans", "how": "zero" } }));
    assert!(session.propfind("is-encrypted").await.contains("is-encrypted>0<"));
    assert!(session.propfind("e2ee-is-encrypted").await.contains("is-encrypted>0<"));
    assert_eq!(session.last(Endpoint::Propfind).tampered_by, ["withdraw_flag"]);
}

#[tokio::test]
async fn rendezvous_makes_two_devices_compete_and_lets_one_alone_go_on() {
    let lab = Lab::new(&[&people().alice]);
    let folder = lab.folder;
    let session = Session::of(lab).await;
    let rendezvous = json!({ "rendezvous": { "on": "POST lock", "count": 2 } });
    let lock = || async {
        let request = session.request(Method::POST, &format!("{API}/lock/{folder}"));
        request.header("x-nc-e2ee-counter", "2").send().await.unwrap().status().as_u16()
    };
    session.play(rendezvous.clone());
    let (one, other) = tokio::join!(lock(), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        lock().await
    });
    let mut both = [one, other];
    both.sort_unstable();
    assert_eq!(both, [200, 423]);

    session.play(rendezvous);
    let started = Instant::now();
    assert_eq!(lock().await, 423);
    assert!(started.elapsed() >= Duration::from_millis(500));
}
