//! Who may use the control API.

use e2ee_mock_server::{Builder, MockServer, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const TOKEN: &str = "a-token-of-the-tests";

async fn controlled(builder: Builder) -> MockServer {
    builder.control("127.0.0.1:0".parse().unwrap()).start().await.unwrap()
}

/// The status of `GET /v1` with these header lines.
async fn status(server: &MockServer, headers: &str) -> u16 {
    let address = server.control_uri().unwrap().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /v1 HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn web_pages_of_others_have_no_business_here() {
    let server = controlled(MockServer::builder()).await;
    let uri = server.control_uri().unwrap();
    let host = uri.strip_prefix("http://").unwrap();
    let cases = [
        (format!("host: {host}\r\n"), 200),
        ("host: localhost:1\r\n".to_owned(), 200),
        (format!("host: {host}\r\norigin: {uri}\r\n"), 200),
        (String::new(), 403),
        ("host: rebound.example\r\n".to_owned(), 403),
        (format!("host: {host}\r\norigin: https://evil.example\r\n"), 403),
        (format!("host: {host}\r\norigin: null\r\n"), 403),
        (format!("host: {host}\r\norigin: http://127.0.0.1:1\r\n"), 403),
        (format!("host: {host}\r\norigin: {uri}\r\norigin: https://evil.example\r\n"), 403),
    ];
    for (headers, expected) in cases {
        assert_eq!(status(&server, &headers).await, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn a_token_has_to_be_shown_if_there_is_one() {
    let server = controlled(MockServer::builder().control_token(TOKEN)).await;
    let show = |authorization: String| format!("host: localhost\r\nauthorization: {authorization}\r\n");
    assert_eq!(status(&server, "host: localhost\r\n").await, 401);
    assert_eq!(status(&server, &show(format!("Bearer {TOKEN}"))).await, 200);
    for wrong in
        [format!("Bearer {TOKEN}x"), "Bearer ".to_owned(), format!("Basic {TOKEN}"), TOKEN.to_owned()]
    {
        assert_eq!(status(&server, &show(wrong.clone())).await, 401, "{wrong}");
    }
    assert!(!format!("{:?}", MockServer::builder().control_token(TOKEN)).contains(TOKEN));
}

#[tokio::test]
async fn the_control_port_is_not_open_to_everybody_either() {
    let builder = MockServer::builder().control("0.0.0.0:0".parse().unwrap());
    let refused = builder.start().await.unwrap_err();
    assert!(matches!(refused, StartError::NotLoopback { .. }), "{refused}");
}

#[tokio::test]
async fn the_two_ports_do_not_answer_for_each_other() {
    let server = controlled(MockServer::builder()).await;
    let face = reqwest::get(format!("{}/v1", server.uri())).await.unwrap();
    assert_eq!(face.status(), 404);
    let control = reqwest::get(format!("{}/status.php", server.control_uri().unwrap())).await.unwrap();
    assert_eq!(control.status(), 404);
    assert!(MockServer::start().await.control_uri().is_none());
}
