//! Several servers behind one address.

use std::time::Duration;

use e2ee_mock_server::adversary::Move;
use e2ee_mock_server::{MockServer, TenantError, TenantOptions};
use serde_json::json;

use crate::client::Lab;

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
async fn a_fork_has_what_was_there_and_goes_its_own_way() {
    let lab = Lab::new().await;
    let id = lab.ready_folder("alice", "plans").await;
    while !lab.tenant.is_idle() {
        tokio::task::yield_now().await;
    }
    let fork = lab.server.fork(&lab.tenant, "fork").unwrap();
    let before = lab.tenant.exchanges();
    assert_eq!(fork.exchanges(), before, "what has happened is known");
    assert_eq!(*fork.model(), *lab.tenant.model());

    fork.clock().advance(Duration::from_secs(60));
    assert!(fork.clock().now() >= lab.tenant.clock().now() + 59, "a clock of its own");
    let path = format!("/ocs/v2.php/apps/end_to_end_encryption/api/v2/lock/{id}");
    let client = reqwest::Client::new();
    let lock = client
        .post(format!("{}{path}", fork.base_url()))
        .basic_auth("alice", Some("alice's"))
        .header("OCS-APIRequest", "true")
        .header("X-E2EE-Supported", "true")
        .header("X-NC-E2EE-Counter", "2");
    assert_eq!(lock.send().await.unwrap().status(), 200);
    let number = before.last().unwrap().number;
    assert_eq!(fork.exchanges().last().unwrap().number, number + 1, "numbers go on");
    assert_eq!(lab.tenant.exchanges().len(), before.len());
    lab.lock("alice", &id, 2).await;
}

#[tokio::test]
async fn what_cannot_be_forked_says_why() {
    let lab = Lab::new().await;
    let relenting: Move = serde_json::from_value(json!({"withdraw_capability": {"how": "absent"}})).unwrap();
    lab.tenant.play(&relenting).unwrap();
    let said = lab.server.fork(&lab.tenant, "fork").unwrap_err().to_string();
    assert_eq!(said, r#"tenant "default" cannot be forked: it has lies in force"#);
    let authority = lab.tenant.authority().clone();
    let seeded = TenantOptions { seed: Some(1), ..TenantOptions::new("seeded", authority) };
    let seeded = lab.server.tenant(seeded).unwrap();
    let said = lab.server.fork(&seeded, "fork").unwrap_err().to_string();
    assert_eq!(said, r#"tenant "seeded" cannot be forked: it has a seed"#);
}

#[tokio::test]
async fn a_dropped_server_stops_listening() {
    let server = MockServer::start().await;
    let url = format!("{}/status.php", server.uri());
    assert!(reqwest::get(&url).await.is_ok());
    server.stop().await;
    assert!(reqwest::get(&url).await.is_err());
}
