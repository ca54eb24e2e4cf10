//! State files that are written anew.

use std::path::{Path, PathBuf};

use e2ee_mock_server::control::Command;
use e2ee_mock_server::model::Model;
use e2ee_mock_server::{Builder, MockServer, StateFile};
use serde_json::{Value, json};

use crate::busy::Busy;
use crate::seed;

/// From this length on a file is written anew here.
const FROM: u64 = 64 * 1024;

/// A folder that goes with the test.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn length(&self) -> u64 {
        self.path().metadata().unwrap().len()
    }

    fn builder(&self, compact_from: u64) -> Builder {
        seed::builder().seed(7).state(StateFile { compact_from, ..StateFile::new(self.path()) })
    }

    async fn start(&self, compact_from: u64) -> MockServer {
        self.builder(compact_from).start().await.unwrap()
    }
}

fn model(server: &MockServer) -> Model {
    server.default_tenant().model().clone()
}

fn apply(server: &MockServer, command: Value) {
    let command: Command = serde_json::from_value(command).unwrap();
    server.default_tenant().apply(&command).unwrap();
}

/// Uploads the same file over and over.
async fn overwrite(busy: &mut Busy, times: usize) {
    for number in 0..times {
        let content = number.to_string().repeat(20_000);
        busy.send("alice", "PUT", "/remote.php/dav/files/alice/again", &[], &content).await;
    }
}

/// All that a server can know: a busy history, uploads that are under way, states that were kept, a device on its own.
async fn full_life(server: &MockServer, busy: &mut Busy) {
    busy.work().await;
    let dav = "/remote.php/dav";
    busy.send("alice", "MKCOL", &format!("{dav}/uploads/alice/up"), &[], "").await;
    busy.send("alice", "PUT", &format!("{dav}/uploads/alice/up/1"), &[], &"chunk".repeat(1000)).await;
    let properties = r#"<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><x:a xmlns:x="urn:x">b</x:a></d:prop></d:set></d:propertyupdate>"#;
    busy.send("alice", "PROPPATCH", &format!("{dav}/files/alice/notes.txt"), &[], properties).await;
    busy.send("alice", "PUT", &format!("{dav}/files/alice/gone"), &[], "thrown away").await;
    busy.send("alice", "DELETE", &format!("{dav}/files/alice/gone"), &[], "").await;
    busy.send("", "POST", "/index.php/login/v2", &[], "").await;
    apply(server, json!({ "snapshot": { "name": "then" } }));
    apply(server, json!({ "play": { "fork": { "device": "tablet" } } }));
    apply(server, json!({ "advance_clock": { "seconds": 3600 } }));
    overwrite(busy, 20).await;
}

#[tokio::test]
async fn a_file_that_is_mostly_over_is_written_anew_and_comes_to_the_same() {
    let (place, other) = (Place::new(), Place::new());
    let (server, plain) = (place.start(FROM).await, other.start(u64::MAX).await);
    let (mut busy, mut unbroken) = (Busy::new(server.uri()), Busy::new(plain.uri()));
    full_life(&server, &mut busy).await;
    full_life(&plain, &mut unbroken).await;
    assert!(place.length() * 2 < other.length(), "{} {}", place.length(), other.length());
    let before = model(&server);
    assert_eq!(before, model(&plain));
    drop(busy);
    server.stop().await;

    let server = place.start(FROM).await;
    assert_eq!(before, model(&server));
    let tenant = server.default_tenant();
    assert_eq!(tenant.attacker().snapshot_names().collect::<Vec<_>>(), ["then"]);
    assert_eq!(tenant.clock().now(), plain.default_tenant().clock().now());
    drop(tenant);
    // What follows is what follows on a server that was neither stopped nor has written its file anew.
    let mut busy = Busy::new(server.uri());
    let half = unbroken.answers.len();
    for (server, busy) in [(&server, &mut busy), (&plain, &mut unbroken)] {
        busy.work_in("budget").await;
        apply(server, json!({ "restore": { "name": "then" } }));
        busy.look().await;
        apply(server, json!({ "reset": {} }));
        busy.look().await;
    }
    let named = |answers: &[String], server: &MockServer| -> Vec<String> {
        answers.iter().map(|answer| answer.replace(&server.address().to_string(), "SERVER")).collect()
    };
    assert_eq!(named(&busy.answers, &server), named(&unbroken.answers[half..], &plain));
    assert_eq!(model(&server), model(&plain));
}

/// What the adversary has done can only be written down as what it did.
#[tokio::test]
async fn while_the_adversary_has_hands_in_it_a_file_stays_as_it_is() {
    let moves = [
        json!({ "replace_server_key": {} }),
        json!({ "replace_certificate": { "of": "alice", "issued_by": "instance" } }),
    ];
    for it in moves {
        let place = Place::new();
        let server = place.start(FROM).await;
        let mut busy = Busy::new(server.uri());
        let name = it.as_object().unwrap().keys().next().unwrap().clone();
        apply(&server, json!({ "play": it }));
        overwrite(&mut busy, 20).await;
        assert!(place.length() > 20 * 20_000, "{name}");
        apply(&server, json!({ "retract": { "lie": name } }));
        overwrite(&mut busy, 2).await;
        // The key of a certificate is still the attacker's.
        let held = !server.default_tenant().attacker().holds().is_empty();
        assert_eq!(place.length() > 20 * 20_000, held, "{name}");
        let before = model(&server);
        server.stop().await;
        let server = place.start(FROM).await;
        assert_eq!(before, model(&server), "{name}");
        apply(&server, json!({ "reset": {} }));
        overwrite(&mut Busy::new(server.uri()), 3).await;
        assert!(place.length() < 5 * 20_000, "{name}");
    }
}

/// The system may stop at any point: what lies beside is not looked at, and what took the file's place is whole.
#[tokio::test]
async fn wherever_it_is_cut_off_one_of_the_two_is_there() {
    let place = Place::new();
    let server = place.start(u64::MAX).await;
    full_life(&server, &mut Busy::new(server.uri())).await;
    server.stop().await;
    let old = std::fs::read(place.path()).unwrap();
    let server = place.start(FROM).await;
    let before = model(&server);
    // The first change after that has the file written anew.
    apply(&server, json!({ "snapshot": { "name": "last" } }));
    let new = std::fs::read(place.path()).unwrap();
    server.stop().await;
    assert!(new.len() * 2 < old.len(), "{} {}", new.len(), old.len());

    let beside = place.path().with_file_name("state.anew");
    for cut in (0..new.len()).step_by(new.len() / 16).chain([40, new.len() - 1, new.len()]) {
        std::fs::write(place.path(), &old).unwrap();
        std::fs::write(&beside, &new[..cut]).unwrap();
        let server = place.start(u64::MAX).await;
        assert_eq!(before, model(&server), "{cut}");
        assert!(!beside.exists(), "{cut}");
        server.stop().await;
    }
    // In its place, and then the next change is torn.
    std::fs::write(place.path(), &new).unwrap();
    let server = place.start(u64::MAX).await;
    assert_eq!(before, model(&server));
    server.default_tenant().add_user("later");
    let longer = std::fs::read(place.path()).unwrap();
    server.stop().await;
    for cut in [new.len() + 1, new.len() + 70, longer.len() - 1] {
        std::fs::write(place.path(), &longer[..cut]).unwrap();
        let server = place.start(u64::MAX).await;
        assert_eq!(before, model(&server), "{cut}");
        server.stop().await;
    }
    // Damage in what was kept is found.
    for at in [new.len() / 3, new.len() - 40] {
        let mut damaged = longer.clone();
        damaged[at] ^= 1;
        std::fs::write(place.path(), &damaged).unwrap();
        assert!(place.builder(u64::MAX).start().await.is_err(), "{at}");
    }
}

/// Nothing is lost when there is no room for a second file.
#[cfg(unix)]
#[tokio::test]
async fn when_it_cannot_be_written_anew_the_old_one_goes_on() {
    let place = Place::new();
    let server = place.start(FROM).await;
    let beside = place.path().with_file_name("state.anew");
    // A folder is in the way.
    std::fs::create_dir(&beside).unwrap();
    let mut busy = Busy::new(server.uri());
    overwrite(&mut busy, 20).await;
    assert!(place.length() > 20 * 20_000);
    let before = model(&server);
    server.stop().await;
    std::fs::remove_dir(&beside).unwrap();
    let server = place.start(FROM).await;
    assert_eq!(before, model(&server));
    overwrite(&mut Busy::new(server.uri()), 1).await;
    assert!(place.length() < 5 * 20_000);
}

/// Only its owner may read it, as before.
#[cfg(unix)]
#[tokio::test]
async fn what_is_written_anew_is_nobody_elses_either() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let server = place.start(FROM).await;
    overwrite(&mut Busy::new(server.uri()), 10).await;
    assert!(place.length() < 5 * 20_000);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.path()), 0o600);
    assert!(place.builder(FROM).start().await.is_err(), "it is in use");
}
