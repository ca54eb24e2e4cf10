//! What counts only in scenarios that are about it.

use std::sync::Arc;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::metadata::{Contents, Document, MetadataKey, Recipient, Version, seal_root};
use e2ee_suite::judge::{Verdict, judge};
use e2ee_suite::monitors::watch;
use e2ee_suite::transcript::Transcript;

use crate::monitors::{finds_nothing, lock, put_metadata, quiet, unlock, with, with_token};
use crate::monitors_of_documents::{ONE, TWO, changed, contents};
use crate::support::{alice, exchange, head, scenario};

fn requirements(play: &Transcript) -> Vec<&'static str> {
    finds_nothing(play);
    watch(play).departures.iter().map(|departure| departure.requirement).collect()
}

/// One request of a device.
fn sent(endpoint: Endpoint, path: &str) -> Transcript {
    let mut request = exchange(7, endpoint);
    request.path = path.to_owned();
    with(vec![request])
}

#[test]
fn a_file_that_gets_another_identifier() {
    let play = changed(contents(1, &[(ONE, "a")]), vec![contents(2, &[(TWO, "a")])]);
    assert_eq!(requirements(&play), ["R2-MOD-13"]);
    for same in [&[(ONE, "a")][..], &[(ONE, "b")], &[(TWO, "b")], &[]] {
        let mut play = changed(contents(1, &[(ONE, "a")]), vec![contents(2, same)]);
        assert!(watch(&play).departures.is_empty(), "{same:?}");
        play.exchanges.clear();
        assert!(requirements(&play).is_empty());
    }
}

#[test]
fn a_request_to_another_interface() {
    let app = "apps/end_to_end_encryption/api";
    for (path, found) in [
        (format!("/ocs/v2.php/{app}/v2/server-key"), 0),
        (format!("/ocs/v2.php/{app}/v1/server-key"), 1),
        (format!("/ocs/v1.php/{app}/v2/server-key"), 1),
        ("/ocs/v1.php/cloud/capabilities".to_owned(), 0),
    ] {
        assert_eq!(requirements(&sent(Endpoint::GetServerKey, &path)).len(), found, "{path}");
    }
    assert!(
        requirements(&sent(Endpoint::DeleteMetadata, &format!("/ocs/v2.php/{app}/v1/meta-data/7")))
            .is_empty()
    );
    assert!(requirements(&quiet()).is_empty());
}

#[test]
fn a_member_who_comes_without_a_new_key() {
    let member = |user: &str| Recipient { user_id: user.into(), certificate: alice().1.clone() };
    let sealed = |users: &[&str], key: &MetadataKey| {
        let contents = Contents { key_checksums: vec![key.checksum()], ..contents(1, &[]) };
        let users: Vec<Recipient> = users.iter().map(|user| member(user)).collect();
        seal_root(&contents, key, &users, Version::V2_1).expect("seals")
    };
    let (old, new) = (MetadataKey::generate(), MetadataKey::generate());
    for (users, key, found) in [
        (&["alice", "bob"][..], &old, &["R2-SHR-08"][..]),
        (&["alice", "bob"], &new, &[]),
        (&["alice"], &old, &[]),
    ] {
        let sent = [(&["alice"][..], &old), (users, key)].into_iter().zip(12..);
        let sent = sent.map(|((users, key), number)| put_metadata(number, &sealed(users, key)));
        let play = with([lock(11)].into_iter().chain(sent).chain([unlock(14)]).collect());
        assert_eq!(
            watch(&play).departures.iter().map(|it| it.requirement).collect::<Vec<_>>(),
            found,
            "{users:?}"
        );
    }
}

#[test]
fn documents_with_something_odd() {
    let odd = |change: &dyn Fn(&mut Contents, &mut serde_json::Value)| {
        let key = MetadataKey::generate();
        let mut contents = contents(2, &[(ONE, "a")]);
        contents.key_checksums.push(key.checksum());
        change(&mut contents, &mut serde_json::Value::Null);
        let user = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
        let mut value = seal_root(&contents, &key, &[user], Version::V2_1).expect("seals").value().clone();
        change(&mut Contents::default(), &mut value);
        let document = Document::parse(&value.to_string()).expect("a document");
        requirements(&with(vec![lock(11), put_metadata(12, &document), unlock(13)]))
    };
    assert!(odd(&|_, _| ()).is_empty());
    let mimetype = |contents: &mut Contents, _: &mut serde_json::Value| {
        contents.files.values_mut().for_each(|entry| entry.mimetype.clear());
    };
    assert_eq!(odd(&mimetype), ["R2-MD-13"]);
    let extra = |_: &mut Contents, value: &mut serde_json::Value| {
        if let Some(members) = value.as_object_mut() {
            members.insert("comment".into(), "hello".into());
        }
    };
    assert_eq!(odd(&extra), ["R2-MD-01"]);
}

/// What is odd when a device uploads a file and then updates it, each time with a key and a nonce of some length, and with
/// what `tag` makes of authentication tag and nonce.
fn written(
    device: &str,
    id: &str,
    files: &[(&FileKey, usize)],
    tag: fn(&[u8], &[u8]) -> Vec<u8>,
) -> Vec<&'static str> {
    let key = MetadataKey::generate();
    let mut sent = vec![lock(11)];
    for (number, (file_key, length)) in (12..).step_by(2).zip(files) {
        let mut contents = contents(number, &[(id, "a")]);
        contents.key_checksums.push(key.checksum());
        let mut put = exchange(number, Endpoint::PutFile);
        for entry in contents.files.values_mut() {
            entry.key = (*file_key).clone();
            entry.nonce = vec![u8::try_from(number).expect("small"); *length];
            let sealed = file_cipher::encrypt(&entry.key, &entry.nonce, b"plain").expect("encrypts");
            entry.authentication_tag = tag(&sealed.tag, &entry.nonce);
            put.path = format!("/remote.php/dav/files/alice/plans/{id}");
            put.request_body = sealed.bytes.into();
        }
        let user = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
        let document = seal_root(&contents, &key, &[user], Version::V2_1).expect("seals");
        let stored = put_metadata(number + 1, &document);
        sent.extend([with_token(put), stored].map(|it| Exchange { device: Some(device.into()), ..it }));
    }
    sent.push(unlock(30));
    requirements(&with(sent))
}

#[test]
fn files_with_odd_entries() {
    let nothing: [&str; 0] = [];
    let (one, other) = (&FileKey::generate(), &FileKey::generate());
    let right = |tag: &[u8], _: &[u8]| tag.to_vec();
    let nonce = |_: &[u8], nonce: &[u8]| nonce.to_vec();
    assert_eq!(written("laptop", ONE, &[(one, 12), (other, 12)], right), nothing);
    assert_eq!(written("laptop", ONE, &[(one, 16), (other, 16)], right), ["R2-MOD-06", "R2-MOD-12"]);
    assert_eq!(written("laptop", ONE, &[(one, 12), (other, 16)], right), ["R2-MOD-12"]);
    assert_eq!(written("laptop", ONE, &[(one, 12)], nonce), ["R2-MD-12"]);
    assert_eq!(
        written("laptop", ONE, &[(one, 12), (other, 12)], nonce),
        ["R2-MD-12", "R2-MD-12", "R2-MOD-14"]
    );
    assert_eq!(written("laptop", ONE, &[(one, 12)], |_, _| Vec::new()), ["R2-MD-12"]);
    assert_eq!(written("laptop", ONE, &[(one, 12), (one, 12)], right), ["R2-MOD-11"]);
    let prefixed = format!("E2EE{ONE}");
    assert_eq!(written("laptop", &prefixed, &[(one, 12), (other, 12)], right), ["R2-MOD-08"]);
    // A peer is not judged.
    assert_eq!(written("bob", &prefixed, &[(one, 16), (one, 16)], nonce), nothing);
}

#[test]
fn what_others_have_encrypted_is_written_back_as_it_is() {
    let mut before = contents(1, &[(ONE, "a")]);
    before.files.values_mut().for_each(|entry| entry.nonce = vec![7; 16]);
    let after = Contents { counter: 2, ..before.clone() };
    assert_eq!(requirements(&changed(before, vec![after])), [] as [&str; 0]);
}

#[test]
fn it_is_a_warning_where_the_scenario_is_about_it() {
    let steps =
        "[script]\nsteps = [ { laptop.encrypt_folder = { path = \"plans\" } }, { laptop.sync = {} } ]\n";
    let plain = scenario(&(head("conformance") + steps));
    let mut about = plain.clone();
    about.cites.push("R2-MOD-13".to_owned());
    let mut play = quiet();
    play.canaries = Default::default();
    let other = changed(contents(1, &[(ONE, "a")]), vec![contents(2, &[(TWO, "a")])]);
    play.exchanges = other.exchanges.iter().map(Arc::clone).collect();
    assert_eq!(judge(&plain, None, &play).verdict, Verdict::Pass);
    let judgement = judge(&about, None, &play);
    assert_eq!(judgement.verdict, Verdict::Warn, "{}", judgement.reason);
    assert_eq!(judgement.findings[0].requirements, ["R2-MOD-13"]);
    assert!(judgement.reason.starts_with("R2-MOD-13: the document in exchange 13"), "{}", judgement.reason);
}

#[test]
fn a_change_in_another_order_than_that_of_the_text() {
    let (key, file) = (MetadataKey::generate(), FileKey::generate());
    let mut named = contents(2, &[(ONE, "a")]);
    named.key_checksums.push(key.checksum());
    let mut bytes = exchange(13, Endpoint::PutFile);
    for entry in named.files.values_mut() {
        entry.nonce = vec![7; 12];
        let sealed = file_cipher::encrypt(&file, &entry.nonce, b"plain").expect("encrypts");
        (entry.key, entry.authentication_tag) = (file.clone(), sealed.tag.to_vec());
        bytes.path = format!("/remote.php/dav/files/alice/plans/{ONE}");
        bytes.request_body = sealed.bytes.into();
    }
    let bytes = with_token(bytes);
    let user = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
    let document = seal_root(&named, &key, &[user], Version::V2_1).expect("seals");
    let stored = |number| put_metadata(number, &document);
    assert_eq!(requirements(&with(vec![lock(11), stored(12), bytes.clone(), unlock(14)])), ["R2-UPD-02"]);
    let right = with(vec![lock(11), bytes.clone(), stored(14), unlock(15)]);
    assert_eq!(requirements(&right), [] as [&str; 0]);
    let mut dated = bytes;
    dated.request_headers.push("x-oc-mtime", "1700000000");
    assert_eq!(requirements(&with(vec![lock(11), dated, stored(14), unlock(15)])), ["LEAK-03"]);
}

#[test]
fn a_counter_that_leaves_one_out() {
    let key = MetadataKey::generate();
    let document = |counter| {
        let user = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
        let contents = Contents { key_checksums: vec![key.checksum()], ..contents(counter, &[]) };
        seal_root(&contents, &key, &[user], Version::V2_1).expect("seals")
    };
    for (counter, found) in [("2", &[][..]), ("3", &["R2-LOCK-04"]), ("1", &[])] {
        let mut asked = lock(14);
        asked.request_headers.push("x-nc-e2ee-counter", counter);
        let first = [lock(11), put_metadata(12, &document(1)), unlock(13)];
        let second = [asked, put_metadata(15, &document(2)), unlock(16)];
        let play = with(first.into_iter().chain(second).collect());
        assert_eq!(requirements(&play), found, "{counter}");
    }
}

#[test]
fn metadata_of_a_folder_that_is_gone() {
    let inside = "/remote.php/dav/files/alice/plans/below";
    let key = MetadataKey::generate();
    let user = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
    let contents = Contents { key_checksums: vec![key.checksum()], ..contents(1, &[]) };
    let document = seal_root(&contents, &key, &[user], Version::V2_1).expect("seals");
    let at = |number, endpoint, path: &str, status| Exchange {
        path: path.to_owned(),
        status,
        ..with_token(exchange(number, endpoint))
    };
    let mut made = at(12, Endpoint::Mkcol, inside, 201);
    made.response_headers.push("oc-fileid", "0000077ocinstance");
    let app = "/ocs/v2.php/apps/end_to_end_encryption/api/v2/meta-data/77";
    let stored = Exchange { path: app.into(), ..put_metadata(13, &document) };
    let gone = at(14, Endpoint::DeleteFile, inside, 204);
    let deleted = at(15, Endpoint::DeleteMetadata, app, 200);
    let left = vec![lock(11), made.clone(), stored.clone(), gone.clone(), unlock(16)];
    assert!(requirements(&with(left)).contains(&"R2-MOD-20"));
    let cleared = vec![lock(11), made, stored, gone, deleted, unlock(16)];
    assert!(!requirements(&with(cleared)).contains(&"R2-MOD-20"));
}
