//! More connections than anybody needs.

use tokio::io::AsyncWriteExt;

use crate::victim::{ALICE, Victim, rest, status};

#[tokio::test]
async fn idle_connections_make_room_for_new_ones() {
    let victim = Victim::new_with_connections(20).await;
    let mut flood = Vec::new();
    for _ in 0..200 {
        flood.push(victim.connect().await);
        if flood.len() % 50 == 0 {
            victim.others_are_well().await;
        }
    }
    // The first ones have been closed, without a word.
    assert_eq!(rest(&mut flood[0]).await, "");
}

#[tokio::test]
async fn when_all_are_busy_the_next_one_is_told_so() {
    let victim = Victim::new_with_connections(3).await;
    let mut busy = Vec::new();
    for _ in 0..3 {
        let mut stream = victim.connect().await;
        let head = format!(
            "PUT /remote.php/webdav/a HTTP/1.1\r\nhost: x\r\n{ALICE}expect: 100-continue\r\ncontent-length: 5\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        // The body is being waited for.
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut go_on).await.unwrap();
        assert!(go_on.starts_with(b"HTTP/1.1 100"));
        busy.push(stream);
    }
    let answer = rest(&mut victim.connect().await).await;
    assert_eq!(status(&answer), 503, "{answer}");
    busy[0].write_all(b"12345").await.unwrap();
    drop(busy.remove(0));
    // Its end takes a moment to be noticed.
    let mut answer = String::new();
    for _ in 0..100 {
        answer = victim.raw("GET /status.php HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        if status(&answer) == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(status(&answer), 200, "{answer}");
}
