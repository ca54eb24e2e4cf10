//! The monitors on hand-made traffic of metadata 1.x.

use crate::monitors::{MNEMONIC, entry, finds, finds_nothing, lock, unlock, with};
use crate::support::{alice, exchange};
use bytes::Bytes;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::metadata::{FileEntry, MetadataKey};
use e2ee_reference::metadata_v1::{self, Contents, Document, File, Keys, Target};
use e2ee_suite::monitors::watch;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

fn document(files: &[(&str, FileEntry)], key: &MetadataKey, target: Target<'_>) -> Document {
    let keys = Keys::one(key.clone());
    let files = files.iter().map(|(id, entry)| ((*id).to_owned(), File::new(entry.clone(), &keys)));
    let contents = Contents { files: files.collect(), ..Contents::default() };
    metadata_v1::seal(&contents, &keys, alice().1.public_key(), target).expect("seals")
}

/// The token is a parameter.
fn put(number: u64, document: &str) -> Exchange {
    let document = percent_encode(document.as_bytes(), NON_ALPHANUMERIC);
    let form = format!("metaData={document}&e2e-token=granted");
    Exchange {
        path: "/ocs/v2.php/apps/end_to_end_encryption/api/v1/meta-data/7".into(),
        request_body: Bytes::from(form),
        ..exchange(number, Endpoint::PutMetadata)
    }
}

fn under_lock(documents: &[&str]) -> Vec<Exchange> {
    let puts = documents.iter().zip(12..).map(|(document, number)| put(number, document));
    [lock(11)].into_iter().chain(puts).chain([unlock(19)]).collect()
}

fn one() -> (&'static str, FileEntry) {
    ("00112233445566778899aabbccddeeff", entry(&FileKey::generate(), [1; 12]))
}

#[test]
fn a_document_of_1_2_without_the_checksum_of_the_words() {
    let file = [one()];
    let good = document(&file, &MetadataKey::generate(), Target::V1_2 { mnemonic: MNEMONIC });
    finds_nothing(&with(under_lock(&[&good.to_json()])));
    let other = document(&file, &MetadataKey::generate(), Target::V1_2 { mnemonic: "other words" });
    finds(&with(under_lock(&[&other.to_json()])), "valid-uploads", &["exchange 12", "mnemonic"]);
}

#[test]
fn a_document_of_1_x_that_its_author_cannot_open() {
    let file = [one()];
    for target in [Target::V1_0, Target::V1_1] {
        let key = MetadataKey::generate();
        let good = document(&file, &key, target);
        finds_nothing(&with(under_lock(&[&good.to_json()])));
        let mut value = good.value().clone();
        value["files"][file[0].0]["encrypted"] = "rubbish".into();
        finds(
            &with(under_lock(&[&value.to_string()])),
            "valid-uploads",
            &["exchange 12", "cannot be opened"],
        );
    }
}

#[test]
fn an_entry_of_1_x_under_a_key_and_nonce_of_another() {
    let key = MetadataKey::generate();
    let (first, second) = (document(&[one()], &key, Target::V1_1), document(&[one()], &key, Target::V1_1));
    finds_nothing(&with(under_lock(&[&first.to_json(), &second.to_json()])));
    let id = one().0;
    let sealed = |document: &Document| document.value()["files"][id]["encrypted"].clone();
    let (from, into) = (sealed(&first), sealed(&second));
    let nonce = from.as_str().and_then(|text| text.split_once('|')).expect("a nonce").1;
    let ciphertext = into.as_str().and_then(|text| text.split_once('|')).expect("a ciphertext").0;
    let mut value = first.value().clone();
    let other = value["files"][id].clone();
    value["files"]["ffeeddccbbaa99887766554433221100"] = other;
    value["files"]["ffeeddccbbaa99887766554433221100"]["encrypted"] = format!("{ciphertext}|{nonce}").into();
    finds(&with(under_lock(&[&value.to_string()])), "key-reuse", &["one metadata key and nonce"]);
}

#[test]
fn a_file_key_of_1_x_used_twice() {
    let (id, old) = one();
    let blob = |number, content: &[u8]| {
        let sealed = file_cipher::encrypt(&old.key, &old.nonce, content).expect("encrypts");
        let mut put = exchange(number, Endpoint::PutFile);
        put.path = format!("/remote.php/dav/files/alice/plans/{id}");
        put.request_headers.push("e2e-token", "granted");
        put.request_body = Bytes::from(sealed.bytes);
        put
    };
    let document = document(&[(id, old.clone())], &MetadataKey::generate(), Target::V1_1).to_json();
    let sent = vec![lock(11), blob(12, b"first"), put(13, &document), blob(14, b"other"), unlock(15)];
    finds(&with(sent), "key-reuse", &["exchanges 12 and 14", "one file key and nonce"]);
}

#[test]
fn documents_of_1_x_have_no_counter_to_grow() {
    let sent: Vec<String> =
        (0..3).map(|_| document(&[one()], &MetadataKey::generate(), Target::V1_1).to_json()).collect();
    finds_nothing(&with(under_lock(&sent.iter().map(String::as_str).collect::<Vec<_>>())));
}

#[test]
fn metadata_of_1_x_without_the_token() {
    let document = document(&[one()], &MetadataKey::generate(), Target::V1_1).to_json();
    let bare = put(12, &document);
    let body = String::from_utf8_lossy(&bare.request_body).replace("&e2e-token=granted", "");
    let bare = Exchange { request_body: Bytes::from(body), ..bare };
    finds(
        &with(vec![lock(11), bare, unlock(13)]),
        "write-under-lock",
        &["exchange 12", "without a lock token"],
    );
}

#[test]
fn what_1_x_says_in_its_own_way() {
    let file = [one()];
    let departures = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = document(&file, &MetadataKey::generate(), Target::V1_0).value().clone();
        change(&mut value);
        let play = with(under_lock(&[&value.to_string()]));
        finds_nothing(&play);
        watch(&play).departures.iter().map(|departure| departure.requirement).collect::<Vec<_>>()
    };
    // The play is of 2.1.
    assert_eq!(departures(&|_| ()), ["R2-API-01"]);
    let no_index = |value: &mut serde_json::Value| {
        value["files"][one().0].as_object_mut().expect("an entry").remove("metadataKey");
    };
    assert_eq!(departures(&no_index), ["R2-API-01", "R1-MD-07"]);
    let type_in_clear =
        |value: &mut serde_json::Value| value["files"][one().0]["mimetype"] = "text/plain".into();
    assert_eq!(departures(&type_in_clear), ["R2-API-01", "R1-MD-11"]);
    let comment = |value: &mut serde_json::Value| value["metadata"]["comment"] = "hello".into();
    assert_eq!(departures(&comment), ["R2-API-01", "R1-MD-11"]);
}

#[test]
fn a_new_file_of_1_0_under_an_older_key() {
    let keys =
        Keys::several([(0, MetadataKey::generate()), (1, MetadataKey::generate())].into()).expect("keys");
    let departures = |seen: bool, named: u32| {
        let (id, entry) = one();
        let file = File::new(entry, &keys);
        let contents = Contents { files: [(id.to_owned(), file)].into(), ..Contents::default() };
        let sealed =
            metadata_v1::seal(&contents, &keys, alice().1.public_key(), Target::V1_0).expect("seals");
        let mut value = sealed.value().clone();
        // Only what is named counts here: under the other key it would not open.
        if named == 0 {
            let wrapped = &mut value["metadata"]["metadataKeys"];
            wrapped["2"] = wrapped["0"].clone();
        }
        let before = if seen { vec![sealed.to_json()] } else { Vec::new() };
        let texts: Vec<String> = before.into_iter().chain([value.to_string()]).collect();
        let play = with(under_lock(&texts.iter().map(String::as_str).collect::<Vec<_>>()));
        finds_nothing(&play);
        let found = watch(&play).departures;
        found.iter().any(|departure| departure.requirement == "R1-MD-09")
    };
    assert!(!departures(false, 1));
    assert!(departures(false, 0));
    assert!(!departures(true, 0));
}
