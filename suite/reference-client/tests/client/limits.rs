//! Long files, slow servers.

use crate::common::{Lab, encrypt, write};
use e2ee_adapter::process::ProcessConnector;
use e2ee_adapter::protocol::{Failure, Request};
use e2ee_reference_client::Limits;
use serde_json::json;
use std::time::{Duration, Instant};

const FILM: &str = "forty characters are longer than a chunk";

/// A server that holds uploads to the rules, and clients with small limits.
async fn lab() -> Lab {
    let mut lab = Lab::new(&["alice"]).await;
    lab.tenant.model().set_strict_uploads(true);
    lab.common.limits = Limits { patience: Duration::from_millis(300), chunk: 16 };
    lab
}

fn writes(lab: &Lab, mark: usize) -> Vec<String> {
    let mut called = lab.called_since(mark);
    called.retain(|endpoint| !endpoint.starts_with("GET") && endpoint != "PROPFIND" && endpoint != "other");
    called
}

#[tokio::test]
async fn what_is_new_and_long_goes_in_chunks() {
    let lab = lab().await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    let mark = lab.mark();
    laptop.write("plans/film.bin", FILM).await;
    let chunks = ["PUT chunk"; 4];
    let whole = ["MOVE chunks", "PUT meta-data", "DELETE lock"];
    assert_eq!(writes(&lab, mark), [&["POST lock"], &chunks[..], &whole].concat());
    assert_eq!(phone.text("plans/film.bin").await, FILM);
    // An abort would not bring back what it replaces.
    let mark = lab.mark();
    laptop.write("plans/film.bin", &FILM.to_uppercase()).await;
    assert_eq!(writes(&lab, mark), ["POST lock", "PUT file", "PUT meta-data", "DELETE lock"]);
    assert_eq!(phone.text("plans/film.bin").await, FILM.to_uppercase());
}

#[tokio::test]
async fn a_chunk_that_does_not_arrive_is_sent_again() {
    let lab = lab().await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    for fault in ["reset_before", "reset_after"] {
        lab.play(json!({"fail": {"on": "PUT chunk", "fault": fault, "skip": 2, "times": 1}}));
        let mark = lab.mark();
        laptop.write(&format!("plans/{fault}"), FILM).await;
        let sent = lab.since(mark);
        let chunks: Vec<_> = sent.iter().filter(|sent| sent.endpoint.as_str() == "PUT chunk").collect();
        assert_eq!(chunks.len(), 5);
        let same = |at: usize| (&chunks[at].path, &chunks[at].request_body);
        assert_eq!(same(2), same(3));
        assert_eq!(phone.text(&format!("plans/{fault}")).await, FILM);
        lab.play(json!({"relent": {}}));
    }
}

#[tokio::test]
async fn what_cannot_be_completed_is_not_put_together() {
    let lab = lab().await;
    let (laptop, phone) = (lab.device("alice", "laptop").await, lab.device("alice", "phone").await);
    laptop.ok(encrypt("plans")).await;
    for fault in [
        json!({"on": "PUT chunk", "status": 507, "skip": 2}),
        json!({"on": "MOVE chunks", "status": 500}),
        json!({"on": "MOVE chunks", "fault": "reset_after"}),
    ] {
        lab.play(json!({ "fail": fault }));
        let mark = lab.mark();
        let error = laptop.error(write("plans/film.bin", FILM)).await;
        assert_eq!(error.failure, Failure::Failed, "{error}");
        let called = lab.called_since(mark);
        assert!(!called.contains(&"PUT meta-data".to_owned()), "{called:?}");
        lab.play(json!({"relent": {}}));
        assert_eq!(phone.list("plans").await, [""; 0]);
    }
    laptop.write("plans/film.bin", FILM).await;
    assert_eq!(phone.text("plans/film.bin").await, FILM);
}

#[tokio::test]
async fn what_does_not_come_in_time_does_not_come() {
    let lab = lab().await;
    let program = env!("CARGO_BIN_EXE_e2ee-reference-client");
    let program = ProcessConnector::new(&format!("'{program}' --patience 300 --chunk 16")).unwrap();
    let tablet = lab.connect(&program, "alice", "tablet", lab.identity("alice")).await;
    tablet.ok(tablet.start.clone()).await;
    let laptop = lab.device("alice", "laptop").await;
    laptop.ok(encrypt("plans")).await;
    laptop.write("plans/film.bin", FILM).await;
    tablet.ok(Request::Sync {}).await;
    for (fault, millis) in [("delay", 60_000), ("drip", 100)] {
        lab.play(json!({"fail": {"on": "GET meta-data", "fault": fault, "millis": millis}}));
        for device in [&laptop, &tablet] {
            let begun = Instant::now();
            let error = device.error(Request::Sync {}).await;
            assert!(error.reason.contains("in time"), "{error}");
            assert!(begun.elapsed() >= Duration::from_millis(300));
            assert!(device.tree().await.contains(&"plans/film.bin".to_owned()));
        }
        lab.play(json!({"relent": {}}));
        laptop.ok(Request::Sync {}).await;
        assert_eq!(tablet.text("plans/film.bin").await, FILM);
    }
}
