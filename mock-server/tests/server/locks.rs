//! Locks and their counters.

use crate::client::{DOCUMENT, E2EE, Lab};

#[tokio::test]
async fn one_lock_keeps_others_out() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let token = lab.lock("alice", &id, 2).await;
    assert_eq!(token.len(), 64);
    assert_eq!(lab.try_lock("alice", &id, 3).await.status, 423);
    let path = format!("{E2EE}/lock/{id}");
    let again =
        lab.ocs_with("alice", "POST", &path, &[("e2e-token", &token)], &[("x-nc-e2ee-counter", "2")]).await;
    assert_eq!(again.data()["e2e-token"], token);
    assert_eq!(lab.unlock("alice", &id, "another").await.status, 403);
    assert_eq!(lab.unlock("alice", &id, &token).await.status, 200);
    assert_eq!(lab.unlock("alice", &id, &token).await.status, 403);
}

#[tokio::test]
async fn counters_must_grow_once_metadata_was_written() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let token = lab.lock("alice", &id, 5).await;
    lab.write_metadata("alice", "PUT", &id, &token, DOCUMENT).await;
    lab.unlock("alice", &id, &token).await;
    for counter in [5, 4, -1] {
        assert_eq!(lab.try_lock("alice", &id, counter).await.status, 412, "counter {counter}");
    }
    assert_eq!(lab.try_lock("alice", &id, 0).await.status, 400);
    lab.lock("alice", &id, 6).await;
}

#[tokio::test]
async fn a_plain_folder_cannot_be_locked() {
    let lab = Lab::new().await;
    let id = lab.send("alice", "MKCOL", "/remote.php/dav/files/alice/plain", &[], "").await.file_id();
    assert_eq!(lab.try_lock("alice", &id, 1).await.status, 403);
    assert_eq!(lab.try_lock("bob", &id, 1).await.status, 500);
    assert_eq!(lab.try_lock("alice", "99999999", 1).await.status, 500);
}
