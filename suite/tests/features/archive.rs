//! Kept transcripts, judged again.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{ends, run, suite};

#[test]
fn kept_plays_are_judged_as_they_were() {
    let kept = keep(&["--defect", "accepts-phantom-member"]);
    let judged = suite(&["judge", &kept.path("run"), "--json", &kept.path("again.json"), "--verbose"]);
    ends(&judged, 101, &["exploited", "attacker_reads", "passed"]);
    let first = fs::read_to_string(kept.path("first.json")).expect("report of run");
    assert_eq!(first, fs::read_to_string(kept.path("again.json")).expect("report of judge"));
}

#[test]
fn the_verdict_comes_from_what_was_kept() {
    let kept = keep(&["phantom", "--version", "2.1", "--defect", "accepts-phantom-member"]);
    let case = kept.case();
    let mut play: Value = serde_json::from_str(&fs::read_to_string(&case).expect("case")).expect("JSON");
    let judge = || suite(&["judge", &kept.path("run")]);
    ends(&judge(), 101, &["exploited"]);

    // Without its keys the attacker has opened nothing.
    for keys in ["private_keys", "metadata_keys"] {
        *play["played"]["attacker"].get_mut(keys).expect("member") = json!([]);
    }
    fs::write(&case, play.to_string()).expect("written");
    ends(&judge(), 100, &["1 failed"]);

    // A client that fails the honest twin is not judged by the attack.
    let steps = play["twin"]["steps"].as_array_mut().expect("steps");
    let last = steps.last_mut().expect("a step");
    last["outcome"] = json!({ "failed": { "reason": "no", "released": [] } });
    fs::write(&case, play.to_string()).expect("written");
    ends(&judge(), 5, &["inconclusive", "honest twin"]);
}

#[test]
fn a_scenario_can_be_sharpened_afterwards() {
    let kept = keep(&["round-trip"]);
    let text = kept.path("run/scenarios/round-trip.toml");
    let scenario = fs::read_to_string(&text).expect("scenario");
    ends(&suite(&["judge", &kept.path("run")]), 0, &["2 passed"]);
    let stricter = scenario.replace("reach = \"GET file\"", "reach = \"DELETE public-key\"");
    fs::write(&text, &stricter).expect("written");
    ends(&suite(&["judge", &kept.path("run")]), 5, &["2 inconclusive"]);
}

#[test]
fn what_is_no_archive_is_refused_by_name() {
    let kept = keep(&["phantom", "--version", "2.1"]);
    let judge = || suite(&["judge", &kept.path("run")]);
    ends(&suite(&["judge", &kept.path("nowhere")]), 96, &["cannot read", "nowhere/run.json"]);
    ends(&suite(&["judge", &kept.path("run"), "no-such-scenario"]), 4, &["no kept scenario fits"]);
    ends(&run(&["--transcripts", &kept.path("run")]), 96, &["is not empty: expected a new or empty folder"]);

    let case = kept.case();
    let whole = fs::read_to_string(&case).expect("case");
    let spoil = |from: &str, to: &str| {
        assert!(whole.contains(from), "no {from}");
        fs::write(&case, whole.replacen(from, to, 1)).expect("written");
    };
    spoil("\"schema_version\":1", "\"schema_version\":99");
    ends(&judge(), 96, &["schema_version 99: expected 1"]);
    spoil("\"mode\":\"attack\"", "\"mode\":\"twin\"");
    ends(&judge(), 96, &["(Twin): expected phantom-member in 2.1 (Attack)"]);
    spoil("\"played\":{", "\"played\":[");
    ends(&judge(), 96, &["plays/phantom-member.2.1.json: invalid type"]);
    // Of a random content the beginning is known.
    spoil("\"bytes\":\"Y2FuYXJ5", "\"bytes\":\"Y2FuYXJ6");
    ends(&judge(), 96, &["of what laptop wrote in step 1 another `sha256` than its `bytes` have"]);
    spoil("\"exchanges_after\":", "\"exchanges_afterwards\":");
    ends(&judge(), 96, &["unknown field `exchanges_afterwards`"]);

    let run_file = kept.path("run/run.json");
    let record = fs::read_to_string(&run_file).expect("record");
    fs::write(&run_file, record.replacen("\"phantom-member\"", "\"../../etc/passwd\"", 1)).expect("written");
    ends(&judge(), 96, &["scenario \"../../etc/passwd\": expected lower-case letters"]);
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let kept = keep(&["phantom", "--version", "2.1"]);
    let mode = |path: &Path| fs::metadata(path).expect("file").permissions().mode() & 0o777;
    assert_eq!(mode(Path::new(&kept.path("run"))), 0o700);
    assert_eq!(mode(&kept.case()), 0o600);
}

/// A run with these arguments, kept in the folder `run` beside its report `first.json`.
fn keep(arguments: &[&str]) -> Kept {
    let kept = Kept(TempDir::new().expect("folder"));
    let (folder, report) = (kept.path("run"), kept.path("first.json"));
    let mut all = vec!["--transcripts", &folder, "--json", &report];
    all.extend(arguments);
    run(&all);
    kept
}

struct Kept(TempDir);

impl Kept {
    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// The first kept play.
    fn case(&self) -> std::path::PathBuf {
        let plays = fs::read_dir(self.path("run/plays")).expect("plays");
        let mut plays: Vec<_> = plays.map(|entry| entry.expect("entry").path()).collect();
        plays.sort();
        plays.into_iter().next().expect("a play")
    }
}
