//! Devices that are kept on histories of their own.

use e2ee_mock_server::Endpoint;
use e2ee_mock_server::adversary::{Move, MoveError};
use serde_json::json;

use crate::lab::{Lab, people};
use crate::session::Session;

/// Writes a document, as a client does.
async fn write(session: &Session, device: &str, folder: e2ee_mock_server::model::FileId, counter: u32) {
    let (_, token) = session.lock(device, folder, counter).await;
    assert_eq!(session.put(device, folder, &token, &format!("{device} {counter}")).await, 200);
    assert_eq!(session.unlock(device, folder, &token).await, 200);
}

#[tokio::test]
async fn two_devices_write_the_same_counter_and_do_not_see_each_other() {
    let lab = Lab::new(&[&people().alice]);
    let (folder, honest) = (lab.folder, lab.stored());
    let session = Session::of(lab).await;
    session.play(json!({ "fork": { "device": "laptop" } }));
    assert_eq!(session.told("laptop", folder).await, honest.document);
    // Nothing is wrong as long as both see the same.
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, [""; 0]);
    write(&session, "laptop", folder, 2).await;
    assert_eq!(session.told("phone", folder).await, honest.document);
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, ["fork"]);
    write(&session, "phone", folder, 2).await;
    write(&session, "phone", folder, 3).await;
    assert_eq!(session.told("phone", folder).await, "phone 3");
    assert_eq!(session.told("laptop", folder).await, "laptop 2");
    // A lock of one side does not hinder the other.
    assert_eq!(session.lock("phone", folder, 4).await.0, 200);
    assert_eq!(session.lock("laptop", folder, 3).await.0, 200);

    session.play(json!({ "join": { "device": "laptop" } }));
    assert_eq!(session.told("laptop", folder).await, "phone 3");
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, ["join"]);
    assert_eq!(session.told("phone", folder).await, "phone 3");
    assert_eq!(session.last(Endpoint::GetMetadata).tampered_by, [""; 0]);
}

#[tokio::test]
async fn files_belong_to_their_history() {
    let session = Session::of(Lab::new(&[&people().alice])).await;
    session.play(json!({ "fork": { "device": "phone" } }));
    let path = "remote.php/dav/files/alice/notes.txt";
    let put = session.by("phone", reqwest::Method::PUT, path).body("mine").send().await.unwrap();
    assert_eq!(put.status(), 201);
    assert_eq!(session.get(path).await.status(), 404);
    let own = session.by("phone", reqwest::Method::GET, path).send().await.unwrap();
    assert_eq!(own.text().await.unwrap(), "mine");
    session.play(json!({ "relent": {} }));
    let gone = session.by("phone", reqwest::Method::GET, path).send().await.unwrap();
    assert_eq!(gone.status(), 404);
}

#[tokio::test]
async fn only_who_was_led_away_comes_back() {
    let session = Session::of(Lab::new(&[&people().alice])).await;
    let join: Move = serde_json::from_value(json!({ "join": { "device": "laptop" } })).unwrap();
    assert_eq!(session.tenant.play(&join), Err(MoveError::NotForked("laptop".to_owned())));
    session.play(json!({ "fork": { "device": "laptop" } }));
    assert_eq!(session.tenant.play(&join), Ok(()));
}
