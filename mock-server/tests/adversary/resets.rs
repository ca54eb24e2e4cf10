//! How connections end, as a client without any library sees it.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use e2ee_mock_server::MockServer;
use openssl::ssl::{SslConnector, SslMethod};
use openssl::x509::X509;
use serde_json::json;

const GET: &[u8] = b"GET /status.php HTTP/1.1\r\nhost: localhost\r\n\r\n";

async fn server(tls: bool, faults: &[&str]) -> MockServer {
    let server = MockServer::builder().user("alice", "secret").tls(tls).start().await.unwrap();
    for fault in faults {
        let it = json!({ "fail": { "on": "GET status", "fault": fault } });
        server.default_tenant().play(&serde_json::from_value(it).unwrap()).unwrap();
    }
    server
}

/// Sends one request; all that comes, and how it ends.
fn ask(stream: &mut (impl Read + Write)) -> (Vec<u8>, Result<(), ErrorKind>) {
    stream.write_all(GET).unwrap();
    let mut came = Vec::new();
    let ended = stream.read_to_end(&mut came);
    (came, ended.map(|_| ()).map_err(|error| error.kind()))
}

async fn ask_plain(server: &MockServer) -> (Vec<u8>, Result<(), ErrorKind>) {
    let address = server.address();
    let asked = move || ask(&mut TcpStream::connect(address).unwrap());
    tokio::task::spawn_blocking(asked).await.unwrap()
}

async fn ask_encrypted(server: &MockServer) -> (Vec<u8>, Result<(), ErrorKind>) {
    let (address, ca) = (server.address(), server.ca_certificate().unwrap().to_owned());
    let asked = move || {
        let mut connector = SslConnector::builder(SslMethod::tls()).unwrap();
        connector.cert_store_mut().add_cert(X509::from_pem(ca.as_bytes()).unwrap()).unwrap();
        let stream = TcpStream::connect(address).unwrap();
        ask(&mut connector.build().connect("localhost", stream).unwrap())
    };
    tokio::task::spawn_blocking(asked).await.unwrap()
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    for fault in ["reset_before", "reset_after"] {
        let plain = server(false, &[fault]).await;
        assert_eq!(ask_plain(&plain).await, (Vec::new(), Err(ErrorKind::ConnectionReset)), "{fault}");
        let encrypted = server(true, &[fault]).await;
        assert_eq!(ask_encrypted(&encrypted).await, (Vec::new(), Err(ErrorKind::ConnectionReset)), "{fault}");
    }
}

/// What was sent before is not lost, as it may be after a reset.
#[tokio::test]
async fn half_a_body_ends_in_good_order() {
    let honest = server(false, &[]).await;
    let whole = reqwest::get(format!("{}/status.php", honest.uri())).await.unwrap().bytes().await.unwrap();
    let half = server(false, &["half_body"]).await;
    let (came, ended) = ask_plain(&half).await;
    assert_eq!(ended, Ok(()));
    assert!(came.ends_with(&whole[..whole.len() / 2]), "{}", String::from_utf8_lossy(&came));
    assert!(came.starts_with(b"HTTP/1.1 200 OK\r\n"));
}
