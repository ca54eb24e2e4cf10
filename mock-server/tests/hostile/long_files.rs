//! Files that are too long for memory, and for the disk.

use e2ee_mock_server::uploaded_files;
use tokio::io::AsyncWriteExt;

use crate::victim::{ALICE, Victim, rest, status};

const MIB: usize = 1 << 20;

/// Bytes that are nowhere the same.
fn noise(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

async fn put(victim: &Victim, path: &str, body: &[u8]) -> String {
    let length = body.len();
    let head = format!(
        "PUT {path} HTTP/1.1\r\nhost: x\r\n{ALICE}connection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    victim.raw([head.as_bytes(), body].concat()).await
}

async fn ask(victim: &Victim, method: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = victim.connect().await;
    let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{ALICE}connection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let body = answer.split_off(end);
    (String::from_utf8(answer).unwrap(), body)
}

#[tokio::test]
async fn a_long_file_is_on_disk_and_comes_back() {
    let victim = Victim::with_room(10 << 20).await;
    let file = noise(3 * MIB + 17);
    assert_eq!(status(&put(&victim, "/remote.php/webdav/a", &file).await), 201);
    let stored = victim.tenant.model().find("alice", "a").unwrap();
    let content = victim.tenant.model().node(stored).unwrap().content().cloned().unwrap();
    assert_eq!((content.len(), content.held()), (file.len() as u64, 0), "nothing is in memory");
    assert_eq!(content.sha256().unwrap(), openssl_sha256(&file));

    let (head, body) = ask(&victim, "GET", "/remote.php/webdav/a", "").await;
    assert!(head.contains(&format!("content-length: {}\r\n", file.len())), "{head}");
    assert!(body == file);
    let (head, body) = ask(&victim, "GET", "/remote.php/webdav/a", "range: bytes=1000000-2500000\r\n").await;
    assert_eq!(status(&head), 206);
    assert!(body == file[1_000_000..=2_500_000]);
    let (head, body) = ask(&victim, "HEAD", "/remote.php/webdav/a", "").await;
    assert!(head.contains(&format!("content-length: {}\r\n", file.len())) && body.is_empty(), "{head}");

    let sent = uploaded_files(&victim.tenant.exchanges());
    assert!(sent.len() == 1 && sent[0].content.to_bytes().unwrap() == file);
    let exchanges = victim.tenant.exchanges();
    assert_eq!(exchanges[0].request_content(), content);
    assert!(exchanges.iter().all(|exchange| exchange.delivered));
    let json = serde_json::to_string(&*exchanges[0]).unwrap();
    assert!(
        json.contains(&format!("\"request_file\":{{\"length\":{}", file.len())) && json.len() < 2000,
        "{json}"
    );
}

#[tokio::test]
async fn chunks_are_put_together_without_being_read() {
    let victim = Victim::with_room(10 << 20).await;
    let file = noise(2 * MIB);
    let uploads = "/remote.php/dav/uploads/alice/u";
    assert_eq!(status(&ask(&victim, "MKCOL", uploads, "").await.0), 201);
    for (number, chunk) in file.chunks(700_000).enumerate() {
        assert_eq!(status(&put(&victim, &format!("{uploads}/{number}"), chunk).await), 201);
    }
    let to = "destination: /remote.php/dav/files/alice/b\r\noc-total-length: 2097152\r\n";
    assert_eq!(status(&ask(&victim, "MOVE", &format!("{uploads}/.file"), to).await.0), 201);
    let (_, body) = ask(&victim, "GET", "/remote.php/dav/files/alice/b", "").await;
    assert!(body == file);
    let (_, body) =
        ask(&victim, "GET", "/remote.php/dav/files/alice/b", "range: bytes=699990-1400010\r\n").await;
    assert!(body == file[699_990..=1_400_010]);
    let sent = uploaded_files(&victim.tenant.exchanges());
    assert_eq!((sent[0].name.as_str(), sent[0].content.held()), ("b", 0));
}

#[tokio::test]
async fn a_full_disk_is_said_and_given_back() {
    let victim = Victim::with_room(5 << 20).await;
    let file = noise(3 * MIB);
    assert_eq!(status(&put(&victim, "/remote.php/webdav/a", &file).await), 201);
    let mut stream = victim.connect().await;
    let head = format!(
        "PUT /remote.php/webdav/b HTTP/1.1\r\nhost: x\r\n{ALICE}content-length: {}\r\n\r\n",
        file.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(&file).await;
    let answer = rest(&mut stream).await;
    assert_eq!(status(&answer), 507, "{answer}");
    assert!(victim.tenant.model().find("alice", "b").is_none());
    victim.others_are_well().await;
    // Short files need no room.
    assert_eq!(status(&put(&victim, "/remote.php/webdav/c", b"short").await), 201);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let victim = Victim::with_room(5 << 20).await;
    for _ in 0..3 {
        let mut stream = victim.connect().await;
        let head =
            format!("PUT /remote.php/webdav/a HTTP/1.1\r\nhost: x\r\n{ALICE}content-length: 4194304\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&noise(3 * MIB)).await.unwrap();
        drop(stream);
        victim.room_is_free().await;
    }
    assert!(victim.tenant.exchanges().is_empty());
}

fn openssl_sha256(bytes: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(bytes)
}
