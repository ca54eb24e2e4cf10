//! Replays what real servers (Nextcloud 32.0.1 with four releases of the app) were seen to answer.
//!
//! Each case runs against a mock server of its own; the answers are brought into the recorded form, in which ids,
//! tokens, ETags and dates are placeholders, and must then be the same. `CASE` and `RELEASE` in the environment narrow
//! a run down.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test that fails has failed the test")]

mod generate;
mod normalise;
mod replay;
mod unmatched;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use e2ee_mock_server::{AppVersion, MockServer, StateFile};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_those_of_real_servers() {
    let only = std::env::var("RELEASE").ok();
    let mut wrong = Vec::new();
    for release in AppVersion::ALL.iter().copied() {
        if only.as_ref().is_none_or(|only| *only == release.as_str()) {
            wrong.extend(compare(release).await);
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// Four cases, one after the other from one address.
#[tokio::test]
async fn refusals_are_counted_as_by_real_servers() {
    for release in [AppVersion::V1_18_4, AppVersion::V2_0_0Rc7, AppVersion::V2_2_3] {
        let name = format!("throttling/nc32.0.1-e2ee{release}.jsonl");
        let Some(cases) = transcripts(&name).map(|text| cases(&text)) else { return };
        let server = MockServer::builder().app_version(release).throttling(true).start().await.unwrap();
        for (case, steps) in cases {
            let replayed = replay::replay_on(&server, &steps).await;
            assert_eq!(replayed, Ok(()), "{release}: {case}");
        }
    }
}

/// Whatever real clients did: a server that is started anew knows what the one before knew, also from a file that was
/// written anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn all_that_was_done_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    // Mostly they wait for the disk.
    let mut under_way = tokio::task::JoinSet::new();
    for release in AppVersion::ALL.iter().copied() {
        let name = format!("nc32.0.1-e2ee{release}.jsonl");
        let Some(cases) = transcripts(&name).map(|text| cases(&text)) else { return };
        for (number, (case, steps)) in cases.into_iter().enumerate() {
            if under_way.len() >= 16 {
                under_way.join_next().await.unwrap().unwrap();
            }
            let file = folder.path().join(format!("{release}-{number}"));
            // That takes time: for every fifth one the file is written anew as well.
            under_way.spawn(survives(release, case, steps, file, number % 5 == 0));
        }
    }
    while let Some(survived) = under_way.join_next().await {
        survived.unwrap();
    }
}

async fn survives(release: AppVersion, case: String, steps: Vec<Value>, file: PathBuf, anew: bool) {
    let state = StateFile { compact_from: 0, ..StateFile::new(&file) };
    let start = || MockServer::builder().app_version(release).state(state.clone()).start();
    let server = start().await.unwrap();
    // Where it differs is not the question here.
    let _ = replay::replay_on(&server, &steps).await;
    let before = server.default_tenant().model().clone();
    server.stop().await;
    let server = start().await.unwrap_or_else(|error| panic!("{release}: {case}: {error}"));
    let tenant = server.default_tenant();
    assert!(*tenant.model() == before, "{release}: {case}");
    if !anew {
        return;
    }
    // So much of it is not needed any more then that the file is written anew.
    for _ in 0..4 {
        tenant.store_identity("somebody", "", &"x".repeat(100_000));
    }
    assert!(file.metadata().unwrap().len() < 300_000, "{release}: {case}");
    let before = tenant.model().clone();
    drop(tenant);
    server.stop().await;
    let server = start().await.unwrap_or_else(|error| panic!("{release}: {case}: {error}"));
    assert!(*server.default_tenant().model() == before, "{release}: {case}, written anew");
}

/// The cases of one release that differ without being listed, or are listed and do not differ.
async fn compare(release: AppVersion) -> Vec<String> {
    let Some(transcripts) = transcripts(&format!("nc32.0.1-e2ee{release}.jsonl")) else { return Vec::new() };
    let cases = cases(&transcripts);
    let listed = unmatched::UNMATCHED.iter().filter(|(of, ..)| *of == release.as_str());
    let listed: BTreeMap<&str, &str> = listed.map(|(_, case, reason)| (*case, *reason)).collect();
    let only = std::env::var("CASE").ok();
    let (mut matched, mut wrong) = (BTreeSet::new(), Vec::new());
    for (case, steps) in &cases {
        if only.as_ref().is_some_and(|only| only != case) {
            continue;
        }
        match (replay::replay(release, steps).await, listed.get(case.as_str())) {
            (Ok(()), None) => {
                matched.insert(case.as_str());
            }
            (Ok(()), Some(_)) => {
                wrong.push(format!("{release}: {case} matches, but is listed as not matching"))
            }
            (Err(_), Some(_)) => {}
            (Err(difference), None) => wrong.push(format!("{release}: {case}: {difference}")),
        }
    }
    let unknown = listed.keys().filter(|case| !cases.contains_key(**case));
    wrong.extend(unknown.map(|case| format!("{release}: {case} is listed, but not in the transcripts")));
    eprintln!("{release}: {} of {} cases match, {} are listed", matched.len(), cases.len(), listed.len());
    wrong
}

/// The steps by their cases.
fn cases(transcripts: &str) -> BTreeMap<String, Vec<Value>> {
    let mut cases: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in transcripts.lines() {
        let step: Value = serde_json::from_str(line).unwrap();
        cases.entry(step["case"].as_str().unwrap().to_owned()).or_default().push(step);
    }
    cases
}

/// The recorded steps, which lie beside the project and not in it.
fn transcripts(name: &str) -> Option<String> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream/server-transcripts").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{}: {error}", path.display());
            eprintln!("SKIPPED: the transcripts of real servers are not there ({}: {error})", path.display());
            None
        }
    }
}
