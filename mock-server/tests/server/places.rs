//! What is no file: principals, the trash bin, versions; and what is said about files beside listings.

use crate::client::Lab;

#[tokio::test]
async fn a_client_finds_its_way_from_the_root() {
    let lab = Lab::new().await;
    let ask = |local: &str| {
        format!(
            "<?xml version=\"1.0\"?><d:propfind xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><d:prop>{local}</d:prop></d:propfind>"
        )
    };
    let headers = [("depth", "0")];
    let body = ask("<d:current-user-principal/>");
    for path in ["/remote.php/dav/", "/remote.php/dav/files/alice/"] {
        let root = lab.send("alice", "PROPFIND", path, &headers, body.clone()).await;
        assert!(
            root.body.contains("<d:href>/remote.php/dav/principals/users/alice/</d:href>"),
            "{}",
            root.body
        );
    }
    let principal = "/remote.php/dav/principals/users/alice/";
    let found = lab.send("alice", "PROPFIND", principal, &headers, ask("<c:calendar-home-set/>")).await;
    assert!(found.body.contains("<d:href>/remote.php/dav/calendars/alice/</d:href>"), "{}", found.body);
    let nobody =
        lab.send("alice", "PROPFIND", "/remote.php/dav/principals/users/nobody/", &headers, "").await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn favourites_are_marked_and_found() {
    let lab = Lab::new().await;
    let file = "/remote.php/dav/files/alice/one";
    lab.send("alice", "PUT", file, &[], "1").await;
    lab.send("alice", "PUT", "/remote.php/dav/files/alice/two", &[], "2").await;
    let update = |value: &str| {
        format!(
            "<d:propertyupdate xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\"><d:set><d:prop><oc:favorite>{value}</oc:favorite><oc:id>1</oc:id></d:prop></d:set></d:propertyupdate>"
        )
    };
    let patched = lab.send("alice", "PROPPATCH", file, &[], update("1")).await;
    assert_eq!(patched.status, 207);
    assert!(patched.body.contains("403 Forbidden"), "ids cannot be changed: {}", patched.body);
    let filter = "<oc:filter-files xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\"><d:prop><oc:favorite/></d:prop><oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>";
    let found = lab.send("alice", "REPORT", "/remote.php/dav/files/alice/", &[], filter).await;
    assert!(found.body.contains("alice/one") && !found.body.contains("alice/two"), "{}", found.body);
    lab.send("alice", "PROPPATCH", file, &[], update("0")).await;
    let found = lab.send("alice", "REPORT", "/remote.php/dav/files/alice/", &[], filter).await;
    assert!(!found.body.contains("alice/one"), "{}", found.body);
    let unknown = lab.send("alice", "REPORT", file, &[], "<d:sync-collection xmlns:d=\"DAV:\"/>").await;
    assert_eq!(unknown.status, 415);
    assert_eq!(lab.send("alice", "PROPPATCH", file, &[], "no xml").await.status, 400);
}

#[tokio::test]
async fn properties_of_clients_are_kept() {
    let lab = Lab::new().await;
    let file = "/remote.php/dav/files/alice/one";
    lab.send("alice", "PUT", file, &[], "1").await;
    let body = "<d:propertyupdate xmlns:d=\"DAV:\" xmlns:x=\"urn:x\"><d:set><d:prop><x:colour>r&amp;d</x:colour></d:prop></d:set></d:propertyupdate>";
    assert_eq!(lab.send("alice", "PROPPATCH", file, &[], body).await.status, 207);
    let ask = "<d:propfind xmlns:d=\"DAV:\" xmlns:x=\"urn:x\"><d:prop><x:colour/></d:prop></d:propfind>";
    let found = lab.send("alice", "PROPFIND", file, &[("depth", "0")], ask).await;
    assert!(found.body.contains(">r&amp;d</"), "{}", found.body);
    let remove = body.replace("d:set", "d:remove");
    assert_eq!(lab.send("alice", "PROPPATCH", file, &[], remove).await.status, 207);
    let found = lab.send("alice", "PROPFIND", file, &[("depth", "0")], ask).await;
    assert!(found.body.contains("404 Not Found"), "{}", found.body);
}

#[tokio::test]
async fn trash_is_empty_and_a_file_has_one_version() {
    let lab = Lab::new().await;
    let put = lab.send("alice", "PUT", "/remote.php/dav/files/alice/one", &[], "1").await;
    let versions = format!("/remote.php/dav/versions/alice/versions/{}", put.file_id());
    let listed = lab.send("alice", "PROPFIND", &versions, &[("depth", "1")], "").await;
    assert_eq!((listed.status, listed.body.matches("<d:response>").count()), (207, 2), "{}", listed.body);
    assert_eq!(lab.send("bob", "PROPFIND", &versions, &[("depth", "1")], "").await.status, 404);
    let trash = "/remote.php/dav/trashbin/alice/trash";
    let listed = lab.send("alice", "PROPFIND", trash, &[("depth", "1")], "").await;
    assert_eq!((listed.status, listed.body.matches("<d:response>").count()), (207, 1), "{}", listed.body);
    assert_eq!(lab.send("bob", "PROPFIND", trash, &[], "").await.status, 404);
}
