//! The monitors on hand-made traffic with planted hits.

use std::io::Write as _;
use std::sync::Arc;

use crate::support::{alice, exchange, head, scenario, sha256, transcript};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::metadata::{self, Contents, Document, FileEntry, MetadataKey, Recipient, Version};
use e2ee_reference::signature;
use e2ee_suite::monitors::watch;
use e2ee_suite::transcript::{Mode, Outcome, Transcript, UserSecrets};
use flate2::Compression;
use flate2::write::GzEncoder;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

const ID: &str = "00112233445566778899aabbccddeeff";
const NAME: &str = "5eed5eed0badcafe";
pub(crate) const CONTENT: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const MNEMONIC: &str =
    "farm toilet escape army regular funny board consider same leaf fiction lemon";

/// An honest play of one write, with canaries and secrets but no traffic.
pub(crate) fn quiet() -> Transcript {
    let scenario = scenario(
        &(head("conformance")
            + r#"[script]
steps = [ { laptop.encrypt_folder = { path = "plans" } }, { laptop.sync = {} } ]
"#),
    );
    let mut quiet = transcript(&scenario, Mode::Single, Vec::new());
    quiet.canaries.names.insert(NAME.into());
    quiet.canaries.contents.push(e2ee_suite::transcript::ContentCanary {
        step: 9,
        actor: "laptop".into(),
        path: "plans/a.txt".into(),
        token: Some(CONTENT.into()),
        sha256: sha256(CONTENT.as_bytes()),
        bytes: CONTENT.into(),
    });
    let own = UserSecrets {
        private_key: Some(alice().0.to_pem().to_string()),
        mnemonic: Some(MNEMONIC.into()),
        passwords: vec!["correct horse battery".into()],
        ..UserSecrets::default()
    };
    quiet.secrets.users.insert("alice".into(), own);
    quiet
}

pub(crate) fn with(exchanges: Vec<Exchange>) -> Transcript {
    let mut play = quiet();
    play.exchanges = exchanges.into_iter().map(Arc::new).collect();
    play
}

#[track_caller]
pub(crate) fn finds(play: &Transcript, monitor: &str, words: &[&str]) {
    let found = watch(play).findings;
    let fits = found.iter().any(|f| f.monitor == monitor && words.iter().all(|word| f.text.contains(word)));
    assert!(fits, "{monitor} {words:?}: {found:#?}");
}

#[track_caller]
pub(crate) fn finds_nothing(play: &Transcript) {
    assert_eq!(watch(play).findings, []);
}

fn body(bytes: impl Into<Vec<u8>>) -> Exchange {
    let bytes: Vec<u8> = bytes.into();
    Exchange { request_body: Bytes::from(bytes), ..exchange(7, Endpoint::Other) }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("gzip")
}

#[test]
fn quiet_traffic_is_quiet() {
    finds_nothing(&quiet());
    finds_nothing(&with(vec![body("nothing=to&see=here"), body(vec![0x1f, 0x8b, 0x08, 0, 1, 2, 3])]));
}

#[test]
fn a_leak_in_every_place() {
    let mut line = exchange(7, Endpoint::PutFile);
    line.path = format!("/remote.php/dav/files/alice/plans/report-{NAME}.txt");
    finds(
        &with(vec![line]),
        "leak",
        &[NAME, "the request line (kept in access and audit logs) of PUT file (exchange 7)", "in the clear"],
    );

    let mut query = exchange(7, Endpoint::Other);
    query.query = format!("name={CONTENT}");
    finds(&with(vec![query]), "leak", &["plans/a.txt", "the request line"]);

    let mut header = exchange(7, Endpoint::Other);
    header.request_headers = [("x-file-name", &*STANDARD.encode(format!("report-{NAME}.txt")))].into();
    finds(&with(vec![header]), "leak", &[NAME, "the header x-file-name of", "base64"]);

    for (name, kept) in [
        ("user-agent", "access and audit logs"),
        ("Referer", "access logs"),
        ("destination", "audit logs once it is done"),
    ] {
        let mut header = exchange(7, Endpoint::Other);
        header.request_headers = [(name, &*format!("http://127.0.0.1/report-{NAME}.txt"))].into();
        finds(
            &with(vec![header]),
            "leak",
            &[&format!("the header {name} (kept in {kept}) of"), "in the clear"],
        );
    }

    finds(&with(vec![body(format!("the {CONTENT}!"))]), "leak", &["the body", "in the clear"]);

    let mut anonymous = body(format!("the {CONTENT}!"));
    anonymous.device = None;
    finds(&with(vec![anonymous]), "leak", &["plans/a.txt"]);

    let mut peer = body(format!("the {CONTENT}!"));
    peer.device = Some("bob".into());
    finds_nothing(&with(vec![peer]));
}

#[test]
fn a_leak_in_every_dress() {
    let text = format!("some {CONTENT} text");
    for padding in ["", "a", "ab"] {
        let shifted = format!("{padding}{text}");
        finds(&with(vec![body(STANDARD.encode(&shifted))]), "leak", &["base64"]);
        finds(
            &with(vec![body(URL_SAFE_NO_PAD.encode(format!("\u{ff}\u{fe}?>{shifted}")))]),
            "leak",
            &["base64"],
        );
        // Not a run of its own: letters stand directly before it.
        finds(&with(vec![body(format!("xyz{}", STANDARD.encode(&shifted)))]), "leak", &["base64"]);
    }
    finds(&with(vec![body(hex::encode(&text))]), "leak", &["hex"]);
    finds(&with(vec![body(hex::encode_upper(&text))]), "leak", &["hex"]);
    let utf16: Vec<u16> = text.encode_utf16().collect();
    finds(
        &with(vec![body(utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>())]),
        "leak",
        &["UTF-16"],
    );
    finds(
        &with(vec![body(utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>())]),
        "leak",
        &["UTF-16"],
    );
    let percent: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    finds(&with(vec![body(format!("a={percent}"))]), "leak", &["percent"]);
    // Long enough to be really compressed.
    let text = text.repeat(8);
    finds(&with(vec![body(gzip(text.as_bytes()))]), "leak", &["gzip"]);
    let nested = STANDARD.encode(gzip(STANDARD.encode(&text).as_bytes()));
    let form = format!("metaData={}", percent_encode(nested.as_bytes(), NON_ALPHANUMERIC));
    finds(&with(vec![body(form)]), "leak", &["percent", "gzip", "base64"]);
    let lines: Vec<String> =
        STANDARD.encode(&text).as_bytes().chunks(20).map(|c| String::from_utf8_lossy(c).into()).collect();
    finds(&with(vec![body(lines.join("\r\n"))]), "leak", &["base64"]);
    finds(&with(vec![body(serde_json::to_vec(&lines.join("\n")).expect("JSON"))]), "leak", &["base64"]);
}

#[test]
fn what_is_not_looked_at_is_said() {
    assert_eq!(watch(&with(vec![body(gzip(&[b' '; 1 << 20]))])).unclear, None);
    let long = watch(&with(vec![body(gzip(&vec![b' '; 9 << 20]))]));
    assert!(long.findings.is_empty());
    assert!(long.unclear.expect("unclear").starts_with("monitor leak: the body of"), "says which");
}

#[test]
fn a_leaked_secret_is_named_and_not_shown() {
    let pem = alice().0.to_pem().to_string();
    let der =
        STANDARD.decode(pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).expect("PEM");
    let dresses: Vec<Vec<u8>> = vec![
        pem.clone().into_bytes(),
        der.clone(),
        STANDARD.encode(&pem).into_bytes(),
        serde_json::to_vec(&pem).expect("JSON"),
        hex::encode(&der).into_bytes(),
        percent_encode(pem.as_bytes(), NON_ALPHANUMERIC).to_string().into_bytes(),
    ];
    for dress in dresses {
        let play = with(vec![body(dress)]);
        finds(&play, "leak", &["the private key of alice"]);
    }
    let joined = MNEMONIC.replace(' ', "");
    for mnemonic in [MNEMONIC.to_owned(), MNEMONIC.replace(' ', "+"), joined, STANDARD.encode(MNEMONIC)] {
        let play = with(vec![body(format!("mnemonic={mnemonic}"))]);
        finds(&play, "leak", &["the mnemonic of alice"]);
        let told = format!("{:?}", watch(&play).findings);
        assert!(!told.contains("toilet"), "{told}");
    }
}

pub(crate) fn entry(key: &FileKey, nonce: [u8; 12]) -> FileEntry {
    FileEntry {
        filename: "a".into(),
        mimetype: "text/plain".into(),
        nonce: nonce.to_vec(),
        authentication_tag: Vec::new(),
        key: key.clone(),
    }
}

fn upload(number: u64, files: Vec<(&str, FileEntry)>, key: &MetadataKey) -> Exchange {
    upload_with_nonce(number, files, key, &e2ee_reference::random::array::<12>())
}

fn upload_with_nonce(
    number: u64,
    files: Vec<(&str, FileEntry)>,
    metadata_key: &MetadataKey,
    nonce: &[u8],
) -> Exchange {
    let files = files.into_iter().map(|(id, entry)| (id.to_owned(), entry)).collect();
    let key_checksums = vec![metadata_key.checksum()];
    let contents = Contents { counter: number, files, key_checksums, ..Contents::default() };
    let recipient = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
    let document =
        metadata::seal_root_with_nonce(&contents, metadata_key, &[recipient], Version::V2_1, nonce);
    put_metadata(number, &document.expect("seals"))
}

/// Uploads a document, signed by alice.
pub(crate) fn put_metadata(number: u64, document: &Document) -> Exchange {
    let (key, certificate) = alice();
    let signed = signature::sign_with(&document.signed_content(), certificate, key, 0).expect("signs");
    put_signed(number, &document.to_json(), signed)
}

pub(crate) fn put_signed(number: u64, document: &str, signed: String) -> Exchange {
    let form = format!("metaData={}", percent_encode(document.as_bytes(), NON_ALPHANUMERIC));
    let mut put = exchange(number, Endpoint::PutMetadata);
    put.request_body = Bytes::from(form);
    put.request_headers.push("x-nc-e2ee-signature", &signed);
    with_token(put)
}

pub(crate) fn blob(number: u64, key: &FileKey, nonce: [u8; 12], plain: &[u8]) -> Exchange {
    let sealed = file_cipher::encrypt(key, &nonce, plain).expect("encrypts");
    let mut put = exchange(number, Endpoint::PutFile);
    put.path = "/remote.php/dav/files/alice/plans/id".into();
    put.request_body = Bytes::from(sealed.bytes);
    with_token(put)
}

pub(crate) fn with_token(mut exchange: Exchange) -> Exchange {
    exchange.request_headers.push("e2e-token", "granted");
    exchange
}

pub(crate) fn lock(number: u64) -> Exchange {
    let answer = r#"{"ocs":{"meta":{},"data":{"e2e-token":"granted"}}}"#;
    Exchange { response_body: Bytes::from(answer), ..exchange(number, Endpoint::PostLock) }
}

pub(crate) fn unlock(number: u64) -> Exchange {
    with_token(exchange(number, Endpoint::DeleteLock))
}

#[test]
fn a_file_key_and_nonce_used_twice() {
    let (key, metadata_key) = (FileKey::generate(), MetadataKey::generate());
    let one = |content: &[u8], nonce| {
        vec![
            lock(11),
            blob(12, &key, [1; 12], b"first"),
            upload(13, vec![(ID, entry(&key, [1; 12]))], &metadata_key),
            blob(14, &key, nonce, content),
            upload(15, vec![(ID, entry(&key, nonce))], &metadata_key),
            unlock(16),
        ]
    };
    finds(&with(one(b"other", [1; 12])), "key-reuse", &["exchanges 12 and 14", "one file key and nonce"]);
    finds_nothing(&with(one(b"other", [2; 12])));
    // A retry, or a copy, sends the same ciphertext again.
    finds_nothing(&with(one(b"first", [1; 12])));
}

#[test]
fn a_file_key_and_nonce_used_twice_in_chunks() {
    let (key, metadata_key) = (FileKey::generate(), MetadataKey::generate());
    let mut sent = vec![lock(11), blob(12, &key, [1; 12], b"first")];
    let whole = blob(13, &key, [1; 12], b"another").request_body;
    for (number, piece) in [(14, whole.slice(..5)), (15, whole.slice(5..))] {
        let mut chunk = exchange(number, Endpoint::PutChunk);
        chunk.path = format!("/remote.php/dav/uploads/alice/transfer/{number:05}");
        chunk.request_body = piece;
        sent.push(with_token(chunk));
    }
    let mut assembled = exchange(16, Endpoint::MoveChunks);
    assembled.path = "/remote.php/dav/uploads/alice/transfer/.file".into();
    assembled.request_headers.push("destination", "http://127.0.0.1/remote.php/dav/files/alice/plans/id2");
    sent.push(with_token(assembled));
    sent.extend([upload(17, vec![(ID, entry(&key, [1; 12]))], &metadata_key), unlock(18)]);
    finds(&with(sent), "key-reuse", &["exchanges 12 and 16", "one file key and nonce"]);
}

/// The first of two chunks is sent, and then both of another content take its place; `part` begins the first content.
fn begun_anew(part: &[u8], nonce: [u8; 12]) -> Transcript {
    let (key, metadata_key) = (FileKey::generate(), MetadataKey::generate());
    let another = [b"another content of the same length, as it is ".as_slice(); 2].concat();
    let chunk = |number: u64, name: &str, bytes: Bytes| {
        let path = format!("/remote.php/dav/uploads/alice/{name}");
        with_token(Exchange { path, request_body: bytes, ..exchange(number, Endpoint::PutChunk) })
    };
    let begun = blob(12, &key, nonce, part).request_body;
    let whole = blob(13, &key, [1; 12], &another).request_body;
    let sent = vec![
        lock(11),
        chunk(12, "first/00001", begun.slice(..40)),
        blob(13, &key, [1; 12], &another),
        upload(14, vec![(ID, entry(&key, [1; 12]))], &metadata_key),
        unlock(15),
        chunk(16, "second/00001", whole.slice(..40)),
        chunk(17, "second/00002", whole.slice(40..80)),
    ];
    let mut played = with(sent);
    let mut content = played.canaries.contents[0].clone();
    content.bytes = part.to_vec();
    played.canaries.contents.push(content);
    played
}

#[test]
fn a_file_key_and_nonce_used_for_half_a_file() {
    let first = [b"the first content is not like what follows it ".as_slice(); 2].concat();
    finds(&begun_anew(&first, [1; 12]), "key-reuse", &["exchanges 12 and 13", "one file key and nonce"]);
    finds_nothing(&begun_anew(&first, [2; 12]));
}

#[test]
fn a_metadata_key_and_nonce_used_twice() {
    let metadata_key = MetadataKey::generate();
    let sent = |first: u8, second: u8| {
        let one = upload_with_nonce(12, Vec::new(), &metadata_key, &[first; 12]);
        vec![lock(11), one, upload_with_nonce(13, Vec::new(), &metadata_key, &[second; 12]), unlock(14)]
    };
    finds(&with(sent(1, 1)), "key-reuse", &["exchanges 12 and 13", "one metadata key and nonce"]);
    finds_nothing(&with(sent(1, 2)));
}

#[test]
fn a_lock_that_is_kept() {
    finds(&with(vec![lock(11)]), "locks-released", &["exchange 11"]);
    finds_nothing(&with(vec![lock(11), unlock(12)]));
    let refused = Exchange { status: 403, ..unlock(12) };
    finds(&with(vec![lock(11), refused.clone()]), "locks-released", &["exchange 11"]);
    let expired = Exchange { tampered_by: vec!["expire_locks".into()], ..refused };
    finds_nothing(&with(vec![lock(11), expired.clone()]));
    finds(&with(vec![Exchange { number: 10, ..expired }, lock(11)]), "locks-released", &["exchange 11"]);
    let forged = Exchange { tampered_by: vec!["forge_lock_token".into()], ..lock(11) };
    finds_nothing(&with(vec![forged]));
    let xml = Exchange {
        response_body: Bytes::from("<ocs><data><e2e-token>granted</e2e-token></data></ocs>"),
        ..exchange(11, Endpoint::PostLock)
    };
    finds(&with(vec![xml]), "locks-released", &["exchange 11"]);
    let mut crashed = with(vec![lock(11)]);
    crashed.steps[1].outcome = Outcome::Crashed("signal 9".into());
    finds_nothing(&crashed);
}

#[test]
fn a_write_without_a_lock() {
    let mut put = exchange(12, Endpoint::PutFile);
    put.path = "/remote.php/dav/files/alice/plans/id".into();
    finds(&with(vec![put.clone()]), "write-under-lock", &["PUT file (exchange 12)", "without a lock token"]);
    finds_nothing(&with(vec![lock(11), with_token(put.clone()), unlock(13)]));
    finds(&with(vec![with_token(put.clone())]), "write-under-lock", &["never granted"]);
    // Before the folder was encrypted, and in other folders, everybody may write.
    finds_nothing(&with(vec![Exchange { number: 3, ..put.clone() }]));
    finds_nothing(&with(vec![Exchange { path: "/remote.php/dav/files/alice/plain.txt".into(), ..put }]));
    let metadata = exchange(12, Endpoint::PutMetadata);
    finds(&with(vec![metadata]), "write-under-lock", &["PUT meta-data", "without a lock token"]);
}

#[test]
fn a_private_key_under_an_old_derivation_is_found() {
    let mut play = with(vec![exchange(7, Endpoint::PostPrivateKey)]);
    finds_nothing(&play);
    let own = play.secrets.users.get_mut("alice").expect("alice");
    own.derivation = Some(e2ee_suite::scenario::Derivation::Sha1Rounds1024);
    finds(&play, "stored-key", &["exchange 7", "SHA-1", "1024 rounds"]);
}
