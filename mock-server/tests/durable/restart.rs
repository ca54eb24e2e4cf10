//! A state file: what a server goes on from.

use std::path::{Path, PathBuf};

use e2ee_mock_server::adversary::{Move, moves};
use e2ee_mock_server::control::Command;
use e2ee_mock_server::model::Model;
use e2ee_mock_server::{AppVersion, Builder, MockServer, StartError, StateError, StateFile, Tenant};

use crate::busy::Busy;
use crate::seed;

/// A folder that goes with the test, and a builder whose state lies in it.
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

    fn builder(&self) -> Builder {
        seed::builder().state(StateFile::new(self.path()))
    }

    async fn start(&self) -> MockServer {
        self.builder().start().await.unwrap()
    }

    /// Starts with a file of these bytes; why that does not work.
    async fn refused(&self, bytes: &[u8]) -> StateError {
        std::fs::write(self.path(), bytes).unwrap();
        let before = std::fs::read(self.path()).unwrap();
        let error = refusal(self.builder()).await;
        assert_eq!(before, std::fs::read(self.path()).unwrap(), "the file is left as it is");
        error
    }
}

async fn refusal(builder: Builder) -> StateError {
    match builder.start().await {
        Err(StartError::State(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it starts"),
    }
}

fn model(server: &MockServer) -> Model {
    server.default_tenant().model().clone()
}

#[tokio::test]
async fn a_busy_history_is_there_again() {
    for seed in [None, Some(7)] {
        let place = Place::new();
        let builder = || seed.into_iter().fold(place.builder(), Builder::seed);
        let server = builder().start().await.unwrap();
        let mut busy = Busy::new(server.uri());
        busy.work().await;
        let before = model(&server);
        server.stop().await;
        drop(busy);
        for _ in 0..2 {
            let server = builder().start().await.unwrap();
            assert_eq!(before, model(&server));
            server.stop().await;
        }
    }
}

/// A server that was stopped in between answers what one answers that never was.
#[tokio::test]
async fn what_follows_is_the_same_as_without_a_restart() {
    let place = Place::new();
    let through = seed::builder().seed(7).start().await.unwrap();
    let mut unbroken = Busy::new(through.uri());
    unbroken.work().await;
    let half = unbroken.answers.len();
    unbroken.work_in("budget").await;
    let server = place.builder().seed(7).start().await.unwrap();
    Busy::new(server.uri()).work().await;
    server.stop().await;
    let server = place.builder().seed(7).start().await.unwrap();
    let mut again = Busy::new(server.uri());
    again.work_in("budget").await;
    assert_eq!(model(&through), model(&server));
    let named = |answers: &[String], server: &MockServer| -> Vec<String> {
        answers.iter().map(|answer| answer.replace(&server.address().to_string(), "SERVER")).collect()
    };
    assert_eq!(named(&unbroken.answers[half..], &through), named(&again.answers, &server));
}

#[tokio::test]
async fn what_a_test_does_directly_is_there_again() {
    let place = Place::new();
    let server = place.start().await;
    let mut busy = Busy::new(server.uri());
    busy.work().await;
    let tenant = server.default_tenant();
    tenant.add_user("erin");
    tenant.add_credential("erin", "secret", "tablet");
    tenant.store_identity("erin", "certificate", "blob");
    tenant.add_admin("root", "secret");
    tenant.clock().advance(std::time::Duration::from_secs(3600));
    tenant.play(&Move::ReplaceServerKey(moves::ReplaceServerKey::default())).unwrap();
    let flip = Move::FlipBit(moves::FlipBit { folder: "plans".to_owned() });
    tenant.play(&flip).unwrap();
    assert!(tenant.play(&Move::FlipBit(moves::FlipBit { folder: "nowhere".to_owned() })).is_err());
    tenant.retract("replace_server_key");
    let lies = |server: &MockServer| -> Vec<&str> {
        server.default_tenant().lies().iter().map(|lie| lie.name()).collect()
    };
    let (before, told) = (model(&server), lies(&server));
    assert!(told.contains(&"flip_bit") && !told.contains(&"replace_server_key"), "{told:?}");
    drop(tenant);
    server.stop().await;
    let server = place.start().await;
    assert_eq!((before, told), (model(&server), lies(&server)));
}

#[tokio::test]
async fn commands_are_there_again_and_a_reset_goes_back_as_far_as_before() {
    let place = Place::new();
    let server = place.start().await;
    let tenant = server.default_tenant();
    let apply = |tenant: &Tenant, command: &str| {
        tenant.apply(&serde_json::from_str::<Command>(command).unwrap()).is_ok()
    };
    assert!(apply(&tenant, r#"{"add_user": {"user": "erin", "password": "secret"}}"#));
    assert!(apply(&tenant, r#"{"snapshot": {"name": "with erin"}}"#));
    assert!(apply(&tenant, r#"{"reset": {}}"#));
    assert!(tenant.model().user("erin").is_none() && tenant.model().user("alice").is_some());
    assert!(apply(&tenant, r#"{"add_user": {"user": "frank", "password": "secret"}}"#));
    assert!(!apply(&tenant, r#"{"restore": {"name": "with erin"}}"#), "the reset has forgotten it");
    assert!(apply(&tenant, r#"{"advance_clock": {"seconds": 60}}"#));
    let before = model(&server);
    drop(tenant);
    server.stop().await;
    let server = place.start().await;
    let tenant = server.default_tenant();
    assert_eq!(before, model(&server));
    assert!(apply(&tenant, r#"{"reset": {}}"#));
    assert!(tenant.model().user("frank").is_none() && tenant.model().user("alice").is_some());
}

#[tokio::test]
async fn a_password_that_was_forgotten_stays_so() {
    let place = Place::new();
    let server = place.start().await;
    let mut busy = Busy::new(server.uri());
    let given = busy.send("bob", "GET", "/ocs/v2.php/core/getapppassword?format=json", &[], "").await;
    let password = given.split_once("\"apppassword\":\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    assert_eq!(model(&server).log_in("bob", &password), Some("default"));
    let forget = reqwest::Client::new()
        .delete(format!("{}/ocs/v2.php/core/apppassword", server.uri()))
        .basic_auth("bob", Some(&password))
        .header("ocs-apirequest", "true");
    assert_eq!(forget.send().await.unwrap().status(), 200);
    server.stop().await;
    let server = place.start().await;
    assert_eq!(model(&server).log_in("bob", &password), None);
}

#[tokio::test]
async fn two_servers_cannot_have_one_file() {
    let place = Place::new();
    let server = place.start().await;
    assert_eq!(refusal(place.builder()).await, StateError::Locked(place.path()));
    server.stop().await;
    place.start().await.stop().await;
}

#[cfg(unix)]
#[tokio::test]
async fn passwords_of_requests_are_not_kept_and_nobody_else_may_read_the_rest() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let server = place.start().await;
    let sent = reqwest::Client::new().put(format!("{}/remote.php/dav/files/carol/a", server.uri()));
    server.default_tenant().add_credential("carol", "correct horse", "laptop");
    let sent = sent.basic_auth("carol", Some("correct horse")).header("cookie", "session=42").send();
    assert_eq!(sent.await.unwrap().status(), 201);
    server.stop().await;
    let file = std::fs::read(place.path()).unwrap();
    let contains = |text: &str| file.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
    assert_eq!(contains("correct horse"), 1, "only where the account is given it");
    assert_eq!((contains("authorization"), contains("session=42")), (0, 0));
    let mode = std::fs::metadata(place.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn other_settings_are_refused() {
    let place = Place::new();
    place.start().await.stop().await;
    let cases = [
        (place.builder().app_version(AppVersion::V1_18_4), "app version"),
        (place.builder().seed(7), "seed"),
        (place.builder().throttling(true), "throttling"),
        (place.builder().strict_uploads(true), "strict uploads"),
        (place.builder().authority(e2ee_reference::authority::Authority::generate().unwrap()), "server key"),
    ];
    for (builder, expected) in cases {
        let error = refusal(builder).await;
        assert!(matches!(error, StateError::Setting { setting, .. } if setting == expected), "{error}");
    }
    place.start().await.stop().await;
}

#[tokio::test]
async fn a_file_of_somebody_else_is_refused() {
    let place = Place::new();
    place.start().await.stop().await;
    let whole = std::fs::read(place.path()).unwrap();
    assert_eq!(place.refused(b"something else").await, StateError::Foreign(place.path()));
    assert_eq!(place.refused(&whole[..40]).await, StateError::Foreign(place.path()));
    let mut newer = whole.clone();
    newer[27] += 1;
    let path = place.path();
    assert_eq!(place.refused(&newer).await, StateError::Format { path, found: 3, expected: 2 });
    let mut broken = whole;
    broken[60] ^= 1;
    assert_eq!(place.refused(&broken).await, StateError::Foreign(place.path()));
}

/// Cut or damaged anywhere: the changes before are there, or it is an error; never anything else.
#[tokio::test]
async fn damage_is_found_and_a_torn_end_is_cut_off() {
    let place = Place::new();
    let server = place.builder().seed(7).start().await.unwrap();
    let mut busy = Busy::new(server.uri());
    let mut models = vec![model(&server)];
    let mut lengths = vec![length(&place.path())];
    for name in ["one", "two", "three"] {
        busy.send("alice", "MKCOL", &format!("/remote.php/dav/files/alice/{name}"), &[], "").await;
        models.push(model(&server));
        lengths.push(length(&place.path()));
    }
    let whole = std::fs::read(place.path()).unwrap();
    server.stop().await;
    drop(busy);
    let (last, end) = (lengths[2], lengths[3]);
    for cut in [last + 1, last + 20, end - 1, end] {
        std::fs::write(place.path(), &whole[..cut]).unwrap();
        let server = place.builder().seed(7).start().await.unwrap();
        let expected = if cut == end { &models[3] } else { &models[2] };
        assert_eq!(*expected, model(&server), "{cut}");
        server.stop().await;
    }
    for at in [lengths[0], lengths[1] + 70, last - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(place.path(), &damaged).unwrap();
        let error = refusal(place.builder().seed(7)).await;
        assert!(matches!(error, StateError::Damaged { .. }), "{at}: {error}");
        assert_eq!(std::fs::read(place.path()).unwrap(), damaged, "the file is left as it is");
    }
}

fn length(path: &Path) -> usize {
    std::fs::metadata(path).unwrap().len().try_into().unwrap()
}

/// Refusals that depend on what is not kept: how often an address has guessed.
#[tokio::test]
async fn refusals_by_address_do_not_hinder_a_restart() {
    let place = Place::new();
    let server = place.builder().throttling(true).start().await.unwrap();
    let mut busy = Busy::new(server.uri());
    busy.work().await;
    let api = "/ocs/v2.php/apps/end_to_end_encryption/api/v2";
    let mut statuses = Vec::new();
    for _ in 0..15 {
        let answer = busy.send("bob", "PUT", &format!("{api}/encrypted/4711"), &[], "").await;
        statuses.push(answer.lines().nth(1).unwrap()[..3].to_owned());
    }
    statuses.dedup();
    assert_eq!(statuses, ["403", "500", "429"], "refused, once too often, not answered any more");
    let before = model(&server);
    server.stop().await;
    let server = place.builder().throttling(true).start().await.unwrap();
    assert_eq!(before, model(&server));
}

#[tokio::test]
async fn a_full_file_takes_no_change_and_says_so() {
    let place = Place::new();
    let file = StateFile { limit: 600 * 1024, ..StateFile::new(place.path()) };
    let server = seed::builder().state(file).start().await.unwrap();
    let mut busy = Busy::new(server.uri());
    let big = "x".repeat(50 * 1024);
    let mut full = None;
    for number in 0..4 {
        let path = format!("/remote.php/dav/files/alice/{number}");
        let answer = busy.send("alice", "PUT", &path, &[], &big).await;
        if answer.contains("\n507 ") {
            full = Some(number);
            break;
        }
    }
    let full = full.expect("it is full");
    assert!(full > 0);
    let names = model(&server).children(model(&server).user("alice").unwrap().root()).len();
    assert_eq!(names, full, "the change was not made");
    let asked = busy.send("alice", "GET", "/remote.php/dav/files/alice/0", &[], "").await;
    assert!(asked.contains("\n200 OK"), "it still answers");
}
