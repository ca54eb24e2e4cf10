//! What the attacker opens of the traffic.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use e2ee_mock_server::adversary::{Attacker, HeldKind, Opened};
use e2ee_mock_server::{Endpoint, Exchange, Headers};
use e2ee_reference::filedrop;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{self, Contents, Document, MetadataKey, Recipient, Version};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::lab::{Lab, people, recipient, sealed_file};

const CANARY: &[u8] = b"canary 5f1e";

#[test]
fn canary_is_opened_once_a_victim_wraps_its_key_for_the_phantom() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    lab.play(json!({ "insert_phantom": { "folder": "plans", "user": "phantom" } })).unwrap();
    let phantom = Document::parse(&lab.stored().document).unwrap().users()[1].clone();
    let (id, blob) = lab.upload("later.txt", CANARY);
    let refusing = lab.sealed();
    let accepting = with(&lab, &[recipient(&people.alice), phantom_of(&phantom)]);
    let put = file(1, &id, &blob);

    assert_eq!(lab.attacker.opens(&[put.clone(), form(2, &refusing)]), []);
    // The phantom's own entry, copied by a client that looks at nothing, gives nothing away.
    let mut users = refusing.users().to_vec();
    users.push(phantom);
    let copied = metadata::with_users(&refusing, users);
    assert_eq!(lab.attacker.opens(&[put.clone(), form(2, &copied)]), []);

    let exchanges = [put, form(2, &refusing), form(3, &accepting)];
    let opened = lab.attacker.opens(&exchanges);
    let canary = found(&opened, "later.txt", 3);
    assert_eq!(canary.content.as_deref(), Some(CANARY));
    assert_eq!((canary.content_exchange, canary.file_id.as_str()), (Some(1), id.as_str()));
    assert_eq!(canary.with, "private key of the phantom `phantom`");
    // The key that the third exchange gave away opens the second as well, and the file that was there before.
    assert_eq!(found(&opened, "later.txt", 2).content.as_deref(), Some(CANARY));
    assert_eq!(found(&opened, "report.txt", 3).content, None);
    assert_eq!(opened.len(), 4);
}

#[test]
fn what_is_held_can_be_asked_for_and_what_it_reads() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    assert_eq!(lab.attacker.holds(), []);
    assert_eq!(lab.attacker.reads(&lab.stored().document), None);
    lab.corrupt(&people.bob);
    let held: Vec<_> = lab.attacker.holds().into_iter().map(|held| (held.kind, held.of)).collect();
    let expected = [(HeldKind::PrivateKey, "bob".to_owned()), (HeldKind::MetadataKey, "plans".to_owned())];
    assert_eq!(held, expected);
    let reading = lab.attacker.reads(&lab.stored().document).unwrap();
    assert_eq!(reading.files.values().collect::<Vec<_>>(), ["report.txt"]);
    assert_eq!((reading.counter, reading.folders.len()), (1, 0));
    lab.remove("bob");
    assert_eq!(lab.attacker.reads(&lab.stored().document), None);
}

#[test]
fn what_is_opened_is_a_function_of_the_transcript() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    lab.play(json!({ "replace_metadata": { "folder": "plans", "signer": "forged", "plants": "x" } }))
        .unwrap();
    let chosen = Document::parse(&lab.stored().document).unwrap();
    lab.key = chosen.unwrap_key("alice", people.alice.private_key()).unwrap();
    let (id, blob) = lab.upload("later.txt", CANARY);
    let exchanges = [file(7, &id, &blob), as_json(9, &lab.sealed())];

    let opened = lab.attacker.opens(&exchanges);

    assert_eq!(found(&opened, "later.txt", 9).content.as_deref(), Some(CANARY));
    assert_eq!(opened[0].with, "metadata key of `plans`, chosen by replace_metadata");
    let transcript = serde_json::to_string(&lab.attacker).unwrap();
    let later: Attacker = serde_json::from_str(&transcript).unwrap();
    assert_eq!(later.opens(&exchanges), opened);
    assert_eq!(later.planted(), lab.attacker.planted());
    let report = serde_json::to_value(&opened).unwrap();
    assert_eq!(serde_json::from_value::<Vec<Opened>>(report).unwrap(), opened);
}

#[test]
fn removed_member_opens_what_keeps_the_old_key_and_nothing_else() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    lab.corrupt(&people.bob);
    let (id, blob) = lab.upload("after.txt", CANARY);
    let put = file(1, &id, &blob);
    let kept = with(&lab, &[recipient(&people.alice)]);
    let opened = lab.attacker.opens(&[put.clone(), form(2, &kept)]);
    assert_eq!(found(&opened, "after.txt", 2).content.as_deref(), Some(CANARY));
    assert_eq!(opened[0].with, "metadata key of `plans`, read by the corrupted user `bob`");

    lab.remove("bob");
    assert_eq!(lab.attacker.opens(&[put, form(2, &lab.sealed())]), []);
}

#[test]
fn key_from_the_root_opens_a_subfolder_that_came_before() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    lab.attacker.learn_private_key("alice", people.alice.private_key().clone());
    let (id, entry, blob) = sealed_file("deep.txt", CANARY);
    let contents = Contents { files: [(id, entry)].into(), ..Contents::default() };
    let subfolder = metadata::seal_subfolder(&contents, &lab.key, Version::V2_0).unwrap();
    // The blob went by another name: the tag at its end tells.
    let opened =
        lab.attacker.opens(&[file(1, "renamed", &blob), form(2, &subfolder), form(3, &lab.sealed())]);
    assert_eq!(found(&opened, "deep.txt", 2).content.as_deref(), Some(CANARY));
    assert_eq!(opened[0].with, "private key of the corrupted user `alice`");
}

#[test]
fn tag_in_the_metadata_may_be_another() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice]);
    lab.attacker.learn_private_key("alice", people.alice.private_key().clone());
    let (id, blob) = lab.upload("android.txt", CANARY);
    let entry = lab.contents.files.get_mut(&id).unwrap();
    entry.authentication_tag = entry.nonce.clone();
    let opened = lab.attacker.opens(&[file(1, &id, &blob), form(2, &lab.sealed())]);
    assert_eq!(found(&opened, "android.txt", 2).content.as_deref(), Some(CANARY));
    // Another version of the file under the same id does not fit its key.
    let (_, _, other) = sealed_file("android.txt", b"other");
    let opened = lab.attacker.opens(&[file(1, &id, &other), form(2, &lab.sealed())]);
    assert_eq!(found(&opened, "android.txt", 2).content, None);
}

#[test]
fn filedrop_entries_are_opened_in_documents_and_on_their_own() {
    let people = people();
    let lab = Lab::new(&[&people.alice]);
    let mut attacker = Attacker::default();
    attacker.learn_private_key("bob", people.bob.private_key().clone());
    let (id, entry, blob) = sealed_file("dropped.txt", CANARY);
    let drop = filedrop::seal(&entry, &[recipient(&people.alice), recipient(&people.bob)]).unwrap();
    let document = metadata::with_filedrop(&lab.sealed(), [(id.clone(), drop.clone())].into());
    let alone = json!({ &id: drop.value() }).to_string();
    let alone = upload(3, Endpoint::PutFiledrop, "filedrop", &alone);

    let opened = attacker.opens(&[file(1, &id, &blob), form(2, &document), alone]);

    assert_eq!(opened.len(), 2);
    for exchange in [2, 3] {
        assert_eq!(found(&opened, "dropped.txt", exchange).content.as_deref(), Some(CANARY));
    }
}

#[test]
fn damaged_uploads_open_nothing_and_hurt_nobody() {
    let people = people();
    let mut attacker = Attacker::default();
    assert_eq!(attacker.opens(&[upload(1, Endpoint::PutMetadata, "metaData", "{")]), []);
    attacker.learn_private_key("bob", people.bob.private_key().clone());
    let bodies = ["", "{}", "[]", "{\"metadata\":{\"version\":1}}", "null"];
    let mut exchanges = Vec::new();
    for endpoint in [Endpoint::PostMetadata, Endpoint::PutMetadata, Endpoint::PutFiledrop] {
        for (body, name) in bodies.iter().zip(["metaData", "metaData", "filedrop", "filedrop", "other"]) {
            exchanges.push(upload(1, endpoint, name, body));
            exchanges.push(exchange(2, endpoint, "application/json", body.as_bytes()));
        }
    }
    exchanges.push(file(3, "short", &Bytes::from_static(b"short")));
    assert_eq!(attacker.opens(&exchanges), []);
}

#[test]
fn wrapped_keys_that_come_again_are_not_tried_again() {
    let people = people();
    let mut lab = Lab::new(&[&people.alice, &people.bob]);
    for _ in 0..2 {
        let stranger = PrivateKey::generate().unwrap();
        lab.attacker.learn_private_key("eve", stranger);
    }
    let document = lab.sealed();
    let time = |uploads| {
        let exchanges: Vec<_> = (0..uploads).map(|number| form(number, &document)).collect();
        let started = Instant::now();
        assert_eq!(lab.attacker.opens(&exchanges), []);
        started.elapsed()
    };
    // Four operations with private keys are most of the time for one upload.
    let (one, many) = (time(1), time(200));
    assert!(many < one * 100, "{one:?} for one upload, {many:?} for 200");
}

fn with(lab: &Lab, recipients: &[Recipient]) -> Document {
    let key: &MetadataKey = &lab.key;
    metadata::seal_root(&lab.contents, key, recipients, Version::V2_0).unwrap()
}

fn phantom_of(user: &metadata::User) -> Recipient {
    Recipient { user_id: user.user_id.clone(), certificate: user.certificate().unwrap() }
}

fn found<'a>(opened: &'a [Opened], filename: &str, exchange: u64) -> &'a Opened {
    opened.iter().find(|it| it.filename == filename && it.exchange == exchange).unwrap()
}

fn form(number: u64, document: &Document) -> Arc<Exchange> {
    upload(number, Endpoint::PutMetadata, "metaData", &document.to_json())
}

fn as_json(number: u64, document: &Document) -> Arc<Exchange> {
    let body = json!({ "metaData": document.to_json() }).to_string();
    exchange(number, Endpoint::PostMetadata, "application/json; charset=utf-8", body.as_bytes())
}

fn upload(number: u64, endpoint: Endpoint, name: &str, value: &str) -> Arc<Exchange> {
    let body = format!("format=json&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    exchange(number, endpoint, "application/x-www-form-urlencoded", body.as_bytes())
}

fn file(number: u64, name: &str, blob: &Bytes) -> Arc<Exchange> {
    let put = exchange(number, Endpoint::PutFile, "application/octet-stream", blob);
    Arc::new(Exchange { path: format!("/remote.php/dav/files/alice/plans/{name}"), ..Exchange::clone(&put) })
}

fn exchange(number: u64, endpoint: Endpoint, kind: &str, body: &[u8]) -> Arc<Exchange> {
    Arc::new(Exchange {
        number,
        micros: number,
        user: Some("alice".to_owned()),
        device: None,
        method: endpoint.as_str().split(' ').next().unwrap().to_owned(),
        path: "/ocs/v2.php/apps/end_to_end_encryption/api/v2/meta-data/100001".to_owned(),
        query: String::new(),
        endpoint,
        request_headers: [("content-type", kind)].into(),
        request_body: Bytes::copy_from_slice(body),
        request_file: None,
        status: 200,
        response_headers: Headers::default(),
        response_body: Bytes::new(),
        response_file: None,
        delivered: true,
        tampered_by: Vec::new(),
    })
}
