//! Locks that were left behind.

use std::time::Duration;

use crate::client::{DOCUMENT, Lab};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_lock_that_was_left_behind_is_rolled_back_after_a_day() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let token = lab.lock("alice", &id, 2).await;
    lab.send("alice", "PUT", "/remote.php/dav/files/alice/plans/new", &[("e2e-token", &token)], "x").await;
    lab.write_metadata("alice", "PUT", &id, &token, r#"{"lost":true}"#).await;

    let clock = lab.tenant.clock();
    assert_eq!(lab.tenant.model().roll_back(DAY), 0);
    clock.advance(DAY);
    assert_eq!(lab.try_lock("bob", &id, 3).await.status, 500);
    assert_eq!(lab.try_lock("alice", &id, 3).await.status, 423, "locks do not expire by themselves");
    clock.advance(Duration::from_secs(2));
    assert_eq!(lab.tenant.model().roll_back(DAY), 1);

    let token = lab.lock("alice", &id, 3).await;
    assert_eq!(lab.unlock("alice", &id, &token).await.status, 200);
    let read = lab.metadata("alice", &id).await;
    assert_eq!(read.data()["meta-data"], DOCUMENT);
    assert_eq!(lab.send("alice", "GET", "/remote.php/dav/files/alice/plans/new", &[], "").await.status, 404);
}
