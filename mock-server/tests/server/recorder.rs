//! What is kept of the traffic.

use e2ee_mock_server::{Endpoint, Exchange, MockServer, RecorderLimits, TenantOptions};

use crate::client::Lab;

#[tokio::test]
async fn exchanges_are_complete_and_without_credentials() {
    let lab = Lab::new().await;
    let headers = [("cookie", "session=1"), ("x-oc-mtime", "17")];
    lab.send("alice", "PUT", "/remote.php/dav/files/alice/a%20b?x=1", &headers, "content").await;
    let exchanges = lab.tenant.exchanges();
    let [exchange] = exchanges.as_slice() else { panic!("one exchange") };
    assert_eq!((exchange.number, exchange.endpoint), (1, Endpoint::PutFile));
    assert_eq!((exchange.user.as_deref(), exchange.device.as_deref()), (Some("alice"), Some("laptop")));
    assert_eq!((exchange.path.as_str(), exchange.query.as_str()), ("/remote.php/dav/files/alice/a b", "x=1"));
    assert_eq!((exchange.request_body.as_ref(), exchange.status), (&b"content"[..], 201));
    assert_eq!(exchange.request_header("x-oc-mtime"), Some("17"));
    assert!(
        exchange.request_header("authorization").is_none() && exchange.request_header("cookie").is_none()
    );
    assert!(exchange.delivered);
    let json = serde_json::to_string(exchange.as_ref()).unwrap();
    assert!(json.contains("\"request_body\":\"Y29udGVudA==\"") && json.contains("\"endpoint\":\"PUT file\""));
    assert_eq!(serde_json::from_str::<Exchange>(&json).unwrap(), **exchange);
}

#[tokio::test]
async fn the_oldest_exchanges_go_first() {
    let server = MockServer::start().await;
    let authority = server.default_tenant().authority().clone();
    let recorder = RecorderLimits { exchanges: 3, bytes: 1_000_000 };
    let tenant = server.tenant(TenantOptions { recorder, ..TenantOptions::new("short", authority) }).unwrap();
    for _ in 0..5 {
        reqwest::get(format!("{}/status.php", tenant.base_url())).await.unwrap();
    }
    let numbers: Vec<u64> = tenant.exchanges().iter().map(|exchange| exchange.number).collect();
    assert_eq!((numbers, tenant.exchanges_dropped()), (vec![3, 4, 5], 2));
}
