//! Several servers behind one address.

use e2ee_mock_server::{MockServer, TenantError, TenantOptions};

#[tokio::test]
async fn tenants_share_nothing_and_go_with_their_last_handle() {
    let server = MockServer::start().await;
    let authority = server.default_tenant().authority().clone();
    let first = server.tenant(TenantOptions::new("first", authority.clone())).unwrap();
    first.add_credential("alice", "pw", "laptop");
    assert!(server.default_tenant().model().user("alice").is_none());
    let again = server.tenant(TenantOptions::new("first", authority.clone()));
    assert_eq!(again.err(), Some(TenantError::Taken("first".to_owned())));
    assert!(matches!(server.tenant(TenantOptions::new("a/b", authority)), Err(TenantError::Name(_))));

    let url = format!("{}/remote.php/dav/files/alice", first.base_url());
    let client = reqwest::Client::new();
    let propfind = || {
        let method = reqwest::Method::from_bytes(b"PROPFIND").unwrap();
        client.request(method, &url).basic_auth("alice", Some("pw")).send()
    };
    let listed = propfind().await.unwrap().text().await.unwrap();
    assert!(listed.contains("<d:href>/t/first/remote.php/dav/files/alice/</d:href>"), "{listed}");
    assert_eq!(first.exchanges()[0].path, "/remote.php/dav/files/alice");
    drop(first);
    assert_eq!(propfind().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_dropped_server_stops_listening() {
    let server = MockServer::start().await;
    let url = format!("{}/status.php", server.uri());
    assert!(reqwest::get(&url).await.is_ok());
    server.stop().await;
    assert!(reqwest::get(&url).await.is_err());
}
