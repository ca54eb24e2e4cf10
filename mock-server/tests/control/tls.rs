//! Encrypted connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use e2ee_mock_server::{Builder, Missing, MockServer, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

const TOKEN: &str = "a-token-of-the-tests";

fn encrypted() -> Builder {
    MockServer::builder().tls(true).user("alice", "secret")
}

/// What a client that trusts the authority of `trusted` gets from `server` when it takes it for `name`.
async fn get(server: &MockServer, trusted: &MockServer, name: &str, path: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    let authority = trusted.ca_certificate().unwrap();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address()).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: mock\r\nocs-apirequest: true\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn clients_that_trust_the_authority_are_served_under_all_names_of_the_machine() {
    let server = encrypted().public_name("cloud.example").start().await.unwrap();
    for name in ["localhost", "127.0.0.1", "::1", "cloud.example"] {
        let answer = get(&server, &server, name, "/status.php").await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{name}: {answer}");
    }
    assert!(get(&server, &server, "other.example", "/status.php").await.is_err());
    assert_eq!(server.default_tenant().exchanges().len(), 4);
}

#[tokio::test]
async fn another_servers_authority_does_not_vouch_for_this_one() {
    let server = encrypted().start().await.unwrap();
    let other = encrypted().start().await.unwrap();
    assert!(get(&server, &other, "localhost", "/status.php").await.is_err());
}

#[tokio::test]
async fn urls_are_encrypted_ones() {
    let server = encrypted().start().await.unwrap();
    assert_eq!(server.uri(), format!("https://{}", server.address()));
    let answer =
        get(&server, &server, "localhost", "/ocs/v2.php/cloud/capabilities?format=json").await.unwrap();
    let logo = format!("https:\\/\\/{}\\/core\\/img\\/logo", server.address());
    assert!(answer.contains(&logo), "{answer}");
    let named = encrypted().public_name("cloud.example").start().await.unwrap();
    assert_eq!(named.uri(), format!("https://cloud.example:{}", named.address().port()));
    assert!(MockServer::start().await.ca_certificate().is_none());
}

#[tokio::test]
async fn who_speaks_in_clear_gets_nothing() {
    let server = encrypted().start().await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(b"GET /status.php HTTP/1.1\r\nhost: mock\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // The other end may cut the connection while unread bytes are on the way.
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap();
    assert!(!answer.starts_with(b"HTTP"));
    assert!(server.default_tenant().exchanges().is_empty());
}

#[tokio::test]
async fn who_never_finishes_the_handshake_holds_nobody_up() {
    let server = encrypted().start().await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(server.address()).await.unwrap());
    }
    let answer = get(&server, &server, "localhost", "/status.php").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
    let begun = Instant::now();
    server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "stopping waits for silent clients");
}

#[tokio::test]
async fn beyond_loopback_it_says_what_is_missing() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let start = |builder: Builder| async move { builder.listen(everywhere).start().await.err() };
    let missing = |error: Option<StartError>| match error {
        Some(StartError::NotLoopback { missing, .. }) => missing,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(start(MockServer::builder()).await), Missing::TlsAndToken);
    assert_eq!(missing(start(MockServer::builder().tls(true)).await), Missing::Token);
    assert_eq!(missing(start(MockServer::builder().control_token(TOKEN)).await), Missing::Tls);
    let error = start(MockServer::builder().tls(true)).await.unwrap();
    assert_eq!(
        error.to_string(),
        "cannot listen on 0.0.0.0:0: not a loopback address; missing: control token"
    );

    let server = encrypted().control_token(TOKEN).listen(everywhere).start().await.unwrap();
    assert_eq!(server.uri(), format!("https://localhost:{}", server.address().port()));
}

#[tokio::test]
async fn tokens_and_names_have_to_make_sense() {
    for token in ["", "short", "fifteen letters", "with\nline break and more"] {
        let error = MockServer::builder().control_token(token).start().await.unwrap_err();
        assert!(matches!(error, StartError::Token), "{token:?}: {error}");
        assert!(token.is_empty() || !error.to_string().contains(token));
    }
    for name in ["", "a b", "a,b", "https://x", "a..b", "ü.example"] {
        let error = MockServer::builder().public_name(name).start().await.unwrap_err();
        assert!(matches!(error, StartError::PublicName(_)), "{name:?}: {error}");
    }
}
