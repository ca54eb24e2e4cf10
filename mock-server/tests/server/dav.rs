//! Files.

use crate::client::{DOCUMENT, Lab};

const ROOT: &str = "/remote.php/dav/files/alice";

#[tokio::test]
async fn an_upload_into_an_encrypted_folder_waits_for_the_unlock() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let file = format!("{ROOT}/plans/0a1b");
    assert_eq!(lab.send("alice", "PUT", &file, &[], "ciphertext").await.status, 403);
    let token = lab.lock("alice", &id, 2).await;
    let headers = [("e2e-token", &*token), ("oc-checksum", "SHA1:aa"), ("x-oc-mtime", "1700000000")];
    let put = lab.send("alice", "PUT", &file, &headers, "ciphertext").await;
    assert_eq!((put.status, put.header("x-oc-mtime")), (201, "accepted"));
    assert!(!put.header("oc-fileid").is_empty() && put.header("etag") == put.header("oc-etag"));
    assert_eq!(lab.send("alice", "GET", &file, &[], "").await.status, 404);
    assert!(!lab.propfind("alice", "plans", "1", "<d:getetag/>").await.body.contains("0a1b"));
    lab.write_metadata("alice", "PUT", &id, &token, DOCUMENT).await;
    lab.unlock("alice", &id, &token).await;
    let got = lab.send("alice", "GET", &file, &[], "").await;
    assert_eq!((got.status, got.body.as_str(), got.header("oc-checksum")), (200, "ciphertext", "SHA1:aa"));
    assert_eq!(got.header("etag"), put.header("etag"));
    let listed =
        lab.propfind("alice", "plans", "1", "<oc:fileid/><oc:checksums/><d:getlastmodified/>").await.body;
    assert!(listed.contains(&format!("<oc:fileid>{}</oc:fileid>", put.file_id())), "{listed}");
    assert!(listed.contains("<oc:checksum>SHA1:aa</oc:checksum>"), "{listed}");
    assert!(listed.contains("Tue, 14 Nov 2023 22:13:20 GMT"), "{listed}");
}

#[tokio::test]
async fn a_deletion_waits_too_and_an_abort_takes_it_back() {
    let lab = Lab::new().await;
    let id = lab.encrypted_folder("alice", "plans").await;
    let file = format!("{ROOT}/plans/0a1b");
    let token = lab.lock("alice", &id, 1).await;
    lab.send("alice", "PUT", &file, &[("e2e-token", &token)], "x").await;
    lab.write_metadata("alice", "POST", &id, &token, DOCUMENT).await;
    lab.unlock("alice", &id, &token).await;
    let token = lab.lock("alice", &id, 2).await;
    assert_eq!(lab.send("alice", "DELETE", &file, &[("e2e-token", &token)], "").await.status, 204);
    assert_eq!(lab.send("alice", "GET", &file, &[], "").await.status, 200);
    lab.write_metadata("alice", "PUT", &id, &token, DOCUMENT).await;
    let abort = format!("{}/lock/{id}?abort=true", crate::client::E2EE);
    lab.ocs_with("alice", "DELETE", &abort, &[], &[("e2e-token", &token)]).await;
    assert_eq!(lab.send("alice", "GET", &file, &[], "").await.status, 200);
}

#[tokio::test]
async fn plain_files_are_copied_moved_and_deleted_at_once() {
    let lab = Lab::new().await;
    let to = |name: &str| format!("{}{ROOT}/{name}", lab.server.uri());
    lab.send("alice", "PUT", &format!("{ROOT}/a"), &[], "one").await;
    let copied = lab.send("alice", "COPY", &format!("{ROOT}/a"), &[("destination", &to("b"))], "").await;
    let moved = lab.send("alice", "MOVE", &format!("{ROOT}/a"), &[("destination", &to("c%20d"))], "").await;
    assert_eq!((copied.status, moved.status), (201, 201));
    let refused = [("destination", &*to("b")), ("overwrite", "F")];
    assert_eq!(lab.send("alice", "MOVE", &format!("{ROOT}/c%20d"), &refused, "").await.status, 412);
    assert_eq!(lab.send("alice", "DELETE", &format!("{ROOT}/b"), &[], "").await.status, 204);
    let listed = lab.propfind("alice", "", "1", "<d:getetag/>").await.body;
    assert!(listed.contains("/alice/c%20d</d:href>") && !listed.contains("/alice/a</d:href>"), "{listed}");
}

#[tokio::test]
async fn etags_of_all_parents_change() {
    let lab = Lab::new().await;
    lab.send("alice", "MKCOL", &format!("{ROOT}/a"), &[], "").await;
    lab.send("alice", "MKCOL", &format!("{ROOT}/a/b"), &[], "").await;
    let before = lab.propfind("alice", "", "0", "<d:getetag/>").await.body;
    lab.send("alice", "PUT", &format!("{ROOT}/a/b/c"), &[], "x").await;
    assert_ne!(before, lab.propfind("alice", "", "0", "<d:getetag/>").await.body);
}

#[tokio::test]
async fn preconditions_and_ranges_are_honoured() {
    let lab = Lab::new().await;
    let file = format!("{ROOT}/a");
    let etag = lab.send("alice", "PUT", &file, &[], "0123456789").await.header("etag").to_owned();
    assert_eq!(lab.send("alice", "PUT", &file, &[("if-match", "\"other\"")], "x").await.status, 412);
    assert_eq!(lab.send("alice", "PUT", &file, &[("if-none-match", "*")], "x").await.status, 412);
    assert_eq!(lab.send("alice", "GET", &file, &[("if-none-match", &etag)], "").await.status, 304);
    let part = lab.send("alice", "GET", &file, &[("range", "bytes=-3")], "").await;
    assert_eq!((part.status, part.body.as_str()), (206, "789"));
    let head = lab.send("alice", "HEAD", &file, &[], "").await;
    assert_eq!((head.status, head.header("content-length")), (200, "10"));
}

#[tokio::test]
async fn a_move_never_destroys_its_source_or_what_others_share() {
    let lab = Lab::new().await;
    for path in ["a", "a/b", "a/b/c"] {
        lab.send("alice", "MKCOL", &format!("{ROOT}/{path}"), &[], "").await;
    }
    let to = |user: &str, name: &str| format!("/remote.php/dav/files/{user}/{name}");
    let onto_itself = [("destination", &*to("alice", "a"))];
    assert_eq!(lab.send("alice", "MOVE", &format!("{ROOT}/a/b/c"), &onto_itself, "").await.status, 403);
    assert_eq!(lab.send("alice", "COPY", &format!("{ROOT}/a/b"), &onto_itself, "").await.status, 403);
    let into_itself = [("destination", &*to("alice", "a/b/d"))];
    assert_eq!(lab.send("alice", "MOVE", &format!("{ROOT}/a"), &into_itself, "").await.status, 409);
    let form = [("path", "a"), ("shareType", "0"), ("shareWith", "bob")];
    lab.ocs("alice", "POST", crate::client::SHARES, &form).await;
    lab.send("bob", "MKCOL", &to("bob", "x"), &[], "").await;
    let onto_share = [("destination", &*to("bob", "a"))];
    assert_eq!(lab.send("bob", "MOVE", &to("bob", "x"), &onto_share, "").await.status, 403);
    let renamed = [("destination", &*to("bob", "team"))];
    assert_eq!(lab.send("bob", "MOVE", &to("bob", "a"), &renamed, "").await.status, 201);
    assert!(
        lab.propfind("bob", "team/b", "1", "<d:getetag/>").await.body.contains("/bob/team/b/c/</d:href>")
    );
    assert_eq!(lab.propfind("alice", "a/b/c", "0", "<d:getetag/>").await.status, 207);
}

#[tokio::test]
async fn mkcol_makes_plain_folders_only() {
    let lab = Lab::new().await;
    let folder = "/remote.php/dav/files/alice/new";
    let with = |kinds: &str| {
        let set = format!("<d:set><d:prop><d:resourcetype>{kinds}</d:resourcetype></d:prop></d:set>");
        format!(r#"<d:mkcol xmlns:d="DAV:" xmlns:x="urn:x">{set}</d:mkcol>"#)
    };
    let xml = [("content-type", "application/xml")];
    let cases = [
        (&[("content-type", "xzy-foo/bar-512")], "afafafaf".to_owned(), 415),
        (&xml, "<d:mkcol".to_owned(), 400),
        (&xml, r#"<d:mkcol xmlns:d="DAV:"/>"#.to_owned(), 400),
        (&xml, with("<d:collection/><x:diary/>"), 403),
        (&xml, with("<d:collection/>"), 201),
    ];
    for (headers, body, status) in cases {
        assert_eq!(lab.send("alice", "MKCOL", folder, headers, body.clone()).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn listings_are_as_deep_as_asked() {
    let lab = Lab::new().await;
    for path in ["a", "a/b", "a/b/c"] {
        let path = format!("/remote.php/dav/files/alice/{path}");
        assert_eq!(lab.send("alice", "MKCOL", &path, &[], "").await.status, 201);
    }
    for (depth, nodes) in [(None, 2), (Some("0"), 1), (Some("2"), 3), (Some("infinity"), 3), (Some("x"), 2)] {
        let headers: Vec<(&str, &str)> = depth.iter().map(|depth| ("depth", *depth)).collect();
        let listed = lab.send("alice", "PROPFIND", "/remote.php/dav/files/alice/a", &headers, "").await;
        assert_eq!(listed.body.matches("<d:response>").count(), nodes, "{depth:?}");
    }
}

#[tokio::test]
async fn locks_are_pretended_to_those_who_insist_on_them() {
    let lab = Lab::new().await;
    let file = format!("{ROOT}/a&b");
    lab.send("alice", "PUT", &file, &[], "one").await;
    let ask =
        "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:supportedlock/><d:lockdiscovery/></d:prop></d:propfind>";
    let agents = [
        ("WebDAVFS/3.0.0 (03008000) Darwin/20.1.0", true),
        ("x Microsoft-WebDAV", false),
        ("curl/7.88.1", false),
    ];
    for (agent, pretended) in agents {
        let agent = ("user-agent", agent);
        let lock = lab.send("alice", "LOCK", &file, &[agent], "").await;
        assert_eq!(lock.status, if pretended { 200 } else { 501 }, "{agent:?}");
        assert_eq!(lock.body.contains("<d:href>opaquelocktoken:"), pretended, "{}", lock.body);
        assert_eq!(lock.body.contains("<d:href>files/alice/a&amp;b</d:href>"), pretended, "{}", lock.body);
        let unlock = lab.send("alice", "UNLOCK", &file, &[agent], "").await;
        assert_eq!(unlock.status, if pretended { 204 } else { 501 }, "{agent:?}");
        let options = lab.send("alice", "OPTIONS", &file, &[agent], "").await;
        assert_eq!(options.header("allow").contains("UNLOCK"), pretended, "{agent:?}");
        let listed = lab.send("alice", "PROPFIND", &file, &[agent, ("depth", "0")], ask).await;
        assert_eq!(listed.header("dav").ends_with(", 2"), pretended, "{agent:?}");
        assert_eq!(listed.body.contains("<d:lockentry>"), pretended, "{}", listed.body);
        assert_eq!(listed.body.contains("404 Not Found"), !pretended, "{}", listed.body);
        assert_eq!(lab.send("", "LOCK", &file, &[agent], "").await.status, 401);
    }
}
