//! The monitors of headers, tokens and numbers of requests.

use e2ee_mock_server::{Endpoint, Exchange};
use openssl::hash::{MessageDigest, hash};

use crate::monitors::{CONTENT, finds, finds_nothing, lock, unlock, with, with_token};
use crate::support::{exchange, sha256};

fn put(path: &str, header: (&str, &str)) -> Exchange {
    let mut put = exchange(12, Endpoint::PutFile);
    put.path = path.into();
    put.request_headers.push(header.0, header.1);
    with_token(put)
}

fn locked(exchange: Exchange) -> e2ee_suite::transcript::Transcript {
    with(vec![lock(11), exchange, unlock(13)])
}

const INSIDE: &str = "/remote.php/dav/files/alice/plans/00112233445566778899aabbccddeeff";

#[test]
fn a_checksum_of_the_plaintext() {
    let weak = |kind| hex::encode(hash(kind, CONTENT.as_bytes()).expect("digest"));
    for digest in [weak(MessageDigest::md5()), weak(MessageDigest::sha1()), sha256(CONTENT.as_bytes())] {
        for value in [format!("SHA1:{digest}"), digest.to_uppercase()] {
            let play = locked(put(INSIDE, ("oc-checksum", &value)));
            finds(&play, "plaintext-traces", &["exchange 12", "checksum", "oc-checksum"]);
        }
    }
    finds_nothing(&locked(put(INSIDE, ("oc-checksum", &format!("SHA1:{}", sha256(b"ciphertext"))))));
}

#[test]
fn a_type_of_a_file() {
    finds(&locked(put(INSIDE, ("content-type", "image/png"))), "plaintext-traces", &["the type of a file"]);
    finds_nothing(&locked(put(INSIDE, ("content-type", "application/octet-stream"))));
    let mut plain = put("/remote.php/dav/files/alice/picture.png", ("content-type", "image/png"));
    plain.request_headers.retain(|name, _| name != "e2e-token");
    finds_nothing(&locked(plain));
}

#[test]
fn a_token_outside() {
    for path in ["/remote.php/dav/files/alice/plain.txt", "/remote.php/webdav/plain.txt"] {
        let play = locked(put(path, ("x-any", "")));
        finds(&play, "token-inside", &["PUT file (exchange 12)", "has a lock token"]);
    }
    for path in [INSIDE, "/remote.php/webdav/plans/a", "/remote.php/webdav/plans/a/b"] {
        finds_nothing(&locked(put(path, ("x-any", ""))));
    }
    let removed = Exchange {
        endpoint: Endpoint::DeleteFile,
        ..put("/remote.php/dav/files/alice/plans", ("x-any", ""))
    };
    finds_nothing(&locked(removed));
}

#[test]
fn a_lock_that_is_asked_for_too_often() {
    let asked = |times: usize| {
        let refused = Exchange { status: 423, ..exchange(12, Endpoint::PostLock) };
        with(vec![refused; times])
    };
    finds(&asked(61), "request-budget", &["laptop", "61 times"]);
    finds_nothing(&asked(60));
    // In two steps that is not much.
    let mut twice = asked(61);
    twice.exchanges[..30].iter_mut().for_each(|asked| std::sync::Arc::make_mut(asked).number = 5);
    finds_nothing(&twice);
}

#[test]
fn a_flag_that_is_taken_back() {
    finds(&with(vec![exchange(11, Endpoint::DeleteEncrypted)]), "flag-kept", &["exchange 11", "flag"]);
    finds_nothing(&with(vec![exchange(11, Endpoint::PutEncrypted)]));
}
