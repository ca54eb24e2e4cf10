//! The monitors of metadata, on documents made by hand.

use std::sync::Arc;

use bytes::Bytes;
use e2ee_mock_server::{Endpoint, Exchange, Headers};
use e2ee_reference::dialect::Dialect;
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::metadata::{self, Contents, Document, FileEntry, MetadataKey, Recipient, Version};
use e2ee_reference::random;
use e2ee_reference::signature;
use e2ee_suite::scenario::Action;
use e2ee_suite::transcript::{Deed, Mode, Transcript};
use serde_json::json;

use crate::monitors::{entry, finds, finds_nothing, lock, put_metadata, put_signed, quiet, unlock, with};
use crate::support::{alice, exchange};

pub(crate) const ONE: &str = "00112233445566778899aabbccddeeff";
pub(crate) const TWO: &str = "ffeeddccbbaa99887766554433221100";

/// A folder with files of these ids and names.
pub(crate) fn contents(counter: u64, files: &[(&str, &str)]) -> Contents {
    let named = |(id, name): &(&str, &str)| {
        let mut entry = entry(&FileKey::generate(), random::array());
        entry.filename = (*name).to_owned();
        ((*id).to_owned(), entry)
    };
    Contents { counter, files: files.iter().map(named).collect(), ..Contents::default() }
}

fn sealed(mut contents: Contents, key: &MetadataKey) -> Document {
    contents.key_checksums.push(key.checksum());
    sealed_as_it_is(&contents, key)
}

fn sealed_as_it_is(contents: &Contents, key: &MetadataKey) -> Document {
    let recipient = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
    metadata::seal_root(contents, key, &[recipient], Version::V2_1).expect("seals")
}

fn shown(number: u64, document: &Document) -> Exchange {
    let answer = json!({ "ocs": { "meta": {}, "data": { "meta-data": document.to_json() } } });
    Exchange { response_body: Bytes::from(answer.to_string()), ..exchange(number, Endpoint::GetMetadata) }
}

/// The laptop takes the lock, is shown `before`, uploads each of `after`, and unlocks.
pub(crate) fn changed(before: Contents, after: Vec<Contents>) -> Transcript {
    let key = MetadataKey::generate();
    let mut sent = vec![lock(11), shown(12, &sealed(before, &key))];
    sent.extend((13..).zip(after).map(|(number, contents)| put_metadata(number, &sealed(contents, &key))));
    sent.push(unlock(20));
    with(sent)
}

#[test]
fn a_counter_that_stays() {
    for counter in [4, 5] {
        let play = changed(contents(5, &[]), vec![contents(counter, &[])]);
        finds(&play, "counter-grows", &["exchange 13", &format!("counter {counter}"), "had 5"]);
    }
    finds_nothing(&changed(contents(5, &[]), vec![contents(6, &[]), contents(6, &[])]));
    finds_nothing(&changed(contents(5, &[]), vec![contents(9, &[])]));
}

#[test]
fn an_entry_that_is_left_out() {
    let (both, one) = ([(ONE, "a"), (TWO, "b")], [(ONE, "a")]);
    let play = changed(contents(1, &both), vec![contents(2, &one)]);
    finds(&play, "entries-kept", &["exchange 13", "leaves out 1 entries"]);
    finds_nothing(&changed(contents(1, &one), vec![contents(2, &both)]));
    // What was added and taken back, and what has another id.
    finds_nothing(&changed(contents(1, &one), vec![contents(2, &both), contents(3, &one)]));
    finds_nothing(&changed(contents(1, &one), vec![contents(2, &[(TWO, "a")])]));
    // What would harm the client is not kept for anybody.
    finds_nothing(&changed(contents(1, &[(ONE, "a"), (TWO, "../b")]), vec![contents(2, &one)]));
    let mut deleted = contents(2, &[]);
    deleted.deleted = true;
    finds_nothing(&changed(contents(1, &both), vec![deleted]));
}

#[test]
fn an_entry_that_the_user_removes() {
    let mut play = changed(contents(1, &[(ONE, "a")]), vec![contents(2, &[]), contents(3, &[])]);
    play.steps[1].deed = Deed::Device(Action::Remove { path: "plans/a".into() });
    finds_nothing(&play);
    // A device that remembers what it has written does not ask again.
    play.steps[1].exchanges_after = 13;
    finds_nothing(&play);
}

#[test]
fn a_damaged_entry_that_is_left_out() {
    let key = MetadataKey::generate();
    let mut damaged = contents(1, &[(ONE, "a")]);
    damaged.files.values_mut().for_each(|entry| entry.nonce = vec![1]);
    let upload = put_metadata(13, &sealed(contents(2, &[]), &key));
    let mut play = with(vec![lock(11), shown(12, &sealed(damaged, &key)), upload, unlock(20)]);
    finds(&play, "entries-kept", &["leaves out 1 entries"]);
    play.mode = Mode::Attack;
    finds(&play, "entries-kept", &["leaves out 1 entries"]);
}

#[test]
fn an_upload_that_nobody_should_accept() {
    let key = MetadataKey::generate();
    let document = sealed(contents(2, &[]), &key);
    let sent = |upload: Exchange| with(vec![lock(11), upload, unlock(13)]);
    let good = put_metadata(12, &document);
    finds_nothing(&sent(good.clone()));

    let mut unsigned = good.clone();
    unsigned.request_headers.retain(|name, _| name != "x-nc-e2ee-signature");
    finds(&sent(unsigned), "valid-uploads", &["exchange 12", "not signed by a member"]);

    let mut other = good.clone();
    other.request_body = put_metadata(12, &sealed(contents(3, &[]), &key)).request_body;
    finds(&sent(other), "valid-uploads", &["not signed by a member"]);

    let without_checksum = put_metadata(12, &sealed_as_it_is(&contents(2, &[]), &key));
    finds(&sent(without_checksum), "valid-uploads", &["the checksum of its metadata key"]);

    let junk = Exchange { request_body: Bytes::from("metaData=%7B%7D"), ..good.clone() };
    finds(&sent(junk), "valid-uploads", &["cannot be read"]);
    let empty = Exchange { request_body: Bytes::new(), ..good.clone() };
    finds(&sent(empty), "valid-uploads", &["no parameter `metaData`"]);

    // A peer is not judged.
    let peer = Exchange { device: Some("bob".into()), request_headers: Headers::default(), ..good };
    finds_nothing(&with(vec![peer]));
}

#[test]
fn what_released_clients_write_is_valid() {
    let key = MetadataKey::generate();
    let (private, certificate) = alice();
    let recipient = Recipient { user_id: "alice".into(), certificate: certificate.clone() };
    let mut contents = contents(2, &[(ONE, "a")]);
    contents.key_checksums.extend([key.checksum(), MetadataKey::generate().checksum()]);
    for dialect in Dialect::ALL {
        let sent = |number, document: Document| {
            let content = document.signed_content();
            let signed =
                signature::sign_as(&content, certificate, private, 0, &dialect.signature).expect("signs");
            put_signed(number, &document.to_json_as(dialect.layout), signed)
        };
        let version = Version::V2_1;
        let root =
            metadata::seal_root_as(&contents, &key, std::slice::from_ref(&recipient), version, &dialect);
        let below = metadata::seal_subfolder_as(&contents, &key, version, &dialect);
        let mut below = sent(13, below.expect("seals"));
        below.path = "/somewhere/below".into();
        finds_nothing(&with(vec![lock(11), sent(12, root.expect("seals")), below, unlock(14)]));
    }
}

#[test]
fn an_identifier_that_is_none() {
    for id in ["0123456789", "report of 2026 for everybody.txt", "../../00112233445566778899aabb"] {
        let play = changed(contents(1, &[]), vec![contents(2, &[(id, "a")])]);
        finds(&play, "identifiers", &["exchange 13", id]);
    }
    finds_nothing(&changed(contents(1, &[]), vec![contents(2, &[(ONE, "a")])]));
    let mut folder = contents(2, &[]);
    folder.folders.insert("year".into(), "year".into());
    finds(&changed(contents(1, &[]), vec![folder]), "identifiers", &["year"]);
}

#[test]
fn bytes_that_no_metadata_name() {
    let mut play = quiet();
    let metadata = sealed(contents(1, &[(ONE, "a")]), &MetadataKey::generate()).to_json();
    play.stored[0].metadata = Some(metadata);
    play.stored[0].files = [(ONE.to_owned(), Bytes::from_static(b"a"))].into();
    finds_nothing(&play);
    play.stored[0].files.insert(TWO.to_owned(), Bytes::from_static(b"b"));
    finds(&play, "orphans", &["1 files", "folder 100001"]);
    // After an error of the server its author takes it back, unless the server keeps him from that.
    for (endpoint, excused) in [(Endpoint::PutFile, false), (Endpoint::DeleteLock, true)] {
        let failed = Exchange { tampered_by: vec!["fail".into()], ..exchange(7, endpoint) };
        play.exchanges.push(Arc::new(failed));
        match excused {
            true => finds_nothing(&play),
            false => finds(&play, "orphans", &["1 files"]),
        }
    }
}

#[test]
fn two_files_under_one_key() {
    let before = contents(1, &[(ONE, "a")]);
    let original = before.files[ONE].clone();
    let mut copied = Contents { counter: 2, ..before.clone() };
    copied.files.insert(TWO.into(), FileEntry { filename: "b".into(), ..original.clone() });
    finds(&changed(before.clone(), vec![copied]), "own-keys", &["exchange 13", "one key and nonce"]);
    // What was moved has its key under another identifier.
    let moved = Contents { counter: 2, files: [(TWO.to_owned(), original)].into(), ..Contents::default() };
    finds_nothing(&changed(before, vec![moved]));
}
