//! The trash bin.

use crate::client::{Answer, DOCUMENT, Lab};

const ROOT: &str = "/remote.php/dav/files/alice";
const TRASH: &str = "/remote.php/dav/trashbin/alice/trash";

async fn listed(lab: &Lab) -> Answer {
    let properties = "<nc:trashbin-filename/><nc:trashbin-original-location/><nc:trashbin-deletion-time/>";
    let body = format!(
        "<d:propfind xmlns:d=\"DAV:\" xmlns:nc=\"http://nextcloud.org/ns\"><d:prop>{properties}</d:prop></d:propfind>"
    );
    let answer = lab.send("alice", "PROPFIND", TRASH, &[("depth", "1")], body).await;
    assert_eq!(answer.status, 207, "{}", answer.body);
    answer
}

/// The addresses of what lies in the bin.
async fn items(lab: &Lab) -> Vec<String> {
    let body = listed(lab).await.body;
    let hrefs = body.split("<d:href>").skip(2).filter_map(|rest| rest.split("</d:href>").next());
    hrefs.map(str::to_owned).collect()
}

async fn restore(lab: &Lab, item: &str) -> u16 {
    let to = format!("{}/remote.php/dav/trashbin/alice/restore/x", lab.tenant.base_url());
    lab.send("alice", "MOVE", item, &[("destination", &to)], "").await.status
}

#[tokio::test]
async fn a_deleted_file_can_be_had_back() {
    let lab = Lab::new().await;
    lab.send("alice", "MKCOL", &format!("{ROOT}/plans"), &[], "").await;
    let file = format!("{ROOT}/plans/a.txt");
    let id = lab.send("alice", "PUT", &file, &[], "one").await.file_id();
    assert_eq!(lab.send("alice", "DELETE", &file, &[], "").await.status, 204);
    assert_eq!(lab.send("alice", "GET", &file, &[], "").await.status, 404);
    let answer = listed(&lab).await;
    assert!(answer.body.contains("<nc:trashbin-filename>a.txt</"), "{}", answer.body);
    assert!(answer.body.contains("<nc:trashbin-original-location>plans/a.txt</"), "{}", answer.body);
    let item = items(&lab).await.pop().unwrap();
    assert!(item.starts_with(&format!("{TRASH}/a.txt.d")), "{item}");
    assert_eq!(lab.send("alice", "GET", &item, &[], "").await.body, "one");
    for method in ["GET", "DELETE", "PROPFIND"] {
        assert_eq!(lab.send("bob", method, &item, &[], "").await.status, 404, "{method}");
    }
    let elsewhere = format!("{}{ROOT}/b", lab.tenant.base_url());
    let moved = lab.send("alice", "MOVE", &item, &[("destination", &elsewhere)], "").await;
    assert_eq!(moved.status, 403);

    // Its name is taken by now.
    lab.send("alice", "PUT", &file, &[], "two").await;
    assert_eq!(restore(&lab, &item).await, 201);
    assert_eq!(restore(&lab, &item).await, 404);
    let back = lab.tenant.model().find("alice", "plans/a (restored).txt").unwrap();
    assert_eq!(back.to_string(), id);
    assert!(items(&lab).await.is_empty());
}

#[tokio::test]
async fn what_lay_in_a_folder_that_is_gone_comes_back_to_the_root() {
    let lab = Lab::new().await;
    lab.send("alice", "MKCOL", &format!("{ROOT}/plans"), &[], "").await;
    lab.send("alice", "PUT", &format!("{ROOT}/plans/a"), &[], "one").await;
    lab.send("alice", "DELETE", &format!("{ROOT}/plans/a"), &[], "").await;
    lab.send("alice", "DELETE", &format!("{ROOT}/plans"), &[], "").await;
    let items = items(&lab).await;
    assert_eq!(items.len(), 2, "{items:?}");
    assert_eq!(restore(&lab, &items[0]).await, 201);
    assert!(lab.tenant.model().find("alice", "a").is_some());
    assert_eq!(lab.send("alice", "DELETE", TRASH, &[], "").await.status, 204);
    assert!(self::items(&lab).await.is_empty());
    assert_eq!(restore(&lab, &items[1]).await, 404);
}

#[tokio::test]
async fn nothing_encrypted_gets_there() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let file = format!("{ROOT}/plans/0a1b");
    for (method, counter) in [("PUT", 2), ("DELETE", 3)] {
        let token = lab.lock("alice", &id, counter).await;
        let done = lab.send("alice", method, &file, &[("e2e-token", &token)], "ciphertext").await;
        assert!(matches!(done.status, 201 | 204), "{method}: {}", done.status);
        lab.write_metadata("alice", "PUT", &id, &token, DOCUMENT).await;
        assert_eq!(lab.unlock("alice", &id, &token).await.status, 200);
    }
    assert_eq!(lab.tenant.model().find("alice", "plans/0a1b"), None);
    assert!(items(&lab).await.is_empty());
}

#[tokio::test]
async fn an_encrypted_folder_in_a_plain_one_goes_with_it() {
    let lab = Lab::new().await;
    lab.send("alice", "MKCOL", &format!("{ROOT}/all"), &[], "").await;
    let id = lab.ready_folder("alice", "all/plans").await;
    assert_eq!(lab.send("alice", "DELETE", &format!("{ROOT}/all"), &[], "").await.status, 204);
    assert_eq!(lab.metadata("alice", &id).await.status, 403);
    assert!(lab.tenant.model().encrypted_folders().is_empty());
    let item = items(&lab).await.pop().unwrap();
    assert_eq!(restore(&lab, &item).await, 201);
    assert_eq!(lab.metadata("alice", &id).await.data()["meta-data"], DOCUMENT);
}
