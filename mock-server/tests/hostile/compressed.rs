//! Compressed bodies: real servers do not look into them, and so they cannot blow up.

use crate::victim::{ALICE, Victim, status};

#[tokio::test]
async fn a_gzip_bomb_stays_as_it_was_sent() {
    let victim = Victim::new().await;
    // gzip of a megabyte of zeros would do as well: nothing here inflates it.
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    bomb.resize(2000, 0);
    let head = |target: &str| {
        format!(
            "{target} HTTP/1.1\r\nhost: x\r\n{ALICE}connection: close\r\ncontent-encoding: gzip\r\n\
             ocs-apirequest: true\r\nx-e2ee-supported: true\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            bomb.len()
        )
    };
    let put = [head("PUT /remote.php/webdav/a").as_bytes(), &bomb].concat();
    assert_eq!(status(&victim.raw(put).await), 201);
    let stored = {
        let model = victim.tenant.model();
        model.find("alice", "a").and_then(|id| model.node(id)?.content().cloned()).unwrap()
    };
    assert_eq!(*stored.to_bytes().unwrap(), *bomb);
    // As a form or JSON it is no parameters at all, as in PHP.
    let key = head("POST /ocs/v2.php/apps/end_to_end_encryption/api/v2/private-key");
    assert_eq!(status(&victim.raw([key.as_bytes(), &bomb].concat()).await), 500);
    victim.others_are_well().await;
}
