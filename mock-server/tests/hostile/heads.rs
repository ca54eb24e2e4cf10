//! Heads that are too much.

use crate::victim::{Victim, status};

#[tokio::test]
async fn long_heads_are_refused() {
    let victim = Victim::new().await;
    let long = "y".repeat(300_000);
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let one = format!("GET /status.php HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n");
    let hundreds = format!("GET /status.php HTTP/1.1\r\nhost: x\r\n{many}\r\n");
    let target = format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n");
    for (request, expected) in [(one, &[431][..]), (hundreds, &[431]), (target, &[414, 431])] {
        let answer = victim.raw(&request).await;
        assert!(expected.contains(&status(&answer)), "{}: {answer}", &request[..40]);
        victim.others_are_well().await;
    }
    assert!(victim.tenant.exchanges().is_empty());
}

#[tokio::test]
async fn junk_is_refused() {
    let victim = Victim::new().await;
    let cases: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /status.php HTTP/9.9\r\n\r\n",
        b"GET /status.php HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n",
        b"GET /status.php HTTP/1.1\r\nhost: x\r\na\0b: c\r\n\r\n",
        b"GET /status.php HTTP/1.1\r\nhost : x\r\n\r\n",
    ];
    for request in cases {
        let answer = victim.raw(request).await;
        assert_eq!(status(&answer), 400, "{:?}: {answer}", String::from_utf8_lossy(request));
    }
    victim.others_are_well().await;
    assert!(victim.tenant.exchanges().is_empty());
}
