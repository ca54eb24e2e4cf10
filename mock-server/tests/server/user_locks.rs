//! Locks of files that users edit, where the app for them is installed.

use crate::client::Lab;

const ROOT: &str = "/remote.php/dav/files/alice";
const BY_USER: &[(&str, &str)] = &[("x-user-lock", "1")];

#[tokio::test]
async fn without_the_app_nobody_locks() {
    let lab = Lab::new().await;
    lab.send("alice", "PUT", &format!("{ROOT}/a.txt"), &[], "a").await;
    assert_eq!(lab.send("alice", "LOCK", &format!("{ROOT}/a.txt"), BY_USER, "").await.status, 501);
    let capabilities = "/ocs/v2.php/cloud/capabilities?format=json";
    assert!(!lab.send("alice", "GET", capabilities, &[], "").await.body.contains("locking"));
}

#[tokio::test]
async fn a_locked_file_is_kept_from_others() {
    let lab = Lab::new().await;
    lab.tenant.model().install_user_locks();
    let capabilities = "/ocs/v2.php/cloud/capabilities?format=json";
    let told = lab.send("alice", "GET", capabilities, &[], "").await.body;
    assert!(told.contains("\"locking\":\"1.0\""), "{told}");
    let file = format!("{ROOT}/plans/a.txt");
    lab.send("alice", "MKCOL", &format!("{ROOT}/plans"), &[], "").await;
    lab.send("alice", "PUT", &file, &[], "a").await;
    let shares = format!("{}?format=json", crate::client::SHARES);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let shared = lab.send("alice", "POST", &shares, &form, "path=/plans&shareType=0&shareWith=bob").await;
    assert_eq!(shared.status, 200, "{}", shared.body);
    let as_bob = "/remote.php/dav/files/bob/plans/a.txt";

    assert_eq!(lab.send("alice", "UNLOCK", &file, BY_USER, "").await.status, 412);
    let locked = lab.send("alice", "LOCK", &file, BY_USER, "").await;
    assert_eq!(locked.status, 200);
    assert!(locked.body.contains("<nc:lock-owner>alice</nc:lock-owner>"), "{}", locked.body);
    assert_eq!(lab.send("alice", "LOCK", &file, BY_USER, "").await.status, 200);
    assert_eq!(lab.send("bob", "LOCK", as_bob, BY_USER, "").await.status, 423);
    assert_eq!(lab.send("bob", "UNLOCK", as_bob, BY_USER, "").await.status, 423);
    assert_eq!(lab.send("bob", "PUT", as_bob, &[], "b").await.status, 423);
    assert_eq!(lab.send("alice", "PUT", &file, &[], "b").await.status, 204);
    assert_eq!(lab.send("alice", "UNLOCK", &file, BY_USER, "").await.status, 200);
    assert_eq!(lab.send("bob", "PUT", as_bob, &[], "b").await.status, 204);
    assert_eq!(lab.send("alice", "LOCK", &format!("{ROOT}/none"), BY_USER, "").await.status, 404);
    assert_eq!(lab.send("alice", "LOCK", &format!("{ROOT}/plans"), BY_USER, "").await.status, 403);
    assert_eq!(
        lab.send("alice", "LOCK", &file, &[], "").await.status,
        501,
        "the standard's locks are not there"
    );
}
