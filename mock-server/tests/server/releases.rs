//! Other releases of the app.

use e2ee_mock_server::{AppVersion, TenantOptions};

use crate::client::{E2EE, Lab, SHARES};

const V1: &str = "/ocs/v2.php/apps/end_to_end_encryption/api/v1";
const DOCUMENT: &str = r#"{"metadata":{"version":1.2,"metadataKeys":{}},"files":{}}"#;

#[tokio::test]
async fn a_release_announces_its_level_and_has_its_routes() {
    let lab = Lab::of_release(AppVersion::V1_13_2).await;
    let capabilities = lab.ocs("alice", "GET", "/ocs/v2.php/cloud/capabilities", &[]).await;
    assert_eq!(capabilities.data()["capabilities"]["end-to-end-encryption"]["api-version"], "1.2");
    assert_eq!(lab.ocs("alice", "GET", &format!("{E2EE}/server-key"), &[]).await.status, 404);
    assert_eq!(lab.ocs("alice", "GET", &format!("{V1}/server-key"), &[]).await.status, 200);
    assert_eq!(lab.ocs("alice", "PUT", &format!("{V1}/public-key"), &[]).await.status, 405);
}

#[tokio::test]
async fn a_folder_of_version_1_is_made_and_read_over_api_v1() {
    let lab = Lab::of_release(AppVersion::V1_13_2).await;
    let id = lab.send("alice", "MKCOL", "/remote.php/dav/files/alice/old", &[], "").await.file_id();
    assert_eq!(lab.ocs("alice", "PUT", &format!("{V1}/encrypted/{id}"), &[]).await.status, 200);
    let lock = format!("{V1}/lock/{id}");
    let token = lab.ocs("alice", "POST", &lock, &[]).await.data()["e2e-token"].as_str().unwrap().to_owned();
    assert_eq!(lab.ocs("alice", "POST", &lock, &[]).await.status, 403);
    let metadata = format!("{V1}/meta-data/{id}");
    assert_eq!(lab.ocs("alice", "POST", &metadata, &[("metaData", DOCUMENT)]).await.status, 200);
    assert_eq!(lab.ocs("alice", "GET", &metadata, &[]).await.status, 404);
    let unlocked = lab.ocs_with("alice", "DELETE", &lock, &[], &[("e2e-token", &token)]).await;
    assert_eq!(unlocked.status, 200, "{}", unlocked.body);
    assert_eq!(lab.ocs("alice", "GET", &metadata, &[]).await.data()["meta-data"], DOCUMENT);
}

#[tokio::test]
async fn newer_releases_keep_version_1_away_from_newer_folders() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let read = lab.ocs("alice", "GET", &format!("{V1}/meta-data/{id}"), &[]).await;
    assert_eq!(read.status, 403);
    let text = "Client version cannot handle the requested encryption version.";
    assert_eq!(read.json()["ocs"]["meta"]["message"], text);
    assert_eq!(lab.ocs("alice", "POST", &format!("{V1}/lock/{id}"), &[]).await.status, 500);
}

#[tokio::test]
async fn refusals_are_those_of_the_release() {
    let cases = [(AppVersion::V2_2_3, 423), (AppVersion::V2_0_0Rc7, 403), (AppVersion::V1_18_4, 423)];
    for (release, status) in cases {
        let lab = Lab::of_release(release).await;
        let id = lab.encrypted_folder("alice", "plans").await;
        lab.lock("alice", &id, 1).await;
        assert_eq!(lab.try_lock("alice", &id, 2).await.status, status, "{release}");
    }
}

#[test]
fn names_of_releases_are_read_and_written() {
    for release in AppVersion::ALL {
        assert_eq!(release.to_string().parse(), Ok(*release));
    }
    assert!("2.2".parse::<AppVersion>().is_err());
    let authority = e2ee_reference::authority::Authority::generate().unwrap();
    let options = TenantOptions::new("old", authority).with_app_version(AppVersion::V1_18_4);
    assert_eq!((options.app_version, options.api_version.as_str()), (AppVersion::V1_18_4, "2.0"));
}

/// A folder of version 1 with metadata, and a link that shares it with these permissions.
async fn shared_by_link(lab: &Lab, permissions: &str) -> (String, String) {
    let id = lab.send("alice", "MKCOL", "/remote.php/dav/files/alice/old", &[], "").await.file_id();
    lab.ocs("alice", "PUT", &format!("{V1}/encrypted/{id}"), &[]).await;
    lab.ocs("alice", "POST", &format!("{V1}/meta-data/{id}"), &[("metaData", DOCUMENT)]).await;
    let lock = format!("{V1}/lock/{id}");
    let token = lab.ocs("alice", "POST", &lock, &[]).await.data()["e2e-token"].as_str().unwrap().to_owned();
    lab.ocs_with("alice", "DELETE", &lock, &[], &[("e2e-token", &token)]).await;
    let share = [("path", "/old"), ("shareType", "3"), ("permissions", permissions)];
    let share = lab.ocs("alice", "POST", SHARES, &share).await;
    (id, share.data()["token"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_first_release_takes_drops_by_link() {
    let lab = Lab::of_release(AppVersion::V1_13_2).await;
    let (id, link) = shared_by_link(&lab, "4").await;
    let by_link = ("shareToken", &*link);
    let (lock, metadata) = (format!("{V1}/lock/{id}"), format!("{V1}/meta-data/{id}"));
    let filedrop = format!("{metadata}/filedrop");
    let entries = ("fileDrop", r#"{"x1":{"a":1}}"#);
    let token = lab.ocs("", "POST", &lock, &[by_link]).await.data()["e2e-token"].as_str().unwrap().to_owned();
    assert_eq!(lab.ocs("", "POST", &lock, &[]).await.status, 400, "neither login nor link");
    assert_eq!(lab.ocs("", "PUT", &filedrop, &[by_link, entries]).await.status, 500, "no token");
    let wrong = lab.ocs("", "PUT", &filedrop, &[by_link, entries, ("e2e-token", "x")]).await;
    assert_eq!(wrong.status, 403);
    let dropped = lab.ocs("", "PUT", &filedrop, &[by_link, entries, ("e2e-token", &token)]).await;
    assert_eq!(dropped.data()["meta-data"], DOCUMENT, "the document as it was");
    assert_eq!(lab.ocs("alice", "GET", &metadata, &[]).await.data()["meta-data"], DOCUMENT, "pending");
    let unlocked = lab.ocs_with("", "DELETE", &lock, &[by_link], &[("e2e-token", &token)]).await;
    assert_eq!(unlocked.status, 200, "{}", unlocked.body);
    let now = lab.ocs("alice", "GET", &metadata, &[]).await.data()["meta-data"].as_str().unwrap().to_owned();
    assert!(now.ends_with(r#""filedrop":{"x1":{"a":1}}}"#), "{now}");
    let foreign = lab.ocs("bob", "GET", &format!("{metadata}?shareToken={link}"), &[]).await;
    assert_eq!(foreign.data()["meta-data"], now.as_str(), "the link counts, not who asks");
}

#[tokio::test]
async fn a_link_that_does_not_let_create_drops_nothing() {
    let lab = Lab::of_release(AppVersion::V1_13_2).await;
    let (id, link) = shared_by_link(&lab, "1").await;
    let by_link = ("shareToken", &*link);
    assert_eq!(lab.ocs("", "POST", &format!("{V1}/lock/{id}"), &[by_link]).await.status, 403);
    assert_eq!(
        lab.ocs("bob", "GET", &format!("{V1}/meta-data/{id}?shareToken={link}"), &[]).await.status,
        400
    );
    let unknown = [("shareToken", "nothing")];
    assert_eq!(lab.ocs("", "POST", &format!("{V1}/lock/{id}"), &unknown).await.status, 500);
}
