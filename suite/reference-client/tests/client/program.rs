//! The client as a program.

use crate::common::{Lab, encrypt, read};
use e2ee_adapter::client::CallError;
use e2ee_adapter::process::ProcessConnector;
use e2ee_adapter::protocol::{Failure, Request};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2ee-reference-client");

#[tokio::test]
async fn the_program_does_what_the_client_does() {
    let lab = Lab::new(&["alice"]).await;
    let program = ProcessConnector::new(&format!("'{PROGRAM}'")).unwrap();
    let laptop = lab.connect(&program, "alice", "laptop", lab.identity("alice")).await;
    let hello = laptop.ok(Request::Hello {}).await;
    assert_eq!((&hello["name"], &hello["protocol"]), (&json!("e2ee-reference-client"), &json!(1)));
    laptop.ok(laptop.start.clone()).await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/a.txt", "by a program").await;
    let phone = lab.device("alice", "phone").await;
    assert_eq!(phone.text("plans/a.txt").await, "by a program");
    match laptop.device.call_raw("dance", json!({})).await {
        Err(CallError::Client(e)) => assert_eq!(e.failure, Failure::Unsupported),
        other => panic!("{other:?}"),
    }
    lab.play(json!({"strip_signature": {"folder": "plans", "how": "missing"}}));
    laptop.refused(read("plans/a.txt"), "signature-present").await;
}

#[tokio::test]
async fn a_crash_is_an_exit() {
    let lab = Lab::new(&["alice"]).await;
    let program = ProcessConnector::new(&format!("'{PROGRAM}' --defect crashes-on-hostile")).unwrap();
    let laptop = lab.connect(&program, "alice", "laptop", lab.identity("alice")).await;
    laptop.ok(laptop.start.clone()).await;
    laptop.ok(encrypt("plans")).await;
    lab.play(json!({"strip_signature": {"folder": "plans", "how": "missing"}}));
    let exited = CallError::Exited { how: "exit status 101".into() };
    assert_eq!(laptop.call(read("plans/a.txt")).await, Err(exited));
}

#[tokio::test]
async fn an_unknown_defect_is_answered_with_the_known_ones() {
    let lab = Lab::new(&[]).await;
    let program = ProcessConnector::new(&format!("'{PROGRAM}' --defect nonsense")).unwrap();
    let laptop = lab.connect(&program, "alice", "laptop", None).await;
    assert_eq!(laptop.call(Request::Hello {}).await, Err(CallError::Exited { how: "exit status 1".into() }));
    assert!(laptop.device.log().contains("unknown defect `nonsense`: expected one of accepts-"));
}
