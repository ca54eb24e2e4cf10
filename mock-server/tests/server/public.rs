//! What links share.

use crate::client::{Lab, SHARES};

async fn link(lab: &Lab, permissions: &str) -> String {
    let form = [("path", "/plans"), ("shareType", "3"), ("permissions", permissions)];
    let made = lab.ocs("alice", "POST", SHARES, &form).await;
    made.data()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_reads_and_writes_below_what_is_shared() {
    let lab = Lab::new().await;
    lab.ready_folder("alice", "plans").await;
    lab.send("alice", "PUT", "/remote.php/dav/files/alice/secret", &[], "s").await;
    let base = format!("/public.php/dav/files/{}", link(&lab, "15").await);
    assert_eq!(lab.send("", "PUT", &format!("{base}/a"), &[], "one").await.status, 201);
    assert_eq!(lab.send("", "GET", &format!("{base}/a"), &[], "").await.body, "one");
    let to = format!("{}{base}/b", lab.tenant.base_url());
    assert_eq!(lab.send("", "MOVE", &format!("{base}/a"), &[("destination", &to)], "").await.status, 201);
    let out = format!("{}/remote.php/dav/files/alice/b", lab.tenant.base_url());
    assert_eq!(lab.send("", "MOVE", &format!("{base}/b"), &[("destination", &out)], "").await.status, 400);
    let listed = lab.send("", "PROPFIND", &base, &[("depth", "1")], "").await;
    assert!(listed.body.contains(&format!("<d:href>{base}/b</d:href>")), "{}", listed.body);
    assert!(!listed.body.contains("secret") && !listed.body.contains("plans"), "{}", listed.body);
    assert_eq!(lab.send("", "DELETE", &format!("{base}/b"), &[], "").await.status, 204);
    for (method, headers) in [("DELETE", vec![]), ("MOVE", vec![("destination", &*to)])] {
        assert_eq!(lab.send("", method, &base, &headers, "").await.status, 403, "{method} of what is shared");
    }
    assert_eq!(lab.send("", "GET", "/public.php/dav/files/nothing/a", &[], "").await.status, 404);
}

#[tokio::test]
async fn a_link_allows_what_its_permissions_allow() {
    let lab = Lab::new().await;
    lab.encrypted_folder("alice", "plans").await;
    let base = format!("/public.php/dav/files/{}", link(&lab, "1").await);
    assert_eq!(lab.send("", "PUT", &format!("{base}/a"), &[], "one").await.status, 403);
    assert_eq!(lab.send("", "MKCOL", &format!("{base}/f"), &[], "").await.status, 403);
    assert_eq!(lab.send("", "DELETE", &base, &[], "").await.status, 403);
}

#[tokio::test]
async fn a_file_drop_takes_files_and_shows_none() {
    let lab = Lab::new().await;
    lab.encrypted_folder("alice", "plans").await;
    let base = format!("/public.php/dav/files/{}", link(&lab, "4").await);
    for _ in 0..2 {
        assert_eq!(lab.send("", "PUT", &format!("{base}/a.txt"), &[], "one").await.status, 201);
    }
    let found = lab.tenant.model().find("alice", "plans/a (2).txt");
    assert!(found.is_some());
    assert_eq!(lab.send("", "GET", &format!("{base}/a.txt"), &[], "").await.status, 405);
}
