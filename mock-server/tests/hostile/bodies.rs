//! Bodies that are too long.

use e2ee_mock_server::ConnectionLimits;
use tokio::io::AsyncWriteExt;

use crate::victim::{ALICE, Victim, rest, status};

const PUT: &str = "PUT /remote.php/webdav/a HTTP/1.1\r\nhost: x\r\n";

#[tokio::test]
async fn a_length_that_is_too_long_is_refused_before_the_body() {
    let victim = Victim::new().await;
    for length in ["99999999999", "18446744073709551615"] {
        // Nothing but the head is sent.
        let answer = victim.raw(format!("{PUT}{ALICE}content-length: {length}\r\n\r\n")).await;
        // What no number of bytes can be is too large a head to the HTTP library.
        assert!([413, 431].contains(&status(&answer)), "{answer}");
    }
    victim.others_are_well().await;
}

#[tokio::test]
async fn chunks_without_end_are_refused() {
    let victim = Victim::new().await;
    let mut stream = victim.connect().await;
    stream.write_all(format!("{PUT}{ALICE}transfer-encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    let mut chunk = b"100000\r\n".to_vec();
    chunk.resize(chunk.len() + (1 << 20), b'a');
    chunk.extend_from_slice(b"\r\n");
    let mut sent = 0;
    // More than 64 MiB are not taken, nor are buffers of the system endless.
    while sent < 200 && stream.write_all(&chunk).await.is_ok() {
        sent += 1;
    }
    assert!((64..200).contains(&sent), "{sent} MiB");
    victim.others_are_well().await;
    assert!(victim.tenant.model().find("alice", "a").is_none());
}

#[tokio::test]
async fn what_is_no_file_has_to_be_short_even_where_files_need_not() {
    let victim = Victim::with_room(1 << 30).await;
    let form = "POST /ocs/v2.php/cloud/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let answer = victim.raw(format!("{form}{ALICE}content-length: 100000000\r\n\r\n")).await;
    assert_eq!(status(&answer), 413, "{answer}");
    victim.others_are_well().await;
}

#[tokio::test]
async fn many_bodies_at_once_have_a_bound() {
    let limits = ConnectionLimits { bodies: 100_000, ..Default::default() };
    let victim = Victim::limited(limits).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = victim.connect().await;
        let head = format!("{PUT}{ALICE}content-length: 50000\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&[b'a'; 40_000]).await.unwrap();
        held.push(stream);
    }
    // Two of them fit, and not a third one.
    let mut refused = 0;
    for stream in &mut held {
        let answer = tokio::time::timeout(std::time::Duration::from_secs(1), rest(stream)).await;
        refused += usize::from(answer.is_ok_and(|answer| status(&answer) == 503));
    }
    assert_eq!(refused, 2);
    victim.others_are_well().await;
    drop(held);
}
