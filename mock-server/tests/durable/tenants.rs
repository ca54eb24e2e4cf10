//! Tenants that were made over the control API, and state files of theirs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use e2ee_mock_server::{Builder, MockServer, StartError, StateError, StateFile};
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::Process;

/// A program with a control API that has printed where it listens, and goes with the test.
struct Running {
    process: Process,
    control: String,
    client: reqwest::Client,
}

impl Running {
    fn new(state: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_e2ee-mock-server"));
        command.args(["--users", "alice:secret", "--control", "127.0.0.1:0", "--state"]).arg(state);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let lines: Vec<String> = lines.take(2).map(Result::unwrap).collect();
        Self { process: Process(child), control: lines[1].clone(), client: reqwest::Client::new() }
    }

    /// Asks the control API; the status and the answer.
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}/v1/{path}", self.control));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }

    async fn post(&self, path: &str, body: Value) {
        let (status, answer) = self.ask(Method::POST, path, Some(body)).await;
        assert!(status < 300, "{path}: {answer}");
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// A request of alice to a tenant; status and body.
    async fn by_alice(&self, tenant: &str, method: Method, path: &str, body: &str) -> (u16, String) {
        let base = self.get(&format!("tenants/{tenant}")).await["base_url"].as_str().unwrap().to_owned();
        let request =
            self.client.request(method, format!("{base}/{path}")).basic_auth("alice", Some("secret"));
        let request = request.header("ocs-apirequest", "true").header("x-e2ee-supported", "true");
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let (status, body) = (answer.status().as_u16(), answer.text().await.unwrap());
        let address = base.split('/').nth(2).unwrap();
        (status, body.replace(address, "SERVER"))
    }

    /// All that a tenant knows and tells, and how it behaves; what changes with the time or the port is left out.
    async fn all_of(&self, tenant: &str, upload: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for path in ["state", "lies", "snapshots", "attacker"] {
            all.push(self.get(&format!("tenants/{tenant}/{path}")).await);
        }
        all[0]["now"].take();
        let keys = "ocs/v2.php/apps/end_to_end_encryption/api/v1/public-key?format=json";
        let capabilities = "ocs/v2.php/cloud/capabilities?format=json";
        for path in [keys, capabilities, "remote.php/dav/files/alice/a"] {
            all.push(json!(self.by_alice(tenant, Method::GET, path, "").await));
        }
        let chunks = format!("remote.php/dav/uploads/alice/{upload}");
        let chunked = self.by_alice(tenant, Method::from_bytes(b"MKCOL").unwrap(), &chunks, "").await;
        all.push(json!(chunked.0));
        all
    }

    /// Kills it (SIGKILL); what it said on standard error.
    fn kill(self) -> String {
        self.process.kill()
    }
}

fn file_of(state: &Path, name: &str) -> PathBuf {
    state.with_file_name("state.tenants").join(format!("{name}.state"))
}

#[tokio::test]
async fn tenants_are_there_again_with_settings_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let first = Running::new(&state);
    let alice = json!([{ "user": "alice", "password": "secret" }]);
    let made = [
        json!({ "name": "plain", "users": alice }),
        json!({ "name": "Older", "users": alice, "server_version": "1.18.4", "throttling": true }),
        json!({ "name": "strict", "users": alice, "seed": 5, "strict_uploads": true, "api_version": "2.0" }),
    ];
    let mut before = Vec::new();
    for tenant in &made {
        first.post("tenants", tenant.clone()).await;
        let name = tenant["name"].as_str().unwrap();
        let to = format!("tenants/{name}");
        assert_eq!(first.by_alice(name, Method::PUT, "remote.php/dav/files/alice/a", name).await.0, 201);
        // The attacker makes up a key each time.
        for user in ["bob", "carol", "dave", "alice"] {
            let it = json!({ "replace_certificate": { "of": user, "issued_by": "instance" } });
            first.post(&format!("{to}/moves"), it).await;
        }
        first.post(&format!("{to}/users"), json!({ "user": "erin" })).await;
        first.ask(Method::PUT, &format!("{to}/snapshots/now"), None).await;
        before.push(first.all_of(name, "first").await);
    }
    first.post("tenants", json!({ "name": "gone" })).await;
    assert_eq!(first.ask(Method::DELETE, "tenants/gone", None).await.0, 200);
    let whole_list = first.get("tenants").await;
    assert_eq!(first.kill(), "");

    let again = Running::new(&state);
    for (tenant, before) in made.iter().zip(before) {
        let name = tenant["name"].as_str().unwrap();
        for (now, before) in again.all_of(name, "second").await.into_iter().zip(before) {
            assert_eq!(now, before, "{name}");
        }
        assert_eq!(again.ask(Method::POST, "tenants", Some(tenant.clone())).await.0, 409, "{name}");
    }
    let names = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|tenant| tenant["name"].clone()).collect()
    };
    assert_eq!(names(&again.get("tenants").await), names(&whole_list));
    again.post("tenants", json!({ "name": "gone", "seed": 9 })).await;
    again.post("tenants/plain/reset", json!({})).await;
    let users = again.get("tenants/plain/state").await["users"].as_array().unwrap().len();
    assert_eq!(users, 1, "as at its own beginning");
    assert_eq!(again.ask(Method::DELETE, "tenants/plain", None).await.0, 200);
    assert_eq!(again.kill(), "");

    let third = Running::new(&state);
    assert_eq!(names(&third.get("tenants").await).len(), 4);
    assert_eq!(third.ask(Method::GET, "tenants/plain", None).await.0, 404);
}

#[tokio::test]
async fn a_tenant_that_was_not_made_to_the_end_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let program = Running::new(&state);
    let wrong = json!({ "name": "wrong", "users": [{ "user": "alice" }, { "user": "alice" }] });
    assert_eq!(program.ask(Method::POST, "tenants", Some(wrong)).await.0, 409);
    assert!(!file_of(&state, "wrong").exists());
    program.post("tenants", json!({ "name": "half", "users": [{ "user": "alice" }] })).await;
    program.kill();
    let whole = std::fs::read(file_of(&state, "half")).unwrap();
    for length in [0, marker(&whole), whole.len() - 1] {
        std::fs::write(file_of(&state, "half"), &whole[..length]).unwrap();
        std::fs::write(file_of(&state, "half").with_extension("state.1.new"), "left behind").unwrap();
        let program = Running::new(&state);
        assert_eq!(program.ask(Method::GET, "tenants/half", None).await.0, 404);
        assert!(!file_of(&state, "half").exists());
        let said = program.kill();
        assert!(said.contains("never made to the end"), "{said}");
    }
}

/// Where the first batch begins: with the marker, behind the header and its checksum.
fn marker(file: &[u8]) -> usize {
    let length = u32::from_be_bytes(file[28..32].try_into().unwrap());
    32 + usize::try_from(length).unwrap() + 32
}

#[tokio::test]
async fn a_damaged_file_of_a_tenant_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let program = Running::new(&state);
    for name in ["first", "second"] {
        program
            .post("tenants", json!({ "name": name, "users": [{ "user": "alice" }, { "user": "bob" }] }))
            .await;
    }
    program.kill();
    let damaged = file_of(&state, "second");
    let mut bytes = std::fs::read(&damaged).unwrap();
    let at = marker(&bytes) + 70;
    bytes[at] ^= 1;
    std::fs::write(&damaged, &bytes).unwrap();
    let builder: Builder = MockServer::builder().state(StateFile::new(&state));
    match builder.start().await {
        Err(StartError::State(StateError::Damaged { path, .. })) => assert_eq!(path, damaged),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it starts"),
    }
    assert_eq!(std::fs::read(&damaged).unwrap(), bytes, "the file is left as it is");
}

#[tokio::test]
async fn there_are_no_more_than_there_may_be_files() {
    let folder = tempfile::tempdir().unwrap();
    let program = Running::new(&folder.path().join("state"));
    for number in 0..100 {
        program.post("tenants", json!({ "name": format!("n{number}") })).await;
    }
    let (status, refused) = program.ask(Method::POST, "tenants", Some(json!({ "name": "more" }))).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("too_many_tenants")));
    assert_eq!(program.ask(Method::DELETE, "tenants/n7", None).await.0, 200);
    program.post("tenants", json!({ "name": "more" })).await;
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let program = Running::new(&state);
    program.post("tenants", json!({ "name": "first" })).await;
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let file = file_of(&state, "first");
    assert_eq!((mode(file.parent().unwrap()), mode(&file)), (0o700, 0o600));
}
