//! The share API.

use crate::client::{DOCUMENT, Lab, SHARES};

#[tokio::test]
async fn a_receiver_sees_and_writes_the_folder() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "team").await;
    assert_eq!(lab.metadata("bob", &id).await.status, 403);
    let form = [("path", "team"), ("shareType", "0"), ("shareWith", "bob")];
    let share = lab.ocs("alice", "POST", SHARES, &form).await;
    assert_eq!((share.status, share.data()["permissions"].as_u64()), (200, Some(31)));
    let listed =
        lab.propfind("bob", "", "1", "<oc:permissions/><oc:owner-id/><nc:is-mount-root/>").await.body;
    assert!(listed.contains("<oc:permissions>SRGDNVCK</oc:permissions>"), "{listed}");
    assert!(listed.contains("<oc:owner-id>alice</oc:owner-id>"), "{listed}");
    let token = lab.lock("bob", &id, 2).await;
    let file = "/remote.php/dav/files/bob/team/0a1b";
    assert_eq!(lab.send("bob", "PUT", file, &[("e2e-token", &token)], "x").await.status, 201);
    assert_eq!(lab.write_metadata("bob", "PUT", &id, &token, DOCUMENT).await.status, 200);
    assert_eq!(lab.unlock("bob", &id, &token).await.status, 200);
    assert_eq!(lab.send("alice", "GET", "/remote.php/dav/files/alice/team/0a1b", &[], "").await.body, "x");
}

#[tokio::test]
async fn shares_are_listed_changed_and_ended() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "team").await;
    let form = [("path", "/team"), ("shareType", "0"), ("shareWith", "bob")];
    let share = lab.ocs("alice", "POST", SHARES, &form).await.data()["id"].as_str().unwrap().to_owned();
    let by_path = lab.ocs("alice", "GET", &format!("{SHARES}?path=/team&reshares=true"), &[]).await;
    assert_eq!(by_path.data()[0]["share_with"], "bob");
    let received = lab.ocs("bob", "GET", &format!("{SHARES}?shared_with_me=true"), &[]).await;
    assert_eq!(received.data()[0]["id"], share);
    assert_eq!(lab.ocs("alice", "GET", &format!("{SHARES}?path=/nothing"), &[]).await.status, 404);
    let one = format!("{SHARES}/{share}");
    assert_eq!(lab.ocs("alice", "PUT", &one, &[("permissions", "1")]).await.status, 200);
    assert_eq!(lab.try_lock("bob", &id, 2).await.status, 403);
    assert_eq!(lab.metadata("bob", &id).await.status, 200);
    assert_eq!(lab.ocs("bob", "PUT", &one, &[("permissions", "31")]).await.status, 403);
    assert_eq!(lab.ocs("alice", "DELETE", &one, &[]).await.status, 200);
    assert_eq!(lab.metadata("bob", &id).await.status, 403);
    assert_eq!(lab.ocs("alice", "DELETE", &one, &[]).await.status, 404);
}

#[tokio::test]
async fn a_change_by_the_owner_reaches_the_receivers_root() {
    let lab = Lab::new().await;
    lab.send("alice", "MKCOL", "/remote.php/dav/files/alice/plain", &[], "").await;
    lab.ocs("alice", "POST", SHARES, &[("path", "plain"), ("shareType", "0"), ("shareWith", "bob")]).await;
    let before = lab.propfind("bob", "", "0", "<d:getetag/>").await.body;
    lab.send("alice", "PUT", "/remote.php/dav/files/alice/plain/a", &[], "x").await;
    assert_ne!(before, lab.propfind("bob", "", "0", "<d:getetag/>").await.body);
    assert_eq!(lab.send("bob", "DELETE", "/remote.php/dav/files/bob/plain", &[], "").await.status, 204);
    assert_eq!(lab.send("alice", "GET", "/remote.php/dav/files/alice/plain/a", &[], "").await.status, 200);
}
