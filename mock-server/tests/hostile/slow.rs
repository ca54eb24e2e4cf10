//! Slow loris: clients that never come to an end.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::victim::{ALICE, Victim, rest, status};

#[tokio::test]
async fn a_head_that_trickles_is_cut_off() {
    let victim = Victim::impatient().await;
    let mut stream = victim.connect().await;
    stream.write_all(b"GET /status.php HTTP/1.1\r\n").await.unwrap();
    let (mut read, mut write) = stream.split();
    let trickle = async {
        // Ends when the server has closed the connection.
        while write.write_all(b"x: y\r\n").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let watch = async {
        let mut answer = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut read, &mut answer).await;
        victim.others_are_well().await;
    };
    tokio::time::timeout(Duration::from_secs(10), async {
        tokio::select! { () = trickle => {}, () = watch => {} }
    })
    .await
    .unwrap();
    assert!(victim.tenant.exchanges().is_empty());
}

#[tokio::test]
async fn a_body_that_stands_still_is_given_up() {
    let victim = Victim::impatient().await;
    let mut stream = victim.connect().await;
    let head =
        format!("PUT /remote.php/webdav/a HTTP/1.1\r\nhost: x\r\n{ALICE}content-length: 100\r\n\r\nabc");
    stream.write_all(head.as_bytes()).await.unwrap();
    victim.others_are_well().await;
    let answer = rest(&mut stream).await;
    assert_eq!(status(&answer), 408, "{answer}");
    assert!(victim.tenant.model().find("alice", "a").is_none());
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let victim = Victim::impatient().await;
    let mut stream = victim.connect().await;
    let head =
        format!("PUT /remote.php/webdav/a HTTP/1.1\r\nhost: x\r\n{ALICE}content-length: 100000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..20 {
        // 100 bytes a second: each comes in time, but all of them would not.
        let _ = stream.write_all(b"ab").await;
        sleep(Duration::from_millis(20)).await;
    }
    victim.others_are_well().await;
    let answer = rest(&mut stream).await;
    assert_eq!(status(&answer), 408, "{answer}");
    assert!(answer.contains("too slowly"), "{answer}");
}
