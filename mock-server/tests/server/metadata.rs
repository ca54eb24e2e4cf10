//! Metadata between lock and unlock.

use crate::client::{DOCUMENT, E2EE, Lab};

#[tokio::test]
async fn metadata_is_pending_until_the_unlock() {
    let lab = Lab::new().await;
    let id = lab.encrypted_folder("alice", "plans").await;
    let token = lab.lock("alice", &id, 1).await;
    assert_eq!(lab.write_metadata("alice", "POST", &id, &token, DOCUMENT).await.status, 200);
    assert_eq!(lab.metadata("alice", &id).await.status, 404);
    lab.unlock("alice", &id, &token).await;
    let read = lab.metadata("alice", &id).await;
    assert_eq!(read.data()["meta-data"], DOCUMENT);
    assert_eq!(read.header("x-nc-e2ee-signature"), "c2lnbmF0dXJl");
}

#[tokio::test]
async fn an_abort_throws_metadata_away() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let token = lab.lock("alice", &id, 2).await;
    lab.write_metadata("alice", "PUT", &id, &token, "{\"new\":true}").await;
    let path = format!("{E2EE}/lock/{id}?abort=true");
    let aborted = lab.ocs_with("alice", "DELETE", &path, &[], &[("e2e-token", &token)]).await;
    assert_eq!(aborted.status, 200);
    assert_eq!(lab.metadata("alice", &id).await.data()["meta-data"], DOCUMENT);
}

#[tokio::test]
async fn writing_needs_the_lock_and_a_signature() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    assert_eq!(lab.write_metadata("alice", "PUT", &id, "none", DOCUMENT).await.status, 412);
    let token = lab.lock("alice", &id, 2).await;
    let path = format!("{E2EE}/meta-data/{id}");
    let form = [("metaData", DOCUMENT)];
    let unsigned = lab.ocs_with("alice", "PUT", &path, &form, &[("e2e-token", &token)]).await;
    assert_eq!(unsigned.data()["message"], "x-nc-e2ee-signature is empty");
    assert_eq!(lab.write_metadata("alice", "POST", &id, &token, DOCUMENT).await.status, 409);
    assert_eq!(lab.write_metadata("bob", "PUT", &id, &token, DOCUMENT).await.status, 403);
}

#[tokio::test]
async fn a_filedrop_is_merged_at_once() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let path = format!("{E2EE}/meta-data/{id}/filedrop");
    let dropped = lab.ocs("alice", "PUT", &path, &[("filedrop", r#"{"f1":{"ciphertext":"x/y"}}"#)]).await;
    assert_eq!(dropped.data()["filedrop"]["f1"]["ciphertext"], "x/y");
    let document = lab.metadata("alice", &id).await.data()["meta-data"].as_str().unwrap().to_owned();
    let expected = r#"{"metadata":{"ciphertext":"AA|BB"},"users":[],"version":"2.1","filedrop":{"f1":{"ciphertext":"x\/y"}}}"#;
    assert_eq!(document, expected);
}

#[tokio::test]
async fn what_was_stored_last_is_told() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    for (counter, document) in [(2, r#"{"a":"x/y"}"#), (3, r#"{"b":"<ä>"}"#)] {
        let token = lab.lock("alice", &id, counter).await;
        assert_eq!(lab.write_metadata("alice", "PUT", &id, &token, document).await.status, 200);
        lab.unlock("alice", &id, &token).await;
        let first = lab.metadata("alice", &id).await;
        assert_eq!(first.data()["meta-data"], document);
        assert_eq!(lab.metadata("alice", &id).await.body, first.body);
    }
    let path = format!("{E2EE}/meta-data/{id}");
    let xml = lab.send("alice", "GET", &path, &[], "").await;
    assert!(xml.body.contains("&lt;ä&gt;"), "{}", xml.body);
    let old = lab.ocs("alice", "GET", &path.replace("v2.php", "v1.php"), &[]).await;
    assert!(old.body.contains(r#""statuscode":100"#), "{}", old.body);
}
