//! Locks that are held, granted, lost and released as no honest server would.

use e2ee_mock_server::Endpoint;
use serde_json::json;

use crate::lab::{Lab, people};
use crate::session::Session;

#[tokio::test]
async fn a_lock_is_held_by_nobody_until_it_expires() {
    let lab = Lab::new(&[&people().alice]);
    let folder = lab.folder;
    let session = Session::of(lab).await;
    session.play(json!({ "hold_lock": { "folder": "plans" } }));
    assert_eq!(session.lock("laptop", folder, 2).await.0, 423);
    session.play(json!({ "expire_locks": {} }));
    assert_eq!(session.lock("laptop", folder, 2).await.0, 200);
}

#[tokio::test]
async fn what_was_written_under_an_expired_lock_is_gone() {
    let lab = Lab::new(&[&people().alice]);
    let (folder, honest) = (lab.folder, lab.stored());
    let session = Session::of(lab).await;
    let (_, token) = session.lock("laptop", folder, 2).await;
    assert_eq!(session.put("laptop", folder, &token, "{ }").await, 200);
    session.play(json!({ "when": { "on": "DELETE lock", "play": { "expire_locks": {} } } }));
    assert_eq!(session.unlock("laptop", folder, &token).await, 403);
    assert_eq!(session.last(Endpoint::DeleteLock).tampered_by, ["expire_locks"]);
    assert_eq!(session.told("laptop", folder).await, honest.document);
    // Once is all, and the folder is free.
    let (status, token) = session.lock("laptop", folder, 2).await;
    assert_eq!((status, session.unlock("laptop", folder, &token).await), (200, 200));
}

#[tokio::test]
async fn two_holders_write_and_the_last_one_wins() {
    let lab = Lab::new(&[&people().alice]);
    let folder = lab.folder;
    let session = Session::of(lab).await;
    let (_, first) = session.lock("laptop", folder, 2).await;
    assert_eq!(session.lock("phone", folder, 2).await.0, 423);
    session.play(json!({ "grant_lock_twice": { "folder": "plans" } }));
    let (status, second) = session.lock("phone", folder, 2).await;
    assert_eq!((status, first == second), (200, false));
    assert_eq!(session.last(Endpoint::PostLock).tampered_by, ["grant_lock_twice"]);
    assert_eq!(session.put("laptop", folder, &first, "first").await, 200);
    assert_eq!(session.unlock("laptop", folder, &first).await, 200);
    assert_eq!(session.put("laptop", folder, &first, "late").await, 412);
    assert_eq!(session.put("phone", folder, &second, "second").await, 200);
    assert_eq!(session.unlock("phone", folder, &second).await, 200);
    assert_eq!(session.told("laptop", folder).await, "second");
    // Free locks are granted as ever.
    assert_eq!(session.lock("phone", folder, 2).await.0, 412);
    assert_eq!(session.last(Endpoint::PostLock).tampered_by, [""; 0]);
}

#[tokio::test]
async fn a_shared_token_is_good_once_and_a_stolen_lock_is_lost() {
    let lab = Lab::new(&[&people().alice]);
    let folder = lab.folder;
    let session = Session::of(lab).await;
    session.play(json!({ "grant_lock_twice": { "folder": "plans", "token": "shared" } }));
    let (_, first) = session.lock("laptop", folder, 2).await;
    assert_eq!(session.lock("phone", folder, 2).await, (200, first.clone()));
    assert_eq!(session.unlock("phone", folder, &first).await, 200);
    assert_eq!(session.unlock("laptop", folder, &first).await, 403);

    session.play(json!({ "relent": {} }));
    session.play(json!({ "grant_lock_twice": { "folder": "plans", "token": "stolen" } }));
    let (_, first) = session.lock("laptop", folder, 3).await;
    let (_, second) = session.lock("phone", folder, 3).await;
    assert_eq!(session.put("laptop", folder, &first, "first").await, 412);
    assert_eq!(session.put("phone", folder, &second, "second").await, 200);
}

#[tokio::test]
async fn a_released_lock_stays() {
    let lab = Lab::new(&[&people().alice]);
    let folder = lab.folder;
    let session = Session::of(lab).await;
    session.play(json!({ "keep_lock": { "folder": "plans" } }));
    let (_, token) = session.lock("laptop", folder, 2).await;
    session.put("laptop", folder, &token, "written").await;
    assert_eq!(session.unlock("laptop", folder, &token).await, 200);
    assert_eq!(session.last(Endpoint::DeleteLock).tampered_by, ["keep_lock"]);
    assert_eq!(session.told("laptop", folder).await, "written");
    assert_eq!(session.lock("laptop", folder, 3).await.0, 423);
}

#[tokio::test]
async fn tokens_are_told_in_every_odd_way() {
    let lab = Lab::new(&[&people().alice]);
    let folder = lab.folder;
    let session = Session::of(lab).await;
    let told = [
        ("missing", json!(null)),
        ("null", json!(null)),
        ("empty", json!("")),
        ("number", json!(7)),
        ("line_break", json!("token\r\nX-Injected: yes")),
        ("not_ascii", json!("t\u{f6}ken")),
        ("same", json!("0".repeat(64))),
    ];
    for (counter, (how, expected)) in (2..).zip(told) {
        session.play(json!({ "forge_lock_token": { "folder": "plans", "token": how } }));
        assert_eq!(session.lock("laptop", folder, counter).await.0, 200);
        let last = session.last(Endpoint::PostLock);
        let body: serde_json::Value = serde_json::from_slice(&last.response_body).unwrap();
        assert_eq!(body["ocs"]["data"]["e2e-token"], expected, "{how}");
        assert_eq!(body["ocs"]["data"].get("e2e-token").is_none(), how == "missing");
        assert_eq!(last.tampered_by, ["forge_lock_token"]);
        // The true token is nobody's: the lock is held all the same.
        assert_eq!(session.put("laptop", folder, "7", "x").await, 412);
        session.play(json!({ "relent": {} }));
        session.play(json!({ "expire_locks": {} }));
    }
    session.play(json!({ "forge_lock_token": { "folder": "plans", "token": "long" } }));
    assert_eq!(session.lock("laptop", folder, 20).await.1.len(), 1024 * 1024);
}

#[tokio::test]
async fn counters_are_ignored_or_set() {
    let lab = Lab::new(&[&people().alice]);
    let folder = lab.folder;
    let session = Session::of(lab).await;
    assert_eq!(session.lock("laptop", folder, 1).await.0, 412);
    session.play(json!({ "set_counter": { "folder": "plans", "to": 7 } }));
    assert_eq!(session.lock("laptop", folder, 7).await.0, 412);
    session.play(json!({ "ignore_counter": { "folder": "plans" } }));
    let (status, token) = session.lock("laptop", folder, 1).await;
    assert_eq!((status, session.unlock("laptop", folder, &token).await), (200, 200));
    assert_eq!(session.last(Endpoint::DeleteLock).tampered_by, [""; 0]);
    session.play(json!({ "relent": {} }));
    session.play(json!({ "set_counter": { "folder": "plans", "to": 0 } }));
    assert_eq!(session.lock("laptop", folder, 1).await.0, 200);
}
