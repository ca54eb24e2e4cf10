//! `watch` from outside.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use e2ee_adapter::client::{Connector as _, Device, User};
use e2ee_adapter::protocol::{Answer, Notice, Request, Start};
use e2ee_mock_server::MockServer;
use e2ee_mock_server::control::Recording;
use e2ee_reference::dialect::Dialect;
use e2ee_reference_client::{Common, Defects, ReferenceConnector};
use e2ee_suite::monitors::{MONITORS, watch_recording};
use e2ee_suite::recorded::{Known, Recorded, Source};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::schema::is_described_by;
use crate::support::{ends, run, suite};

/// In the name of the file that the client writes.
const CANARY: &str = "report-5eed5eed0badcafe";
const README: &str = include_str!("../../../README.md");

struct Anybody;

impl User for Anybody {
    fn warning(&self, _: Notice) {}

    fn question(&self, _: Notice) -> Answer {
        Answer::No
    }
}

/// A server with a control API, and what a client without scenario has left there.
struct Driven {
    server: MockServer,
    mnemonic: String,
    folder: TempDir,
}

impl Driven {
    async fn new(defects: &[&str]) -> Self {
        let control = "127.0.0.1:0".parse().expect("an address");
        let server = MockServer::builder().user("alice", "secret").control(control);
        let server = server.start().await.expect("starts");
        let folder = TempDir::new().expect("a folder");
        let connector = ReferenceConnector {
            defects: Defects::parse(defects).expect("defects"),
            common: Common::default(),
            dialect: Dialect::SPECIFIED,
        };
        let device = connector.connect(Arc::new(Anybody)).await.expect("a device");
        let dir = folder.path().join("device");
        let start = Start {
            server: server.uri(),
            user: "alice".into(),
            password: "secret".into(),
            dir: dir.display().to_string(),
            identity: None,
            speaks: None,
        };
        let made = async |request: Request| device_does(&*device, request).await;
        made(Request::Start(start)).await;
        let mnemonic = made(Request::CreateIdentity {}).await["mnemonic"].as_str().expect("words").to_owned();
        made(Request::EncryptFolder { path: "plans".into() }).await;
        made(Request::MakeFolder { path: "plans/inner".into() }).await;
        for content in ["Zmlyc3Q=", "c2Vjb25k"] {
            let path = format!("plans/inner/{CANARY}.txt");
            made(Request::Write { path, content: content.into() }).await;
        }
        let driven = Self { server, mnemonic, folder };
        driven.write("secrets.toml", &format!("[users.alice]\nmnemonic = \"{}\"\n", driven.mnemonic));
        driven
    }

    /// Fetches the recording as the README says.
    async fn fetch(&self) -> Value {
        let url = format!("{}/v1/tenants/default/recording", self.server.control_uri().expect("control"));
        let answer = tokio::task::spawn_blocking(move || get(&url)).await.expect("no panic");
        fs::write(self.path("recording.json"), &answer).expect("writes");
        serde_json::from_slice(&answer).expect("JSON")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("writes");
    }

    /// `watch` in the folder.
    #[track_caller]
    fn watch(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_e2ee-suite"));
        command.arg("watch").args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        let done = command.output().expect("starts");
        let said =
            format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        let word = self.mnemonic.split(' ').max_by_key(|word| word.len()).expect("a word");
        assert!(!said.contains(&self.mnemonic) && !said.contains(&format!("{word} ")), "{said}");
        done
    }

    /// What it says in JSON, which its schema describes.
    #[track_caller]
    fn report(&self, arguments: &[&str]) -> Value {
        let done = self.watch(&[arguments, &["--format", "json"]].concat());
        let report: Value = serde_json::from_slice(&done.stdout).expect("JSON on standard output");
        is_described_by("watch", &report);
        assert_eq!(report["exit_code"].as_i64(), done.status.code().map(i64::from));
        report
    }
}

async fn device_does(device: &dyn Device, request: Request) -> Value {
    let method = request.method();
    device.call(request).await.unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// One HTTP request.
fn get(url: &str) -> Vec<u8> {
    use std::io::{Read as _, Write as _};
    let rest = url.strip_prefix("http://").expect("http");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = std::net::TcpStream::connect(host).expect("connects");
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("asks");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answers");
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n").expect("a head");
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..head]));
    answer.split_off(head + 4)
}

/// The monitors that the entries of a list are about.
fn monitors(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|entry| entry["monitor"].as_str().expect("a name")).collect()
}

const WITH_ALL: &[&str] = &["recording.json", "--secrets", "secrets.toml", "--canary", CANARY];

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_client_is_found_honest_by_whoever_knows_enough() {
    let driven = Driven::new(&[]).await;
    driven.fetch().await;
    let report = driven.report(WITH_ALL);
    assert_eq!((&report["exit_code"], &report["findings"]), (&json!(0), &json!([])), "{report:#}");
    assert_eq!(report["devices"], json!(["alice/default"]));
    assert_eq!(report["monitors"].as_array().expect("a list").len(), MONITORS.len());
    // What no recording says is said all the same, and counts for who asks for it.
    let wishes = ["acknowledged-writes", "history", "entries-kept", "on-device", "randomness"];
    assert_eq!(monitors(&report["not_looked"]), wishes);
    let by_name = driven.watch(&["recording.json", "--monitor", "entries-kept"]);
    ends(
        &by_name,
        5,
        &["not looked  what users have asked for is not in a recording", "0 found, 1 not looked at"],
    );

    // Who knows less learns what was not looked at.
    let blind = driven.report(&["recording.json"]);
    assert_eq!((&blind["exit_code"], &blind["findings"]), (&json!(5), &json!([])));
    for (monitor, needs) in [
        ("leak", "needs canaries"),
        ("leak", "needs the mnemonic of alice"),
        ("leak", "needs the private key of alice"),
        ("key-reuse", "metadata documents, the first in exchange"),
        ("stored-key", "needs the mnemonic of alice"),
        ("made-for-members", "needs the private key of alice"),
        ("orphans", "needs the private key of alice"),
    ] {
        let mut gaps = blind["not_looked"].as_array().expect("a list").iter();
        let fits =
            |gap: &Value| gap["monitor"] == monitor && gap["text"].as_str().expect("a text").contains(needs);
        assert!(gaps.any(fits), "{monitor}: {needs}: {blind:#}");
    }
    // Some need nothing.
    ends(
        &driven.watch(&["recording.json", "--monitor", "write-under-lock", "--monitor", "locks-released"]),
        0,
        &[],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_found_and_named() {
    let driven = Driven::new(&["sends-name-in-clear", "reuses-file-key"]).await;
    driven.fetch().await;
    let report = driven.report(WITH_ALL);
    assert_eq!(report["exit_code"], 100);
    let found = monitors(&report["findings"]);
    assert!(found.contains(&"leak") && found.contains(&"key-reuse"), "{report:#}");
    ends(&driven.watch(WITH_ALL), 100, &["FOUND", &format!("the canary {CANARY} stands in"), "LEAK-01"]);
    ends(&driven.watch(&[WITH_ALL, &["--monitor", "leak"]].concat()), 100, &["2 found, 0 not looked at"]);
    // Other words open nothing, and are the client's mistake as far as anybody can tell.
    let others = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    driven.write("secrets.toml", &format!("[users.alice]\nmnemonic = \"{others}\"\n"));
    ends(
        &driven.watch(&[WITH_ALL, &["--monitor", "stored-key"]].concat()),
        100,
        &["does not open with the mnemonic"],
    );
    ends(
        &driven.watch(&[WITH_ALL, &["--monitor", "key-reuse"]].concat()),
        5,
        &["needs the private key of alice; the"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_not_whole_says_so() {
    let driven = Driven::new(&[]).await;
    let whole = driven.fetch().await;
    let change = |change: &dyn Fn(&mut Value)| {
        let mut recording = whole.clone();
        change(&mut recording);
        driven.write("recording.json", &recording.to_string());
        driven.report(WITH_ALL)
    };
    let not_looked = |report: &Value, monitor: &str, words: &str| {
        let gaps = report["not_looked"].as_array().expect("a list").iter();
        let fits =
            |gap: &&Value| gap["monitor"] == monitor && gap["text"].as_str().expect("a text").contains(words);
        assert_eq!(gaps.filter(fits).count(), 1, "{monitor}: {words}: {report:#}");
        assert_eq!(report["findings"], json!([]));
    };
    // The recorder forgets the oldest: tokens of those locks are granted all the same.
    let forgotten = change(&|recording| {
        let exchanges = recording["exchanges"].as_array_mut().expect("a list");
        let first_lock = exchanges.iter().position(|it| it["endpoint"] == "POST lock").expect("a lock");
        exchanges.drain(..=first_lock);
        recording["dropped"] = json!(first_lock + 1);
    });
    not_looked(&forgotten, "write-under-lock", "exchanges are no longer in the recording");
    assert_eq!(forgotten["exit_code"], 5);
    // Fetched while the client was at work.
    let at_work = change(&|recording| {
        let exchanges = recording["exchanges"].as_array_mut().expect("a list");
        let last = exchanges.iter().rposition(|it| it["endpoint"] == "DELETE lock").expect("a release");
        exchanges.drain(last..);
    });
    assert_eq!(monitors(&at_work["findings"]), ["locks-released"]);
    let mut gaps = at_work["not_looked"].as_array().expect("a list").iter();
    let words = "somebody may still be at work";
    assert!(
        gaps.any(|gap| gap["monitor"] == "orphans" && gap["text"].as_str().expect("a text").contains(words))
    );
    let moved = change(&|recording| recording["meddled"] = json!(["rollback"]));
    not_looked(&moved, "counter-grows", "and this one was not: rollback");
    let long = change(&|recording| {
        let exchanges = recording["exchanges"].as_array_mut().expect("a list");
        let put = exchanges.iter_mut().find(|it| it["endpoint"] == "PUT file").expect("an upload");
        put["request_body"] = json!("");
        put["request_file"] = json!({ "length": 5, "sha256": "0".repeat(64) });
    });
    not_looked(&long, "leak", "the body of exchange");
    let nobody = change(&|recording| recording["exchanges"] = json!([]));
    assert_eq!(nobody["exit_code"], 4);
}

#[test]
fn kept_plays_are_looked_at_by_single_monitors() {
    let folder = TempDir::new().expect("a folder");
    let kept = folder.path().join("kept").display().to_string();
    run(&["phantom", "--version", "2.1", "--defect", "accepts-phantom-member", "--transcripts", &kept]);
    run(&[
        "round-trip",
        "--version",
        "2.1",
        "--defect",
        "reuses-file-key",
        "--transcripts",
        &format!("{kept}2"),
    ]);
    let attack = format!("{kept}/plays/phantom-member.2.1.json");
    ends(&suite(&["watch", &attack]), 0, &["nothing found by", "not looked", "and this one was not"]);
    ends(&suite(&["watch", &attack, "--monitor", "leak"]), 0, &["0 found, 0 not looked at"]);
    let honest = format!("{kept}2/plays/round-trip.2.1.json");
    ends(&suite(&["watch", &honest, "--monitor", "key-reuse"]), 100, &["one file key and nonce", "1 found"]);
    ends(&suite(&["watch", &honest, "--monitor", "leak"]), 0, &["0 found"]);
    ends(&suite(&["watch", &honest, "--canary", CANARY]), 2, &["neither --secrets nor --canary"]);
}

#[test]
fn each_monitor_can_be_chosen_alone() {
    let folder = TempDir::new().expect("a folder");
    let empty = folder.path().join("empty.json");
    let recording = json!({ "schema_version": 1, "tenant": "t", "api_version": "2.1", "exchanges": [], "dropped": 0,
        "meddled": [], "private_keys": {}, "folders": [] });
    fs::write(&empty, recording.to_string()).expect("writes");
    let at = empty.display().to_string();
    for monitor in MONITORS {
        let done = suite(&["watch", &at, "--monitor", monitor.name, "--format", "json"]);
        let report: Value = serde_json::from_slice(&done.stdout).expect("JSON");
        assert_eq!(report["monitors"], json!([monitor.name]));
        is_described_by("watch", &report);
    }
    ends(&suite(&["watch", &at, "--monitor", "leaks"]), 2, &["unknown monitor \"leaks\"", "leak, key-reuse"]);
    ends(&suite(&["watch", &at, "--canary", "short"]), 2, &["--canary: expected 12 to 1000 bytes, found 5"]);
}

/// Whatever stands in a recording, it is looked at or refused.
#[tokio::test(flavor = "multi_thread")]
async fn spoilt_recordings_break_nothing() {
    let driven = Driven::new(&[]).await;
    let whole = driven.fetch().await;
    let known = Known::from_toml(&fs::read_to_string(driven.path("secrets.toml")).expect("reads"));
    let keys = Recorded::new(recording(&whole.to_string()).expect("a recording"), &known.expect("secrets"));
    assert_eq!(watch_recording(&keys.expect("a recording"), MONITORS).findings, []);
    let texts = [
        "",
        "%2e%2e/\u{0}",
        "GET meta-data",
        "POST lock",
        "PUT file",
        "POST private-key",
        "eyJvY3MiOnt9fQ==",
        "7",
    ];
    let lists =
        [json!([]), json!([["e2e-token", ""]]), json!([["content-type", "json"]]), json!(["rollback"])];
    let others = [json!(null), json!(-1), json!({}), json!([0])];
    let mut seed = 7_u64;
    let mut draw = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("small") % below
    };
    let mut looked_at = 0;
    for _ in 0..400 {
        let mut spoilt = whole.clone();
        for _ in 0..=draw(3) {
            let exchanges = spoilt["exchanges"].as_array_mut().expect("a list");
            let exchange = draw(exchanges.len());
            let exchange = exchanges[exchange].as_object_mut().expect("an object");
            let member = exchange.keys().nth(draw(exchange.len())).expect("a member").clone();
            let value = &mut exchange[&member];
            *value = match value {
                _ if draw(16) == 0 => others[draw(others.len())].clone(),
                Value::Number(_) => json!(if draw(2) == 0 { 200 } else { u64::from(u16::MAX) }),
                Value::Array(_) => lists[draw(lists.len())].clone(),
                Value::Bool(is) => json!(!*is),
                _ => json!(texts[draw(texts.len())]),
            };
        }
        // Without its words: deriving a key takes long.
        let Some(recording) = recording(&spoilt.to_string()) else { continue };
        if let Ok(recorded) = Recorded::new(recording, &Known::default()) {
            watch_recording(&recorded, MONITORS);
            looked_at += 1;
        }
    }
    assert!(looked_at > 40, "{looked_at}");
}

fn recording(text: &str) -> Option<Recording> {
    match Source::from_json(text) {
        Ok(Source::Recording(recording)) => Some(*recording),
        Ok(Source::Case(_)) => panic!("no play"),
        Err(error) => {
            assert!(!error.place.is_empty());
            None
        }
    }
}

/// What is no recording is told by file and place, and nothing of what stands there.
#[test]
fn what_is_no_recording_is_refused_by_name() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("bad.json");
    let at = file.display().to_string();
    let refused = |text: &str, words: &[&str]| {
        fs::write(&file, text).expect("writes");
        let done = suite(&["watch", &at]);
        ends(&done, 96, &[&[at.as_str()], words].concat());
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!said.contains("hidden") && !said.contains("panicked"), "{said}");
    };
    let good = r#"{"schema_version":1,"tenant":"t","api_version":"2.1","exchanges":[],"dropped":0,"meddled":[],"private_keys":{},"folders":[]}"#;
    fs::write(&file, good).expect("writes");
    ends(&suite(&["watch", &at]), 4, &["0 exchanges of no device"]);
    ends(&suite(&["watch", "/no/such/file"]), 96, &["cannot read /no/such/file"]);
    refused("", &["line 1, column 0: EOF"]);
    refused(&good[..good.len() / 2], &["line 1, column", "EOF while parsing"]);
    refused("{}", &["top level: expected a recording", "/recording"]);
    refused(
        r#"{"error":{"code":"unknown_tenant","message":"hidden"}}"#,
        &["top level: expected a recording"],
    );
    refused("\"hidden\"", &["line 1, column 8: expected struct"]);
    refused(&"[".repeat(100_000), &["line 1, column"]);
    refused(
        &good.replace("[],\"dropped\"", &format!("{}\"dropped\"", "[".repeat(100_000))),
        &["line 1, column"],
    );
    refused(&good.replace("\"dropped\":0", "\n\"dropped\":\"hidden\""), &["line 2, column", "expected u64"]);
    refused(&good.replace("\"tenant\":\"t\"", "\"tenant\":7"), &["expected a string"]);
    refused(
        &good.replace("\"schema_version\":1", "\"schema_version\":9"),
        &["schema_version: expected 1, found 9"],
    );
    refused(&good.replace("2.1", "hidden"), &["api_version: expected a metadata version"]);
    refused(r#"{"schema_version":9,"played":0}"#, &["schema_version: expected 1, found 9"]);
    refused(r#"{"schema_version":1,"played":"hidden"}"#, &["line 1", "expected struct"]);
    refused(&good.replace("\"exchanges\":[]", r#""exchanges":[{"number":1}]"#), &["missing field `micros`"]);
    let exchange = serde_json::to_string(&crate::support::exchange(3, e2ee_mock_server::Endpoint::Other));
    let exchange = exchange.expect("JSON");
    let twice = good.replace("\"exchanges\":[]", &format!("\"exchanges\":[{exchange},{exchange}]"));
    refused(&twice, &["exchanges[1].number: expected more than 3, found 3"]);
    let body = exchange.replace("\"request_body\":\"\"", "\"request_body\":\"%hidden%\"");
    refused(&good.replace("\"exchanges\":[]", &format!("\"exchanges\":[{body}]")), &["line 1, column"]);
    fs::write(&file, b"\xff\xfe{}").expect("writes");
    ends(&suite(&["watch", &at]), 96, &["cannot read", "UTF-8"]);
}

#[test]
fn what_is_wrong_with_secrets_is_told_without_them() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("secrets.toml");
    let at = file.display().to_string();
    let refused = |text: &str, words: &[&str]| {
        fs::write(&file, text).expect("writes");
        let done = suite(&["watch", "/no/such/file", "--secrets", &at]);
        ends(&done, 96, &[&[at.as_str()], words].concat());
        assert!(!String::from_utf8_lossy(&done.stderr).contains("toilet"), "{done:?}");
    };
    refused("[users.alice]\nmnemonic = farm toilet", &["line 2: expected TOML"]);
    refused("users = \"toilet\"", &["users: expected a table of users"]);
    refused("toilet = 1", &["top level: expected no members but `canaries` and `users`"]);
    refused(
        "[users.alice]\ntoilet = 1",
        &["users.alice: expected no members but `mnemonic` and `private_key`"],
    );
    refused("[users]\nalice = \"toilet\"", &["users.alice: expected a table"]);
    refused(
        "[users.alice]\nmnemonic = \"farm toilet\"",
        &["users.alice.mnemonic: mnemonic: expected 12 words"],
    );
    refused("[users.alice]\nmnemonic = 12", &["users.alice.mnemonic: expected a string"]);
    refused("[users.alice]\nprivate_key = \"toilet\"", &["users.alice.private_key: expected PEM"]);
    refused("canaries = [\"toilet\"]", &["canaries[0]: expected 12 to 1000 bytes, found 6"]);
    refused("canaries = \"toilet\"", &["canaries: expected a list of strings"]);
    refused(&"[".repeat(100_000), &["line 1"]);
    refused(&"#".repeat((1 << 20) + 1), &["longer than 1 MiB"]);
    ends(
        &suite(&["watch", "/no/such/file", "--secrets", "/no/such/secrets"]),
        96,
        &["cannot read /no/such/secrets"],
    );
}

/// The README shows what happens, but for numbers.
#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_readme_is_as_it_says() {
    let begin = "<!-- This block is run by suite/tests/features/watch.rs. -->\n```console\n";
    let block = README.split_once(begin).and_then(|(_, rest)| rest.split_once("```")).expect("a block").0;
    let driven = Driven::new(&["sends-name-in-clear"]).await;
    let programs = Command::new("sh").args(["-c", "command -v curl"]).stdout(Stdio::null()).status();
    if !programs.expect("a shell").success() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "curl is missing, and with it a test");
        eprintln!("NOT TESTED: curl is missing, the commands of the README were not run");
        return;
    }
    for command in format!("\n{block}").split("\n$ ").skip(1) {
        let (command, printed) = command.split_once('\n').unwrap_or((command, ""));
        let control = driven.server.control_uri().expect("control");
        let here = command.replace("http://127.0.0.1:8081", control);
        let here =
            here.replace("cargo run --release -- ", &format!("'{}' ", env!("CARGO_BIN_EXE_e2ee-suite")));
        let mut shell = Command::new("sh");
        shell.args(["-c", &here]).current_dir(driven.folder.path()).stdin(Stdio::null());
        let done =
            tokio::task::spawn_blocking(move || shell.output()).await.expect("no panic").expect("a shell");
        assert_eq!(String::from_utf8_lossy(&done.stderr), "", "{command}");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert_eq!(without_numbers(&said), without_numbers(printed), "{command}");
    }
}

fn without_numbers(text: &str) -> String {
    text.trim_end()
        .split(|c: char| c.is_ascii_digit())
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join("#")
}
