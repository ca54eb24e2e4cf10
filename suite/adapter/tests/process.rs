//! Programs of all kinds, good and bad, behind a [`ProcessConnector`].

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use e2ee_adapter::client::{CallError, Connector, Device, User};
use e2ee_adapter::process::{CommandLineError, ProcessConnector};
use e2ee_adapter::protocol::{Answer, ClientError, Failure, Hello, Notice, Released, Request};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::time::timeout;

#[derive(Default)]
struct Person {
    says_yes: bool,
    noticed: Mutex<Vec<Notice>>,
}

impl User for Person {
    fn warning(&self, notice: Notice) {
        self.noticed.lock().unwrap().push(notice);
    }
    fn question(&self, notice: Notice) -> Answer {
        self.noticed.lock().unwrap().push(notice);
        if self.says_yes { Answer::Yes } else { Answer::No }
    }
}

impl Person {
    fn kinds(&self) -> Vec<String> {
        self.noticed.lock().unwrap().iter().map(|n| n.kind.clone()).collect()
    }
}

async fn start(command_line: &str, user: &Arc<Person>) -> Box<dyn Device> {
    ProcessConnector::new(command_line).unwrap().connect(user.clone()).await.unwrap()
}

/// A shell script that stands for a program.
async fn script(script: &str) -> Box<dyn Device> {
    start(&format!("sh -c '{script}'"), &Arc::default()).await
}

async fn notebook(user: &Arc<Person>) -> Box<dyn Device> {
    let tests = std::env::current_exe().unwrap();
    let program: PathBuf = tests.ancestors().nth(2).unwrap().join("examples/notebook");
    assert!(program.exists(), "{} is missing: run `cargo build --examples`", program.display());
    start(&format!("'{}'", program.display()), user).await
}

fn garbage(outcome: Result<Value, CallError>) -> String {
    match outcome {
        Err(CallError::Garbage(what)) => what,
        other => panic!("expected garbage, got {other:?}"),
    }
}

fn write(content: &str) -> Request {
    Request::Write { path: "plans/a.txt".into(), content: content.into() }
}

fn read() -> Request {
    Request::Read { path: "plans/a.txt".into() }
}

#[tokio::test]
async fn a_program_answers_warns_and_asks() {
    let user = Arc::new(Person { says_yes: true, ..Person::default() });
    let device = notebook(&user).await;
    let hello: Hello = serde_json::from_value(device.call(Request::Hello {}).await.unwrap()).unwrap();
    assert_eq!(hello.name, "notebook");
    device.call(write("b25l")).await.unwrap();
    device.call(write("dHdv")).await.unwrap();
    assert_eq!(device.call(read()).await, Ok(json!({"content": "dHdv"})));
    device.call(Request::Stop {}).await.unwrap();
    device.call(Request::Hello {}).await.unwrap();
    assert_eq!(user.kinds(), ["overwrite", "not-saved"]);
    assert_eq!(device.log(), "notebook opened\n");
}

#[tokio::test]
async fn no_is_an_answer_too() {
    let device = notebook(&Arc::default()).await;
    device.call(write("b25l")).await.unwrap();
    let refused = ClientError::refused("plans/a.txt is kept");
    assert_eq!(device.call(write("dHdv")).await, Err(CallError::Client(refused)));
    assert_eq!(device.call(read()).await, Ok(json!({"content": "b25l"})));
}

#[tokio::test]
async fn megabytes_travel_both_ways() {
    let device = notebook(&Arc::default()).await;
    let content = "QUJD".repeat(2_000_000);
    device.call(write(&content)).await.unwrap();
    assert_eq!(device.call(read()).await, Ok(json!({ "content": content })));
}

#[tokio::test]
async fn unknown_methods_are_unsupported_and_wrong_params_the_suites_fault() {
    let device = notebook(&Arc::default()).await;
    match device.call_raw("fly_to_the_moon", json!({})).await {
        Err(CallError::Client(e)) => assert_eq!(e.failure, Failure::Unsupported),
        other => panic!("{other:?}"),
    }
    device.call(Request::Hello {}).await.unwrap();
    assert!(garbage(device.call_raw("read", json!({"file": "x"})).await).contains("-32602"));
}

#[tokio::test]
async fn errors_carry_their_kind_and_what_was_released() {
    let device = script(
        r#"read l; echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"no\",\"data\":{\"released\":[{\"path\":\"a\",\"sha256\":\"00\",\"size\":3}]}}}"; read l"#,
    )
    .await;
    let mut refused = ClientError::refused("no");
    refused.released.push(Released { path: "a".into(), sha256: "00".into(), size: 3 });
    assert_eq!(device.call(Request::Sync {}).await, Err(refused.into()));
}

#[tokio::test]
async fn a_program_that_is_missing_is_named() {
    let connector = ProcessConnector::new("/nowhere/e2ee-client --x").unwrap();
    match connector.connect(Arc::<Person>::default()).await.map(|_| ()) {
        Err(CallError::Spawn { program, .. }) => assert_eq!(program, "/nowhere/e2ee-client"),
        other => panic!("{other:?}"),
    }
    assert_eq!(ProcessConnector::new("  ").unwrap_err(), CommandLineError::Empty);
    assert!(matches!(ProcessConnector::new("a 'b"), Err(CommandLineError::Unfinished(_))));
}

#[tokio::test]
async fn an_exit_is_a_crash_with_its_status_and_last_words() {
    let device = script("read l; echo dying >&2; exit 3").await;
    let exited = Err(CallError::Exited { how: "exit status 3".into() });
    assert_eq!(device.call(Request::Hello {}).await, exited);
    assert_eq!(device.log(), "dying\n");
    assert_eq!(device.call(Request::Hello {}).await, exited, "it stays so");
    let killed = script("read l; kill -9 $$").await;
    assert_eq!(killed.call(Request::Hello {}).await, Err(CallError::Exited { how: "signal 9".into() }));
}

#[tokio::test]
async fn closed_output_is_a_crash_although_the_program_runs_on() {
    let device = script("exec >&-; sleep 60").await;
    match device.call(Request::Hello {}).await {
        Err(CallError::Exited { how }) => assert!(how.contains("runs on"), "{how}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_no_protocol_is_quoted() {
    assert!(
        garbage(script("echo Welcome; cat >&2").await.call(Request::Hello {}).await).contains("\"Welcome\"")
    );
    let wrong_id = script(r#"read l; echo "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}"; cat >&2"#).await;
    assert_eq!(garbage(wrong_id.call(Request::Hello {}).await), "answer has id 7, expected 1");
    let unread = script(
        r#"read l; echo "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"?\"}}"; cat >&2"#,
    )
    .await;
    assert_eq!(garbage(unread.call(Request::Hello {}).await), "`hello` was not understood: ?");
    let strange_code = script(
        r#"read l; echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":99,\"message\":\"?\"}}"; cat >&2"#,
    )
    .await;
    assert!(garbage(strange_code.call(Request::Hello {}).await).contains("error code 99"));
    let strange_method =
        script(r#"echo "{\"jsonrpc\":\"2.0\",\"method\":\"log\",\"params\":{}}"; cat >&2"#).await;
    assert!(garbage(strange_method.call(Request::Hello {}).await).contains("\"log\""));
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_told_at_the_next_call() {
    let answer = r#"echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}""#;
    let device = script(&format!("read l; {answer}; {answer}; cat >&2")).await;
    device.call(Request::Hello {}).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(garbage(device.call(Request::Sync {}).await), "answer with id 1 came without a request");
}

#[tokio::test]
async fn floods_end_in_an_error_and_not_in_memory() {
    let begun = Instant::now();
    assert!(garbage(script("cat /dev/zero").await.call(Request::Hello {}).await).contains("more than"));
    let warnings =
        r#"yes "{\"jsonrpc\":\"2.0\",\"method\":\"warning\",\"params\":{\"kind\":\"k\",\"text\":\"t\"}}""#;
    assert!(garbage(script(warnings).await.call(Request::Hello {}).await).contains("warnings"));
    let log = script("yes noise | head -c 3000000 >&2; read l; exit 1").await;
    assert!(log.call(Request::Hello {}).await.is_err());
    assert_eq!(log.log().len(), 64 * 1024);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_program_that_stops_reading_blocks_nobody_else() {
    let device = script("sleep 60").await;
    let big = "QUJD".repeat(1_000_000);
    assert!(timeout(Duration::from_millis(200), device.call(write(&big))).await.is_err());
    // A flood of questions while nothing reads the answers.
    let asking = r#"yes "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"question\",\"params\":{\"kind\":\"k\",\"text\":\"t\"}}""#;
    let device = script(asking).await;
    let outcome = timeout(Duration::from_secs(5), device.call(write(&big))).await;
    assert!(!matches!(outcome, Ok(Ok(_))));
}

#[tokio::test]
async fn a_call_that_is_given_up_kills_the_whole_group() {
    let marker = std::env::temp_dir().join(format!("e2ee-adapter-{}", std::process::id()));
    let late = format!("(sleep 1; : >{}) & read l; sleep 60", marker.display());
    let device = script(&late).await;
    assert!(timeout(Duration::from_millis(200), device.call(Request::Hello {})).await.is_err());
    match timeout(Duration::from_secs(5), device.call(Request::Hello {})).await.unwrap() {
        Err(CallError::Exited { how }) => assert!(how.contains("given up"), "{how}"),
        other => panic!("{other:?}"),
    }
    drop(script(&late).await);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!marker.exists(), "a grandchild outlived its device");
}
