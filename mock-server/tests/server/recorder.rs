//! What is kept of the traffic.

use e2ee_mock_server::{Endpoint, Exchange, History, MockServer, RecorderLimits, TenantOptions};

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
    let recorder = RecorderLimits { exchanges: 3, ..RecorderLimits::default() };
    let tenant = server.tenant(TenantOptions { recorder, ..TenantOptions::new("short", authority) }).unwrap();
    for _ in 0..5 {
        reqwest::get(format!("{}/status.php", tenant.base_url())).await.unwrap();
    }
    let numbers: Vec<u64> = tenant.exchanges().iter().map(|exchange| exchange.number).collect();
    assert_eq!((numbers, tenant.exchanges_dropped()), (vec![3, 4, 5], 2));
}

#[tokio::test]
async fn memory_has_a_bound() {
    let server = MockServer::start().await;
    let authority = server.default_tenant().authority().clone();
    let recorder = RecorderLimits { bytes: 50_000, ..RecorderLimits::default() };
    let tenant = server.tenant(TenantOptions { recorder, ..TenantOptions::new("small", authority) }).unwrap();
    let client = reqwest::Client::new();
    for _ in 0..200 {
        client.get(format!("{}/status.php", tenant.base_url())).send().await.unwrap();
    }
    let kept = tenant.exchanges().len();
    // Each takes half a kilobyte at least, whatever its bodies are.
    assert!((10..100).contains(&kept), "{kept}");
    assert_eq!(tenant.exchanges_dropped(), 200 - kept as u64);
}

#[tokio::test]
async fn history_goes_to_a_file() {
    let path = std::env::temp_dir().join(format!("e2ee-mock-server-history-{}.jsonl", std::process::id()));
    let history = History::to_file(&path).unwrap();
    let recorder = RecorderLimits { exchanges: 1, ..RecorderLimits::default() };
    let builder = MockServer::builder().user("alice", "pw").history(history.clone()).recorder(recorder);
    let server = builder.start().await.unwrap();
    for _ in 0..5 {
        reqwest::get(format!("{}/status.php", server.uri())).await.unwrap();
    }
    history.finish();
    reqwest::get(format!("{}/status.php", server.uri())).await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<u64> = lines.iter().map(|line| line["number"].as_u64().unwrap()).collect();
    assert_eq!((numbers, &lines[0]["tenant"], history.lost()), (vec![1, 2, 3, 4, 5], &"default".into(), 1));
    let exchange: Exchange = serde_json::from_value(lines[4].clone()).unwrap();
    assert_eq!((exchange.endpoint, exchange.delivered), (Endpoint::GetStatus, true));
}
