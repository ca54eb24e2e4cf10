//! Counting refusals by address.

use std::time::Duration;

use e2ee_mock_server::MockServer;

use crate::client::{E2EE, Lab};

#[tokio::test]
async fn eleven_refusals_shut_the_door_for_half_an_hour() {
    let lab = Lab::on(MockServer::builder().throttling(true).start().await.unwrap());
    let path = format!("{E2EE}/private-key");
    for refusal in 0..10 {
        let answer = lab.ocs("alice", "GET", &path, &[]).await;
        assert_eq!(answer.status, 404, "{refusal}");
        assert!(answer.header("x-nextcloud-bruteforce-throttled").ends_with("ms"));
    }
    assert_eq!(lab.ocs("alice", "GET", &path, &[]).await.status, 500);
    let shut = lab.ocs("bob", "GET", &path, &[]).await;
    assert_eq!(
        (shut.status, shut.json()["ocs"]["meta"]["message"].as_str()),
        (429, Some("Reached maximum delay"))
    );
    lab.tenant.clock().advance(Duration::from_secs(1801));
    assert_eq!(lab.ocs("alice", "GET", &path, &[]).await.status, 404);
}

#[tokio::test]
async fn nothing_is_counted_unless_asked_for() {
    let lab = Lab::new().await;
    for _ in 0..15 {
        let answer = lab.ocs("alice", "GET", &format!("{E2EE}/private-key"), &[]).await;
        assert_eq!((answer.status, answer.header("x-nextcloud-bruteforce-throttled")), (404, ""));
        assert_eq!(lab.ocs("", "GET", &format!("{E2EE}/server-key"), &[]).await.status, 200);
    }
}
