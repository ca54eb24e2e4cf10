//! What commands do is kept in a state file.

use e2ee_mock_server::control::Command;
use e2ee_mock_server::{MockServer, StateFile};
use serde_json::json;

/// A server on the state file, whose only account was set before the start.
async fn server(file: &std::path::Path) -> MockServer {
    MockServer::builder().user("alice", "secret").state(StateFile::new(file)).start().await.unwrap()
}

fn apply(server: &MockServer, json: serde_json::Value) {
    let command: Command = serde_json::from_value(json).unwrap();
    server.default_tenant().apply(&command).unwrap();
}

#[tokio::test]
async fn a_server_that_starts_again_has_what_commands_did() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let first = server(&file).await;
    apply(&first, json!({"add_user": {"user": "bob", "password": "hunter2", "device": "phone"}}));
    apply(&first, json!({"snapshot": {"name": "both"}}));
    apply(&first, json!({"remove_user": {"user": "bob"}}));
    apply(&first, json!({"play": {"replace_server_key": {}}}));
    apply(&first, json!({"advance_clock": {"seconds": 100_000}}));
    first.stop().await;

    let again = server(&file).await;
    let tenant = again.default_tenant();
    assert!(tenant.model().user("bob").is_none());
    assert_eq!(tenant.lies().len(), 1);
    assert!(tenant.clock().now() > e2ee_mock_server::Clock::default().now() + 90_000);
    apply(&again, json!({"restore": {"name": "both"}}));
    assert_eq!(tenant.model().log_in("bob", "hunter2"), Some("phone"));
    drop(tenant);
    again.stop().await;

    let third = server(&file).await;
    assert_eq!(third.default_tenant().model().log_in("bob", "hunter2"), Some("phone"));
    apply(&third, json!({"reset": {}}));
    let users = |server: &MockServer| -> Vec<String> {
        server.default_tenant().model().user_ids().map(str::to_owned).collect()
    };
    assert_eq!(users(&third), ["alice"], "the beginning is that of the first start");
    third.stop().await;
    let last = server(&file).await;
    assert_eq!((users(&last), last.default_tenant().lies().len()), (vec!["alice".to_owned()], 0));
}
