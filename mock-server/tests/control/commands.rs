//! What can be done to a tenant, without HTTP.

use e2ee_mock_server::adversary::MoveError;
use e2ee_mock_server::control::{Command, CommandError, Outcome};
use e2ee_mock_server::{MockServer, Tenant};
use serde_json::{Value, json};

fn command(json: Value) -> Command {
    serde_json::from_value(json).unwrap()
}

fn apply(tenant: &Tenant, json: Value) -> Result<Outcome, CommandError> {
    tenant.apply(&command(json))
}

#[test]
fn commands_are_written_as_they_are_read() {
    let commands = [
        json!({"play": {"snapshot": {"name": "before"}}}),
        json!({"retract": {"lie": "insert_phantom"}}),
        json!({"reset": {}}),
        json!({"snapshot": {"name": "a"}}),
        json!({"restore": {"name": "a"}}),
        json!({"delete_snapshot": {"name": "a"}}),
        json!({"add_user": {"user": "alice", "password": "secret", "device": "laptop", "admin": true}}),
        json!({"add_user": {"user": "alice", "admin": false}}),
        json!({"remove_user": {"user": "alice"}}),
        json!({"add_credential": {"user": "alice", "password": "secret", "device": "phone"}}),
        json!({"remove_credential": {"user": "alice", "device": "phone"}}),
        json!({"store_identity": {"user": "alice", "certificate": "PEM", "private_key": "blob"}}),
        json!({"grant_login": {"login": "http://127.0.0.1/login/v2/flow/x", "user": "alice"}}),
        json!({"learn_private_key": {"user": "alice", "private_key": "PEM"}}),
        json!({"advance_clock": {"seconds": 60}}),
        json!({"roll_back": {"age": 86400}}),
    ];
    for json in commands {
        assert_eq!(serde_json::to_value(command(json.clone())).unwrap(), json);
    }
}

#[test]
fn what_no_command_has_is_an_error() {
    for json in [
        json!({"add_user": {"user": "alice", "pasword": "secret"}}),
        json!({"add_users": {"user": "alice"}}),
        json!({"reset": {"hard": true}}),
        json!({"play": {"snapshot": {"name": "a", "of": "b"}}}),
        json!({"advance_clock": {"seconds": -1}}),
    ] {
        assert!(serde_json::from_value::<Command>(json.clone()).is_err(), "{json}");
    }
}

#[test]
fn passwords_are_not_shown() {
    let all = [
        json!({"add_user": {"user": "alice", "password": "hunter2"}}),
        json!({"learn_private_key": {"user": "alice", "private_key": "hunter2"}}),
    ];
    for json in all {
        assert!(!format!("{:?}", command(json)).contains("hunter2"));
    }
}

#[tokio::test]
async fn accounts_and_their_passwords_come_and_go() {
    let tenant = MockServer::start().await.default_tenant();
    let add = json!({"add_user": {"user": "alice", "password": "one", "device": "laptop"}});
    assert_eq!(apply(&tenant, add.clone()), Ok(Outcome::Done {}));
    assert_eq!(apply(&tenant, add), Err(CommandError::UserExists("alice".to_owned())));
    let phone = json!({"add_credential": {"user": "alice", "password": "two", "device": "phone"}});
    apply(&tenant, phone).unwrap();
    assert_eq!(tenant.model().log_in("alice", "two"), Some("phone"));
    let lost = json!({"remove_credential": {"user": "alice", "device": "phone"}});
    apply(&tenant, lost.clone()).unwrap();
    assert_eq!(tenant.model().log_in("alice", "two"), None);
    assert_eq!(tenant.model().log_in("alice", "one"), Some("laptop"));
    assert!(matches!(apply(&tenant, lost), Err(CommandError::UnknownDevice { .. })));
    let remove = json!({"remove_user": {"user": "alice"}});
    apply(&tenant, remove.clone()).unwrap();
    assert_eq!(apply(&tenant, remove), Err(CommandError::UnknownUser("alice".to_owned())));
}

#[tokio::test]
async fn names_have_to_fit_into_a_path_and_a_login() {
    let tenant = MockServer::start().await.default_tenant();
    for name in ["", "a/b", "a:b", "a\nb", &"x".repeat(65)] {
        let refused = apply(&tenant, json!({"add_user": {"user": name}})).unwrap_err();
        assert!(matches!(refused, CommandError::OutOfRange { member: "user", .. }), "{name:?}");
    }
    apply(&tenant, json!({"add_user": {"user": "x".repeat(64)}})).unwrap();
}

#[tokio::test]
async fn a_snapshot_brings_everything_back_that_the_server_knows() {
    let tenant = MockServer::start().await.default_tenant();
    tenant.add_credential("alice", "secret", "laptop");
    let root = tenant.model().user("alice").unwrap().root();
    let etag = tenant.model().node(root).unwrap().etag().to_owned();
    apply(&tenant, json!({"snapshot": {"name": "before"}})).unwrap();
    tenant.model().store_file(root, "late.txt", b"late".to_vec(), None);
    apply(&tenant, json!({"add_user": {"user": "bob"}})).unwrap();
    apply(&tenant, json!({"restore": {"name": "before"}})).unwrap();
    assert!(tenant.model().find("alice", "late.txt").is_none());
    assert!(tenant.model().user("bob").is_none());
    assert_eq!(tenant.model().log_in("alice", "secret"), Some("laptop"));
    assert_ne!(tenant.model().node(root).unwrap().etag(), etag, "clients would not look again");
    apply(&tenant, json!({"delete_snapshot": {"name": "before"}})).unwrap();
    let gone = CommandError::UnknownSnapshot("before".to_owned());
    assert_eq!(apply(&tenant, json!({"restore": {"name": "before"}})), Err(gone.clone()));
    assert_eq!(apply(&tenant, json!({"delete_snapshot": {"name": "before"}})), Err(gone));
}

#[tokio::test]
async fn snapshots_are_few() {
    let tenant = MockServer::start().await.default_tenant();
    let take = |number: usize| apply(&tenant, json!({"snapshot": {"name": number.to_string()}}));
    (0..64).for_each(|number| _ = take(number).unwrap());
    assert_eq!(take(64), Err(CommandError::TooManySnapshots));
    assert_eq!(take(63), Ok(Outcome::Done {}), "one that exists is replaced");
}

#[tokio::test]
async fn a_reset_leaves_what_was_there_at_the_start() {
    let server = MockServer::builder().user("alice", "secret").start().await.unwrap();
    let tenant = server.default_tenant();
    let machine = tenant.clock().now();
    reqwest::get(format!("{}/status.php", server.uri())).await.unwrap();
    apply(&tenant, json!({"add_user": {"user": "bob"}})).unwrap();
    apply(&tenant, json!({"snapshot": {"name": "before"}})).unwrap();
    apply(&tenant, json!({"advance_clock": {"seconds": 100_000}})).unwrap();
    apply(&tenant, json!({"play": {"replace_server_key": {}}})).unwrap();
    assert_eq!((tenant.exchanges().len(), tenant.lies().is_empty()), (1, false));
    assert!(tenant.clock().now() >= machine + 100_000);

    apply(&tenant, json!({"reset": {}})).unwrap();
    assert_eq!((tenant.exchanges().len(), tenant.lies().is_empty()), (0, true));
    assert!(tenant.model().user("bob").is_none());
    assert_eq!(tenant.model().log_in("alice", "secret"), Some("default"));
    assert_eq!(tenant.attacker().snapshot_names().count(), 0);
    assert!(tenant.clock().now() < machine + 100_000);
    reqwest::get(format!("{}/status.php", server.uri())).await.unwrap();
    assert_eq!(tenant.exchanges()[0].number, 2, "numbers are not used twice");
}

#[tokio::test]
async fn lies_are_taken_back_by_name() {
    let tenant = MockServer::start().await.default_tenant();
    let retract = json!({"retract": {"lie": "replace_server_key"}});
    assert_eq!(
        apply(&tenant, retract.clone()),
        Err(CommandError::UnknownLie("replace_server_key".to_owned()))
    );
    apply(&tenant, json!({"play": {"replace_server_key": {}}})).unwrap();
    apply(&tenant, retract).unwrap();
    assert!(tenant.lies().is_empty());
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let tenant = MockServer::start().await.default_tenant();
    let alice = || CommandError::UnknownUser("alice".to_owned());
    let cases = [
        (json!({"add_credential": {"user": "alice", "password": "x", "device": "y"}}), alice()),
        (json!({"store_identity": {"user": "alice", "certificate": "", "private_key": ""}}), alice()),
        (json!({"grant_login": {"login": "http://127.0.0.1/x", "user": "alice"}}), alice()),
        (
            json!({"play": {"rollback": {"to": "before"}}}),
            CommandError::Move(MoveError::UnknownSnapshot("before".to_owned())),
        ),
    ];
    for (json, error) in cases {
        assert_eq!(apply(&tenant, json), Err(error));
    }
    let key = json!({"learn_private_key": {"user": "alice", "private_key": "no key"}});
    assert!(matches!(apply(&tenant, key), Err(CommandError::OutOfRange { member: "private_key", .. })));
}
