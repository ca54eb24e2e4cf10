//! Replays what a real server (Nextcloud 32.0.1 with app 2.2.3) was seen to answer.
//!
//! Each case runs against a mock server of its own; the answers are brought into the recorded form, in which ids,
//! tokens, ETags and dates are placeholders, and must then be the same.

#![expect(clippy::unwrap_used, reason = "a helper of a test that fails has failed the test")]

mod generate;
mod normalise;
mod replay;
mod unmatched;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

/// The areas that the mock server claims to cover.
const AREAS: &[&str] = &["KEY", "PRIV", "FLAG", "LOCK2", "META2", "DAV", "PROP", "SHARE", "CAP", "DROP"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_those_of_a_real_server() {
    let Some(transcripts) = transcripts() else { return };
    let mut cases: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in transcripts.lines() {
        let step: Value = serde_json::from_str(line).expect("a line of the transcripts is JSON");
        if AREAS.iter().any(|area| step["area"] == *area) {
            cases.entry(step["case"].as_str().expect("a case has an id").to_owned()).or_default().push(step);
        }
    }
    let listed: BTreeMap<&str, &str> = unmatched::UNMATCHED.iter().copied().collect();
    assert_eq!(listed.len(), unmatched::UNMATCHED.len(), "a case is listed twice");
    let only = std::env::var("CASE").ok();
    let (mut matched, mut wrong) = (BTreeSet::new(), Vec::new());
    for (case, steps) in &cases {
        if only.as_ref().is_some_and(|only| only != case) {
            continue;
        }
        match (replay::replay(steps).await, listed.get(case.as_str())) {
            (Ok(()), None) => {
                matched.insert(case.as_str());
            }
            (Ok(()), Some(_)) => wrong.push(format!("{case} matches, but is listed as not matching")),
            (Err(_), Some(_)) => {}
            (Err(difference), None) => wrong.push(format!("{case}: {difference}")),
        }
    }
    let unknown: Vec<&&str> = listed.keys().filter(|case| !cases.contains_key(**case)).collect();
    assert!(unknown.is_empty(), "listed cases that are not in the transcripts: {unknown:?}");
    eprintln!("{} of {} cases match, {} are listed", matched.len(), cases.len(), listed.len());
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// The recorded steps, which lie beside the project and not in it.
fn transcripts() -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/upstream/server-transcripts/nc32.0.1-e2ee2.2.3.jsonl");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{}: {error}", path.display());
            eprintln!("SKIPPED: the transcripts of real servers are not there ({}: {error})", path.display());
            None
        }
    }
}
