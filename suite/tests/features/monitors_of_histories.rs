//! The monitor of the history of all devices, on changes made by hand.

use bytes::Bytes;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::metadata::{self, Contents, FileEntry, MetadataKey, Recipient, Version};
use e2ee_suite::monitors::watch;
use e2ee_suite::scenario::Action;
use e2ee_suite::transcript::{Deed, Mode, Transcript};

use crate::monitors::{entry, finds, lock, put_metadata, unlock, with};
use crate::support::{alice, exchange};

const ONE: &str = "00112233445566778899aabbccddeeff";
const TWO: &str = "ffeeddccbbaa99887766554433221100";

/// Devices and what they bring into force, each under a lock of its own.
fn history(changes: &[(&str, Contents)]) -> Transcript {
    let key = MetadataKey::generate();
    let mut sent = Vec::new();
    for (position, (device, contents)) in (1..).zip(changes) {
        let number = position * 10;
        sent.extend(
            [lock(number), put_metadata(number + 1, &sealed(contents, &key)), unlock(number + 2)].map(
                |exchange| Exchange {
                    device: Some((*device).to_owned()),
                    path: "/meta-data/7".into(),
                    ..exchange
                },
            ),
        );
    }
    with(sent)
}

fn sealed(contents: &Contents, key: &MetadataKey) -> metadata::Document {
    let recipient = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
    let mut contents = contents.clone();
    contents.key_checksums.push(key.checksum());
    metadata::seal_root(&contents, key, &[recipient], Version::V2_1).expect("seals")
}

fn contents(counter: u64, files: &[(&str, &FileEntry)]) -> Contents {
    let files = files.iter().map(|(id, entry)| ((*id).to_owned(), (*entry).clone())).collect();
    Contents { counter, files, ..Contents::default() }
}

fn file(name: &str) -> FileEntry {
    FileEntry { filename: name.to_owned(), ..entry(&FileKey::generate(), [1; 12]) }
}

#[track_caller]
fn is_kept(play: &Transcript) {
    let watched = watch(play);
    assert!(!watched.findings.iter().any(|finding| finding.monitor == "history"), "{watched:#?}");
    assert_eq!(watched.unclear, None);
}

#[test]
fn a_counter_that_another_device_has_used() {
    let play = history(&[("laptop", contents(3, &[])), ("phone", contents(3, &[]))]);
    finds(&play, "history", &["phone in exchange 21", "the counter 3 after 3", "laptop in exchange 11"]);
    is_kept(&history(&[("laptop", contents(3, &[])), ("phone", contents(4, &[]))]));
    // Who is not judged may do so.
    is_kept(&history(&[("laptop", contents(3, &[])), ("bob", contents(3, &[]))]));
}

#[test]
fn an_update_that_another_device_overwrites() {
    let (a, b, newer) = (file("a"), file("b"), file("a"));
    let both = contents(2, &[(ONE, &a), (TWO, &b)]);
    let lost =
        [("laptop", contents(1, &[(ONE, &a)])), ("phone", both), ("laptop", contents(3, &[(ONE, &a)]))];
    finds(&history(&lost), "history", &["laptop in exchange 31", "leaves out 1 entries"]);
    let undone = [
        ("laptop", contents(1, &[(ONE, &a)])),
        ("phone", contents(2, &[(ONE, &newer)])),
        ("laptop", contents(3, &[(ONE, &a)])),
    ];
    finds(&history(&undone), "history", &["laptop in exchange 31", "undoes 1 changes"]);
    // Another id for the same name is an update, too.
    let again = [("laptop", contents(1, &[(ONE, &a)])), ("phone", contents(2, &[(TWO, &newer)]))];
    is_kept(&history(&again));
}

#[test]
fn a_file_that_comes_back() {
    let a = file("a");
    let changes = [
        ("laptop", contents(1, &[(ONE, &a)])),
        ("bob", contents(2, &[])),
        ("phone", contents(3, &[(ONE, &a)])),
    ];
    let mut play = history(&changes);
    finds(&play, "history", &["phone in exchange 31", "brings back 1 removed files"]);
    let rename = Action::Rename { path: "plans/b".into(), to: "plans/a".into() };
    play.steps[1].deed = Deed::Device(rename);
    play.steps[1].actor = "phone".into();
    (play.steps[1].exchanges_before, play.steps[1].exchanges_after) = (29, 33);
    is_kept(&play);
}

#[test]
fn a_folder_that_is_deleted_without_a_word() {
    let made = |number, endpoint, status| Exchange {
        status,
        user: Some("alice".into()),
        path: "/remote.php/dav/files/alice/plans".into(),
        response_headers: [("oc-fileid", "00000007ocabc")].into(),
        ..exchange(number, endpoint)
    };
    let play = |deleted| {
        let mut last = contents(2, &[]);
        last.deleted = deleted;
        let mut play = history(&[("laptop", contents(1, &[])), ("laptop", last)]);
        play.exchanges.insert(0, made(1, Endpoint::Mkcol, 201).into());
        play.exchanges.push(made(40, Endpoint::DeleteFile, 204).into());
        play
    };
    finds(&play(false), "history", &["deleted in exchange 40", "exchange 21, does not say so"]);
    is_kept(&play(true));
}

#[test]
fn what_cannot_be_told_is_said() {
    let mut play = history(&[("laptop", contents(1, &[]))]);
    play.secrets.users.clear();
    let why = watch(&play).unclear.expect("unclear");
    assert!(why.contains("cannot open the document in exchange 11"), "{why}");
    play.mode = Mode::Attack;
    assert_eq!(watch(&play).unclear, None);

    let mut twice = with(vec![lock(10), lock(20), unlock(30)]);
    let second = std::sync::Arc::make_mut(&mut twice.exchanges[1]);
    second.device = Some("phone".into());
    second.response_body = Bytes::from(r#"{"ocs":{"data":{"e2e-token":"another"}}}"#);
    let why = watch(&twice).unclear.expect("unclear");
    assert!(why.contains("granted a lock that was held, in exchange 20"), "{why}");
}
