//! Transcripts made by hand.

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use e2ee_adapter::protocol::{Entry, EntryKind, Listing};
use e2ee_mock_server::{Endpoint, Exchange, Headers};
use e2ee_reference::authority::Authority;
use e2ee_reference::backend::backend;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{self, Contents, FileEntry, MetadataKey, Recipient, Version};
use e2ee_reference::recognise::AnyVersion;
use e2ee_suite::scenario::{Action, Scenario, Step, from_text};
use e2ee_suite::transcript::{
    Canaries, ContentCanary, Deed, DeviceRecord, Mode, Moment, Outcome, Secrets, Snapshot, StepRecord,
    StoredFolder, TRANSCRIPT_VERSION, Transcript, UserSecrets,
};
use serde_json::json;

/// A folder of few scenarios.
pub(crate) const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/scenarios");

/// Starts the program.
pub(crate) fn suite(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_e2ee-suite"));
    command.args(arguments).env("NO_COLOR", "1").stdin(Stdio::null()).output().expect("starts")
}

/// `run` with few scenarios.
pub(crate) fn run(arguments: &[&str]) -> Output {
    let mut all = vec!["run", "--scenarios", SCENARIOS];
    all.extend(arguments);
    suite(&all)
}

/// Expects an exit code and words.
#[track_caller]
pub(crate) fn ends(done: &Output, code: i32, words: &[&str]) {
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "no {word:?} in:\n{said}");
    }
}

/// Parses a scenario called `test`.
pub(crate) fn scenario(text: &str) -> Scenario {
    from_text("test.toml", text).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// The common part of scenarios.
pub(crate) fn head(kind: &str) -> String {
    format!(
        r#"
id = "test"
title = "A test"
kind = "{kind}"
cites = ["R2-MOD-09"]
versions = ["2.1"]
needs = []
catches = ["ignores-counter"]
why = "because"
[actors]
laptop = "subject alice"
phone = "subject alice"
bob = "peer bob"
"#
    )
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(backend().sha256(bytes))
}

/// A play of a scenario in which every step went as `outcomes` say, in order; the rest succeeded.
pub(crate) fn transcript(scenario: &Scenario, mode: Mode, outcomes: Vec<Outcome>) -> Transcript {
    let mut canaries = Canaries::default();
    let mut steps = Vec::new();
    let mut outcomes = outcomes.into_iter();
    let mut number = 0;
    for (position, step) in scenario.steps.iter().enumerate() {
        let (actor, deed) = match step {
            Step::Device(step) => (step.actor.clone(), Deed::Device(step.action.clone())),
            Step::Move(step) if mode == Mode::Twin && step.is_attack() => continue,
            Step::Move(step) => (step.by.as_str().to_owned(), Deed::Move(step.as_json())),
            _ => panic!("not in these tests"),
        };
        if let Deed::Device(Action::Write { path, .. }) = &deed {
            let bytes = format!("content of step {position}").into_bytes();
            canaries.paths.insert(path.clone(), path.clone());
            canaries.contents.push(ContentCanary {
                step: position,
                actor: actor.clone(),
                path: path.clone(),
                token: None,
                sha256: sha256(&bytes),
                bytes,
            });
        }
        let outcome = outcomes.next().unwrap_or(Outcome::Ok(json!({})));
        steps.push(StepRecord {
            step: position,
            actor,
            deed,
            outcome,
            exchanges_before: number,
            exchanges_after: number + 10,
            warnings: Vec::new(),
            questions: Vec::new(),
            millis: 1,
        });
        number += 10;
    }
    let device = |actor: &e2ee_suite::scenario::Actor| DeviceRecord {
        actor: actor.name.clone(),
        role: actor.role,
        user: actor.user.clone(),
        log: String::new(),
    };
    let own = UserSecrets { private_key: Some(alice().0.to_pem().to_string()), ..UserSecrets::default() };
    Transcript {
        schema_version: TRANSCRIPT_VERSION,
        scenario: scenario.id.clone(),
        version: AnyVersion::V2(Version::V2_1),
        mode,
        devices: scenario.actors.iter().map(device).collect(),
        steps,
        exchanges: Vec::new(),
        exchanges_dropped: 0,
        attacker: Default::default(),
        stored: vec![stored(&canaries)],
        canaries,
        secrets: Secrets { users: BTreeMap::from([("alice".to_owned(), own)]) },
        snapshots: Vec::new(),
        broken: None,
        millis: 1,
    }
}

/// The key pair of alice.
pub(crate) fn alice() -> &'static (PrivateKey, Certificate) {
    static ALICE: OnceLock<(PrivateKey, Certificate)> = OnceLock::new();
    ALICE.get_or_init(|| {
        let key = PrivateKey::generate().expect("key");
        let certificate =
            Authority::generate().and_then(|ca| ca.certify("alice", &key, 0)).expect("certificate");
        (key, certificate)
    })
}

/// The folder `plans` with whatever was written last.
pub(crate) fn stored(canaries: &Canaries) -> StoredFolder {
    let mut contents = Contents::default();
    let mut files = BTreeMap::new();
    for canary in &canaries.contents {
        let name = canary.path.trim_start_matches("plans/").to_owned();
        let (key, nonce) = (FileKey::generate(), vec![7; 12]);
        let sealed = file_cipher::encrypt(&key, &nonce, &canary.bytes).expect("encrypts");
        let mimetype = "text/plain".to_owned();
        let entry =
            FileEntry { filename: name.clone(), mimetype, nonce, authentication_tag: Vec::new(), key };
        contents.files.insert(name.clone(), entry);
        files.insert(name, Bytes::from(sealed.bytes));
    }
    let recipient = Recipient { user_id: "alice".into(), certificate: alice().1.clone() };
    let document = metadata::seal_root(&contents, &MetadataKey::generate(), &[recipient], Version::V2_1);
    StoredFolder {
        id: 100_001,
        parent: None,
        owner: "alice".into(),
        name: "plans".into(),
        metadata: Some(document.expect("seals").to_json()),
        files,
    }
}

/// A request of the laptop, answered with 200.
pub(crate) fn exchange(number: u64, endpoint: Endpoint) -> Exchange {
    let method = endpoint.as_str().split(' ').next().unwrap_or_default();
    Exchange {
        number,
        micros: number,
        user: Some("alice".into()),
        device: Some("laptop".into()),
        method: if method == "other" { "GET".into() } else { method.into() },
        path: "/somewhere".into(),
        query: String::new(),
        endpoint,
        request_headers: Headers::default(),
        request_body: Bytes::new(),
        request_file: None,
        status: 200,
        response_headers: Headers::default(),
        response_body: Bytes::new(),
        response_file: None,
        delivered: true,
        tampered_by: Vec::new(),
    }
}

/// The same, with an answer that a move has changed.
pub(crate) fn tampered(number: u64, endpoint: Endpoint, by: &str) -> Arc<Exchange> {
    Arc::new(Exchange { tampered_by: vec![by.into()], ..exchange(number, endpoint) })
}

pub(crate) fn refused() -> Outcome {
    Outcome::Refused { reason: "the signer was no member".into(), released: Vec::new() }
}

pub(crate) fn ok() -> Outcome {
    Outcome::Ok(json!({}))
}

pub(crate) fn read(bytes: &[u8]) -> Outcome {
    use base64::Engine as _;
    Outcome::Ok(json!({ "content": base64::engine::general_purpose::STANDARD.encode(bytes) }))
}

/// What the laptop says that lies on it.
pub(crate) fn snapshot(at: Moment, files: &[(&str, &[u8])]) -> Snapshot {
    let entry = |(path, bytes): &(&str, &[u8])| Entry {
        path: (*path).to_owned(),
        kind: EntryKind::File,
        size: Some(bytes.len() as u64),
        sha256: Some(sha256(bytes)),
    };
    let entries = files.iter().map(entry).collect();
    Snapshot { actor: "laptop".into(), at, tree: Some(Listing { entries }), disk: Vec::new() }
}
