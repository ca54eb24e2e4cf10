//! The encrypted flag.

use crate::client::{E2EE, Lab};

#[tokio::test]
async fn only_empty_folders_can_be_marked() {
    let lab = Lab::new().await;
    let full = lab.send("alice", "MKCOL", "/remote.php/dav/files/alice/full", &[], "").await.file_id();
    let file = lab.send("alice", "PUT", "/remote.php/dav/files/alice/full/a", &[], "x").await.file_id();
    for id in [&full, &file] {
        let answer = lab.ocs("alice", "PUT", &format!("{E2EE}/encrypted/{id}"), &[]).await;
        assert_eq!((answer.status, answer.data()["message"].as_str()), (404, Some("Folder not found")));
    }
    assert_eq!(lab.ocs("bob", "PUT", &format!("{E2EE}/encrypted/{full}"), &[]).await.status, 403);
}

#[tokio::test]
async fn the_flag_is_shown_and_can_be_taken_away() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let shown = lab.propfind("alice", "plans", "0", "<nc:is-encrypted/>").await;
    assert!(shown.body.contains("<nc:is-encrypted>1</nc:is-encrypted>"), "{}", shown.body);
    assert_eq!(lab.ocs("alice", "DELETE", &format!("{E2EE}/encrypted/{id}"), &[]).await.status, 200);
    let shown = lab.propfind("alice", "plans", "0", "<nc:is-encrypted/>").await;
    assert!(shown.body.contains("<nc:is-encrypted>0</nc:is-encrypted>"), "{}", shown.body);
    assert_eq!(lab.metadata("alice", &id).await.status, 404);
}
