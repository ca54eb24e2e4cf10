//! Requests of which two servers could think differently where they end.

use crate::victim::{ALICE, Victim, status};

const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";

async fn put(victim: &Victim, headers: &str, body: &str) -> String {
    let head = format!("PUT /remote.php/webdav/a HTTP/1.1\r\nhost: x\r\n{ALICE}{headers}\r\n");
    victim.raw(format!("{head}{body}")).await
}

/// No request but the first one may have been taken for one.
fn nothing_was_smuggled(victim: &Victim) {
    let exchanges = victim.tenant.exchanges();
    assert!(exchanges.iter().all(|exchange| !exchange.path.contains("smuggled")), "{exchanges:?}");
}

#[tokio::test]
async fn two_lengths_are_refused() {
    let victim = Victim::new().await;
    for headers in
        ["content-length: 5\r\ncontent-length: 40\r\n", "content-length: 5, 40\r\n", "content-length: +5\r\n"]
    {
        let answer = put(&victim, headers, &format!("12345{SMUGGLED}")).await;
        assert_eq!(status(&answer), 400, "{headers:?}: {answer}");
    }
    victim.others_are_well().await;
    assert!(victim.tenant.exchanges().is_empty());
}

/// RFC 9112 section 6.3: the chunks count, and the connection is not used any further.
#[tokio::test]
async fn after_a_length_beside_chunks_nothing_more_is_read() {
    let victim = Victim::new().await;
    for headers in [
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 4\r\n",
    ] {
        let answer = put(&victim, headers, &format!("0\r\n\r\n{SMUGGLED}")).await;
        assert!(matches!(status(&answer), 201 | 204), "{headers:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{headers:?}: {answer}");
    }
    victim.others_are_well().await;
    nothing_was_smuggled(&victim);
}

#[tokio::test]
async fn other_codings_are_refused() {
    let victim = Victim::new().await;
    for headers in [
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: xchunked\r\n",
    ] {
        let answer = put(&victim, headers, &format!("0\r\n\r\n{SMUGGLED}")).await;
        assert!([400, 501].contains(&status(&answer)), "{headers:?}: {answer}");
    }
    victim.others_are_well().await;
    nothing_was_smuggled(&victim);
}

#[tokio::test]
async fn bad_chunks_are_refused() {
    let victim = Victim::new().await;
    let endless = format!("{}\r\n", "f".repeat(100_000));
    let extension = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(100_000));
    let trailers = format!("1\r\na\r\n0\r\n{}\r\n", "x: y\r\n".repeat(50_000));
    for body in [
        "x\r\n",
        "-1\r\n",
        "ffffffffffffffffff\r\n",
        "3\r\nabcdef\r\n0\r\n\r\n",
        &endless,
        &extension,
        &trailers,
    ] {
        let answer = put(&victim, "transfer-encoding: chunked\r\n", body).await;
        assert_eq!(status(&answer), 400, "{:?}: {answer}", &body[..body.len().min(30)]);
    }
    victim.others_are_well().await;
    assert!(victim.tenant.model().find("alice", "a").is_none());
}

#[tokio::test]
async fn a_flood_in_one_pipe_is_answered_in_order() {
    let victim = Victim::new().await;
    let mut requests = "GET /status.php HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2000);
    requests.push_str("GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let mut stream = victim.connect().await;
    let (mut read, mut write) = stream.split();
    let send = tokio::io::AsyncWriteExt::write_all(&mut write, requests.as_bytes());
    let receive = async {
        let mut answers = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut read, &mut answers).await.unwrap();
        answers
    };
    let (_, answers, ()) = tokio::join!(send, receive, victim.others_are_well());
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2000);
    assert_eq!(answers.matches("HTTP/1.1 404").count(), 1);
}
