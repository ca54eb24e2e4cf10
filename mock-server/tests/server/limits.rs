//! Nothing that clients send brings the server down.

use e2ee_mock_server::{MockServer, TenantOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{E2EE, Lab, SHARES};

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let server = MockServer::start().await;
    let authority = server.default_tenant().authority().clone();
    let options = TenantOptions { max_body: 1000, ..TenantOptions::new("small", authority) };
    let tenant = server.tenant(options).unwrap();
    tenant.add_credential("alice", "pw", "laptop");
    let url = format!("{}/remote.php/webdav/a", tenant.base_url());
    let put =
        |size: usize| reqwest::Client::new().put(&url).basic_auth("alice", Some("pw")).body(vec![0u8; size]);
    assert_eq!(put(1000).send().await.unwrap().status(), 201);
    assert_eq!(put(1001).send().await.unwrap().status(), 413);
}

#[tokio::test]
async fn strange_requests_get_answers() {
    let lab = Lab::new().await;
    for path in ["/%ff", "/remote.php/webdav/..%2f..", "/remote.php/webdav/a%00b", "/t/nobody/status.php"] {
        let answer = raw(&lab, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let answer = raw(&lab, &format!("GET /status.php HTTP/1.1\r\nhost: x\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let headers = [("content-type", "application/json")];
    let answer = lab.send("alice", "POST", &format!("{E2EE}/private-key"), &headers, deep.clone()).await;
    assert_eq!(answer.status, 500);
    let users = format!("{E2EE}/public-key?format=json&users={}", "%5B".repeat(5000));
    assert_eq!(lab.ocs("alice", "GET", &users, &[]).await.status, 400);
    let xml = "<a>".repeat(100_000);
    assert_eq!(lab.send("alice", "PROPFIND", "/remote.php/webdav", &[], xml).await.status, 400);
    assert_eq!(lab.send("alice", "GET", "/status.php", &[], "").await.status, 200);
}

#[tokio::test]
async fn every_address_answers_every_method() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    let form = [("path", "/plans"), ("shareType", "3"), ("permissions", "15")];
    let token = lab.ocs("alice", "POST", SHARES, &form).await.data()["token"].as_str().unwrap().to_owned();
    let dav = ["", "/bulk", "/principals/users/alice", "/versions/alice/versions/1", "/trashbin/alice/trash"];
    let dav = dav.into_iter().chain(["/uploads/alice", "/uploads/alice/u", "/uploads/alice/u/.file"]);
    let dav = dav.chain(["/calendars/alice", "/calendars/alice/personal", "/calendars/alice/personal/x"]);
    let dav = dav.chain(["/addressbooks/users/alice/contacts/default", "/files/alice/plans", "/nothing"]);
    let mut paths: Vec<String> = dav.map(|path| format!("/remote.php/dav{path}")).collect();
    paths.extend(["", "/x"].map(|path| format!("/public.php/dav/files/{token}{path}")));
    paths.extend(["", "/poll", "/flow/x"].map(|path| format!("/index.php/login/v2{path}")));
    paths.push("/public.php/webdav/x".to_owned());
    let v1 = E2EE.replace("api/v2", "api/v1");
    paths.extend([format!("{v1}/lock/{id}"), format!("{v1}/meta-data/{id}"), format!("{v1}/lock/-1")]);
    let methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "MKCOL", "MKCALENDAR", "MOVE", "COPY", "OPTIONS"];
    for path in &paths {
        for method in methods.into_iter().chain(["PROPFIND", "PROPPATCH", "REPORT", "LOCK"]) {
            for body in ["", "<a xmlns=\"DAV:\"/>", "<a", "--b"] {
                let headers = [("content-type", "multipart/related; boundary=b"), ("destination", path)];
                let answer = lab.send("alice", method, path, &headers, body).await;
                let known =
                    answer.status < 500 || matches!(answer.status, 501 | 507) || path.contains("/api/v1/");
                assert!(known, "{method} {path}: {} {}", answer.status, answer.body);
            }
        }
    }
}

#[tokio::test]
async fn folders_cannot_be_nested_without_end() {
    let lab = Lab::new().await;
    let root = "/remote.php/dav/files/alice";
    for chain in ["a", "b"] {
        for depth in 1..=110 {
            let path = format!("{root}/{}", vec![chain; depth].join("/"));
            assert_eq!(lab.send("alice", "MKCOL", &path, &[], "").await.status, 201);
        }
    }
    let deep = format!("{root}/{}/a", vec!["b"; 110].join("/"));
    let moved = lab.send("alice", "MOVE", &format!("{root}/a"), &[("destination", &deep)], "").await;
    assert_eq!(moved.status, 403, "{}", moved.body);
    let copied = lab.send("alice", "COPY", &format!("{root}/a"), &[("destination", &deep)], "").await;
    assert_eq!(copied.status, 403, "{}", copied.body);
    let listed = lab.propfind("alice", "", "infinity", "<oc:size/>").await;
    assert_eq!(listed.body.matches("<d:response>").count(), 221);
}

/// Sends bytes as they are and returns what comes back until the connection is closed.
async fn raw(lab: &Lab, request: &str) -> String {
    let mut stream = TcpStream::connect(lab.server.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}
