//! Uploads in chunks, and many files at once.

use e2ee_mock_server::uploaded_files;

use crate::client::Lab;

const UPLOAD: &str = "/remote.php/dav/uploads/alice/u1";
const FILE: &str = "/remote.php/dav/files/alice/long";

#[tokio::test]
async fn chunks_make_a_file_in_the_order_of_their_numbers() {
    let lab = Lab::new().await;
    assert_eq!(lab.send("alice", "MKCOL", UPLOAD, &[], "").await.status, 201);
    assert_eq!(lab.send("alice", "MKCOL", UPLOAD, &[], "").await.status, 405);
    for (name, chunk) in [("10", "c"), ("2", "b"), ("1", "a")] {
        assert_eq!(lab.send("alice", "PUT", &format!("{UPLOAD}/{name}"), &[], chunk).await.status, 201);
    }
    let listed = lab.send("alice", "PROPFIND", UPLOAD, &[("depth", "1")], "").await;
    assert_eq!((listed.status, listed.body.matches("<d:response>").count()), (207, 4));
    let destination = format!("{}{FILE}", lab.tenant.base_url());
    let whole = format!("{UPLOAD}/.file");
    let headers = [("destination", &*destination), ("oc-total-length", "4")];
    let wrong = lab.send("alice", "MOVE", &whole, &headers, "").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("Chunks on server do not sum up to 4 but to 3 bytes"), "{}", wrong.body);
    let headers = [("destination", &*destination), ("oc-total-length", "3"), ("oc-checksum", "SHA1:aa")];
    assert_eq!(lab.send("alice", "MOVE", &whole, &headers, "").await.status, 201);
    let got = lab.send("alice", "GET", FILE, &[], "").await;
    assert_eq!((got.body.as_str(), got.header("oc-checksum")), ("abc", "SHA1:aa"));
    assert_eq!(lab.send("alice", "MOVE", &whole, &headers, "").await.status, 404);

    let sent = uploaded_files(&lab.tenant.exchanges());
    let sent: Vec<(&str, &[u8])> =
        sent.iter().map(|file| (file.name.as_str(), &**file.content.in_memory().unwrap())).collect();
    assert_eq!(sent, [("long", &b"abc"[..]), ("long", b"abc")], "refused and accepted");
}

#[tokio::test]
async fn nobody_reaches_uploads_of_others() {
    let lab = Lab::new().await;
    lab.send("alice", "MKCOL", UPLOAD, &[], "").await;
    for (method, path) in
        [("PUT", format!("{UPLOAD}/1")), ("DELETE", UPLOAD.to_owned()), ("PROPFIND", UPLOAD.to_owned())]
    {
        assert_eq!(lab.send("bob", method, &path, &[], "x").await.status, 404, "{method}");
    }
    assert_eq!(lab.send("alice", "DELETE", UPLOAD, &[], "").await.status, 204);
    assert_eq!(lab.send("alice", "PUT", &format!("{UPLOAD}/1"), &[], "x").await.status, 404);
}

#[tokio::test]
async fn many_files_come_in_one_request() {
    let lab = Lab::new().await;
    let part = |path: &str, text: &str| {
        format!("--b\r\nX-File-Path: {path}\r\nContent-Length: {}\r\n\r\n{text}\r\n", text.len())
    };
    let body = part("/one", "1") + &part("/none/two", "22") + "--b--\r\n";
    let headers = [("content-type", "multipart/related; boundary=b")];
    let answer = lab.send("alice", "POST", "/remote.php/dav/bulk", &headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&json["/one"]["error"], &json["/none/two"]["error"]), (&false.into(), &true.into()));
    assert_eq!(lab.send("alice", "GET", "/remote.php/dav/files/alice/one", &[], "").await.body, "1");
    let sent = uploaded_files(&lab.tenant.exchanges());
    let sent: Vec<(&str, &[u8])> =
        sent.iter().map(|file| (file.name.as_str(), &**file.content.in_memory().unwrap())).collect();
    assert_eq!(sent, [("one", &b"1"[..]), ("two", b"22")]);
    for broken in
        ["", "--b", "--b\r\nX-File-Path: /a\r\nContent-Length: 99999999999999999999\r\n\r\n", "--b\r\n\r\n"]
    {
        assert_eq!(lab.send("alice", "POST", "/remote.php/dav/bulk", &headers, broken).await.status, 400);
    }
}

#[tokio::test]
async fn strict_servers_hold_chunks_to_their_rules() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    lab.tenant.model().set_strict_uploads(true);
    let destination = format!("{}/remote.php/dav/files/alice/plans/0a1b", lab.tenant.base_url());
    let to = ("destination", &*destination);
    assert_eq!(lab.send("alice", "MKCOL", UPLOAD, &[], "").await.status, 400, "no destination");
    assert_eq!(lab.send("alice", "MKCOL", UPLOAD, &[to], "").await.status, 201);
    for (name, status) in
        [("0", 400), ("10001", 400), ("one", 400), ("-1", 400), ("10000", 201), ("00001", 201)]
    {
        let path = format!("{UPLOAD}/{name}");
        assert_eq!(lab.send("alice", "PUT", &path, &[to], name).await.status, status, "{name}");
    }
    assert_eq!(
        lab.send("alice", "PUT", &format!("{UPLOAD}/2"), &[], "x").await.status,
        400,
        "no destination"
    );
    let whole = format!("{UPLOAD}/.file");
    let token = lab.lock("alice", &id, 2).await;
    assert_eq!(lab.send("alice", "MOVE", &whole, &[to], "").await.status, 403, "no token");
    assert_eq!(lab.send("alice", "MOVE", &whole, &[to, ("e2e-token", "x")], "").await.status, 423);
    assert_eq!(lab.send("alice", "MOVE", &whole, &[to, ("e2e-token", &token)], "").await.status, 201);
}
