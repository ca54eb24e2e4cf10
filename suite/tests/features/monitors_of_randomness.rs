//! The monitor of randomness, on documents made by hand.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{self, Contents, FileEntry, MetadataKey, Recipient, Version};
use e2ee_reference::random;
use e2ee_suite::monitors::watch;
use e2ee_suite::scenario::{Action, Role};
use e2ee_suite::transcript::{Deed, DeviceRecord, Transcript};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde_json::json;

use crate::monitors::{entry, finds, put_metadata, with};
use crate::monitors_of_documents::{ONE, TWO};
use crate::support::{alice, exchange};

const THREE: &str = "89e495e7941cf9e40e6980d14a16bf02";

/// A document that the laptop of alice or the tablet of carol uploads.
struct Sent<'a> {
    user: &'a str,
    members: &'a [&'a str],
    folder: &'a str,
    key: MetadataKey,
    files: Vec<(&'a str, FileEntry)>,
}

fn by<'a>(user: &'a str, files: Vec<(&'a str, FileEntry)>) -> Sent<'a> {
    let members: &[&str] = if user == "alice" { &["alice"] } else { &["carol"] };
    let folder = if user == "alice" { "100001" } else { "100002" };
    Sent { user, members, folder, key: MetadataKey::generate(), files }
}

fn file(key: &FileKey) -> FileEntry {
    entry(key, random::array())
}

fn new_file() -> FileEntry {
    file(&FileKey::generate())
}

fn play(sent: Vec<Sent<'_>>) -> Transcript {
    let exchanges = (11..).zip(sent).map(|(number, sent)| uploaded(number, &sent)).collect();
    let mut play = with(exchanges);
    let (actor, user) = ("tablet".to_owned(), "carol".to_owned());
    play.devices.push(DeviceRecord { actor, role: Role::Subject, user: user.clone(), log: String::new() });
    let keys = play.secrets.users["alice"].clone();
    play.secrets.users.insert(user, keys);
    play
}

fn uploaded(number: u64, sent: &Sent<'_>) -> Exchange {
    let files = sent.files.iter().map(|(id, entry)| ((*id).to_owned(), entry.clone())).collect();
    let contents =
        Contents { counter: 1, files, key_checksums: vec![sent.key.checksum()], ..Contents::default() };
    let member = |user: &&str| Recipient { user_id: (*user).to_owned(), certificate: alice().1.clone() };
    let members: Vec<Recipient> = sent.members.iter().map(member).collect();
    let document = metadata::seal_root(&contents, &sent.key, &members, Version::V2_1).expect("seals");
    of(
        sent.user,
        Exchange { path: format!("/api/v2/meta-data/{}", sent.folder), ..put_metadata(number, &document) },
    )
}

fn of(user: &str, exchange: Exchange) -> Exchange {
    let device = if user == "alice" { "laptop" } else { "tablet" };
    Exchange { user: Some(user.to_owned()), device: Some(device.to_owned()), ..exchange }
}

#[track_caller]
fn is_quiet(play: &Transcript) {
    let found: Vec<_> =
        watch(play).findings.into_iter().filter(|found| found.monitor == "randomness").collect();
    assert_eq!(found, []);
}

#[test]
fn what_strangers_have_in_common() {
    let key = FileKey::generate();
    let two = |first: Sent<'static>, second: Sent<'static>| play(vec![first, second]);
    is_quiet(&two(by("alice", vec![(ONE, new_file())]), by("carol", vec![(TWO, new_file())])));

    let same_key = || (by("alice", vec![(ONE, file(&key))]), by("carol", vec![(TWO, file(&key))]));
    let (first, second) = same_key();
    let words = ["alice and carol, who share nothing", "the same file key"];
    finds(&two(first, second), "randomness", &words);
    // Whoever shares something may have it from the other, or from somebody between them.
    let (first, second) = same_key();
    is_quiet(&two(first, Sent { members: &["carol", "alice"], ..second }));
    let (first, second) = same_key();
    let between = |members| Sent { members, folder: "100003", ..by("alice", Vec::new()) };
    is_quiet(&play(vec![between(&["bob", "alice"]), first, second, between(&["bob", "carol"])]));

    let same_identifier = two(by("alice", vec![(ONE, new_file())]), by("carol", vec![(ONE, new_file())]));
    finds(&same_identifier, "randomness", &["the same identifier"]);
    // Short ones are equal by chance; another monitor says that they are short.
    is_quiet(&two(by("alice", vec![("abcd", new_file())]), by("carol", vec![("abcd", new_file())])));

    let first = by("alice", Vec::new());
    let second = Sent { key: first.key.clone(), ..by("carol", Vec::new()) };
    finds(&two(first, second), "randomness", &["the same metadata key"]);
}

#[test]
fn what_the_server_had_a_hand_in_is_left_alone() {
    let key = FileKey::generate();
    let mut play = play(vec![by("alice", vec![(ONE, file(&key))]), by("carol", vec![(TWO, file(&key))])]);
    play.steps[1].deed = Deed::Move(json!({ "drop_file": {} }));
    is_quiet(&play);
}

#[test]
fn two_files_under_one_key() {
    let key = FileKey::generate();
    let both = || play(vec![by("alice", vec![(ONE, file(&key)), (TWO, file(&key))])]);
    finds(&both(), "randomness", &["exchange 11", "have one file key"]);
    // A copy may keep the key, as long as the nonce is another.
    let mut copied = both();
    copied.steps[1].deed = Deed::Device(Action::Copy { path: "plans/a".into(), to: "plans/b".into() });
    is_quiet(&copied);
    // The file is updated, or moved, or the document stored again.
    is_quiet(&play(vec![by("alice", vec![(ONE, file(&key))]), by("alice", vec![(ONE, file(&key))])]));
    is_quiet(&play(vec![by("alice", vec![(ONE, file(&key))]), by("alice", vec![(TWO, file(&key))])]));
}

#[test]
fn two_root_folders_under_one_key() {
    let key = MetadataKey::generate();
    let again = |folder: &'static str| Sent { key: key.clone(), folder, ..by("alice", Vec::new()) };
    let two = play(vec![again("100001"), again("100003")]);
    finds(&two, "randomness", &["exchanges 11 and 12", "one metadata key"]);
    is_quiet(&play(vec![again("100001"), again("100001")]));
    // What the server did not take was for nothing.
    let mut refused = play(vec![again("100001"), again("100003")]);
    Arc::make_mut(&mut refused.exchanges[0]).status = 500;
    is_quiet(&refused);
}

#[test]
fn keys_with_a_pattern() {
    let ids: Vec<String> = (0..8).map(|_| random::file_id()).collect();
    let files = |key: &dyn Fn() -> [u8; 16]| {
        ids.iter().map(|id| (id.as_str(), file(&FileKey::from_bytes(key())))).collect::<Vec<_>>()
    };
    is_quiet(&play(vec![by("alice", files(&random::array))]));
    let letters = || random::array().map(|byte: u8| byte | 0x40);
    finds(
        &play(vec![by("alice", files(&letters))]),
        "randomness",
        &["file keys are not random", "bit 6", "128 cases"],
    );
}

#[test]
fn identities_that_are_not_drawn() {
    let salts = [random::array::<40>(), random::array()];
    let blob = |number, salt: usize| {
        let salt = STANDARD.encode(salts[salt]);
        let blob = format!("QUFB|QUFB|{salt}");
        let body = format!("privateKey={}", percent_encode(blob.as_bytes(), NON_ALPHANUMERIC));
        Exchange { request_body: Bytes::from(body), ..exchange(number, Endpoint::PostPrivateKey) }
    };
    let identities = |salts: [usize; 2], mnemonics: [&str; 2]| {
        let mut play = play(Vec::new());
        play.exchanges = vec![of("alice", blob(7, salts[0])), of("carol", blob(17, salts[1]))]
            .into_iter()
            .map(Arc::new)
            .collect();
        for (step, (actor, user)) in [("laptop", "alice"), ("tablet", "carol")].into_iter().enumerate() {
            play.steps[step].actor = actor.to_owned();
            play.steps[step].deed = Deed::Device(Action::CreateIdentity {});
            play.secrets.users.get_mut(user).expect("known").mnemonic = Some(mnemonics[step].to_owned());
        }
        let pair = PrivateKey::generate().expect("a key").to_pem().to_string();
        play.secrets.users.get_mut("carol").expect("known").private_key = Some(pair);
        play
    };
    is_quiet(&identities([0, 1], ["one two", "three four"]));
    finds(&identities([1, 1], ["one two", "three four"]), "randomness", &["the same salt"]);
    finds(&identities([0, 1], ["one two", "one two"]), "randomness", &["the same mnemonic"]);
    let mut same_pair = identities([0, 1], ["one two", "three four"]);
    let pair = same_pair.secrets.users["alice"].private_key.clone();
    same_pair.secrets.users.get_mut("carol").expect("known").private_key = pair;
    finds(&same_pair, "randomness", &["the same key pair"]);
    // The laboratory gives everybody the same words and salts.
    let mut provided = identities([1, 1], ["one two", "one two"]);
    provided.steps.iter_mut().for_each(|step| step.deed = Deed::Device(Action::Sync {}));
    is_quiet(&provided);
}

#[test]
fn what_is_odd_and_harmless() {
    let departures = |play: &Transcript| -> Vec<&str> {
        is_quiet(play);
        watch(play).departures.iter().map(|departure| departure.requirement).collect()
    };
    let under =
        |nonce| vec![(ONE, entry(&FileKey::generate(), nonce)), (TWO, entry(&FileKey::generate(), [2; 12]))];
    assert_eq!(departures(&play(vec![by("alice", under([2; 12]))])), ["R2-MOD-06"]);
    assert_eq!(departures(&play(vec![by("alice", under([1; 12]))])), [""; 0]);
    let of_one_machine: Vec<String> =
        (0..8).map(|number| format!("{:.8}-{}", random::file_id(), number)).collect();
    let of_one_machine: Vec<String> =
        of_one_machine.iter().map(|id| id.replace('-', "000") + "1cf911edb1b20242ac1200").collect();
    let files = of_one_machine.iter().map(|id| (&id[..32], new_file())).collect();
    assert_eq!(departures(&play(vec![by("alice", files)])), ["ATK-IV-03"]);
    assert_eq!(departures(&play(vec![by("alice", vec![(ONE, new_file()), (THREE, new_file())])])), [""; 0]);
}
