//! The program from outside: exit codes, messages, reports.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{SCENARIOS, ends, run, suite};

fn reference() -> String {
    format!("'{}' reference-client", env!("CARGO_BIN_EXE_e2ee-suite"))
}

fn shell(script: &str) -> String {
    format!("sh -c \"{script}\"")
}

#[test]
fn the_reference_client_passes_in_process_and_as_a_program() {
    ends(&run(&[]), 0, &["5 passed"]);
    ends(&run(&["--client", &reference()]), 0, &["5 passed"]);
}

#[test]
fn a_defect_turns_the_run_red_with_a_proof() {
    let done = run(&["phantom", "--defect", "accepts-phantom-member"]);
    ends(&done, 101, &["exploited", "proof      attacker_reads\n", "canary     canary ", "exchanges  "]);
    let command = format!("{} --defect ignores-counter", reference());
    ends(&run(&["rollback", "--client", &command]), 101, &["proof      lost"]);
    ends(&run(&["round-trip", "--defect", "reuses-file-key"]), 100, &["monitor key-reuse"]);
    ends(&run(&["round-trip", "--defect", "sends-name-in-clear"]), 100, &["monitor leak"]);
}

#[test]
fn who_refuses_everything_passes_nothing() {
    // Not even calibrated.
    ends(
        &run(&["--defect", "refuses-everything"]),
        10,
        &["the client is not judged", "must succeed, but came refused"],
    );
}

#[test]
fn filters_and_versions() {
    ends(&run(&["round-trip", "--version", "2.0"]), 0, &["1 passed"]);
    ends(&run(&["atk-ctr-01"]), 0, &["rollback", "1 passed"]);
    ends(&run(&["no-such-thing"]), 4, &["no scenario fits (of 3)"]);
    ends(&run(&["rollback", "--version", "2.0"]), 4, &["no scenario fits"]);
    ends(&run(&["--version", "1.3"]), 2, &["expected 1.0, 1.1, 1.2, 2.0 or 2.1"]);
    ends(&run(&["--defect", "no-such-thing"]), 2, &["unknown defect"]);
}

#[test]
fn programs_that_are_no_adapters() {
    let quick = |client: &str, words: &[&str]| {
        ends(&run(&["round-trip", "--timeout", "1", "--client", client]), 11, words);
    };
    quick("/no/such/program", &["could not be started"]);
    quick("true", &["ended before it answered"]);
    quick(&shell("echo hello; sleep 5"), &["does not speak the adapter protocol"]);
    quick("sleep 60", &["did not answer `hello` within 1 s"]);
    quick(&shell("yes | tr -d \\\\n"), &[]);
    let old = r#"read line; echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"name\":\"x\",\"version\":\"1\",\"protocol\":9,\"features\":[],\"reads\":[],\"writes\":[]}}'; sleep 5"#;
    quick(&shell(old), &["version 9 of the adapter protocol"]);
    ends(&run(&["--client", ""]), 2, &["client command is empty"]);
}

#[test]
fn wrong_scenario_files_are_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = dir.path().display().to_string();
    let file = dir.path().join("bad.toml");
    std::fs::write(&file, "id = \"bad\"\nnonsense = 1\n").expect("writes");
    let place = format!("{}:2: unknown field `nonsense`", file.display());
    ends(&suite(&["run", "--scenarios", &at]), 96, &[&place]);
    ends(&suite(&["run", "--scenarios", "/no/such/folder"]), 96, &["cannot read /no/such/folder"]);
}

#[test]
fn reports_are_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (json, junit) = (path("report.json"), path("report.xml"));
    let done = run(&["rollback", "--format", "json", "--json", &json, "--junit", &junit]);
    ends(&done, 0, &[]);
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON on standard output");
    assert_eq!(report["summary"]["pass"], 1);
    assert_eq!(report["results"][0]["scenario"], "rollback");
    assert_eq!(std::fs::read(&json).expect("reads"), done.stdout);
    let xml = std::fs::read_to_string(&junit).expect("reads");
    assert!(xml.contains("name=\"rollback (2.1)\"") && xml.contains("failures=\"0\""), "{xml}");
    ends(&run(&["--json", "/no/such/folder/report.json"]), 96, &["cannot write /no/such/folder/report.json"]);
    assert!(Path::new(&json).exists());
}

#[test]
fn scenarios_are_listed_and_explained() {
    ends(
        &suite(&["list", "--scenarios", SCENARIOS]),
        0,
        &["rollback", "phantom-member", "leak", "key-reuse"],
    );
    let json = suite(&["list", "rollback", "--scenarios", SCENARIOS, "--format", "json"]);
    let list: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(list["scenarios"][0]["catches"][0], "ignores-counter");
    let story = suite(&["explain", "phantom-member", "--story", "--scenarios", SCENARIOS]);
    ends(&story, 0, &[]);
    insta::assert_snapshot!(String::from_utf8_lossy(&story.stdout));
    ends(&suite(&["explain", "phantom", "--scenarios", SCENARIOS]), 4, &["phantom-member"]);
}

#[test]
fn a_play_is_shown_as_a_sequence() {
    let explain = |arguments: &[&str]| {
        let mut all = vec!["explain", "phantom-member", "--scenarios", SCENARIOS];
        all.extend(arguments);
        suite(&all)
    };
    let lie = "| LIE insert_phantom";
    let honest = explain(&[]);
    ends(
        &honest,
        0,
        &["Played with the reference client in 2.1", lie, "laptop: refused - plans: ", "Verdict   pass"],
    );
    let arrows = String::from_utf8_lossy(&honest.stdout).lines().filter(|line| line.ends_with(lie)).count();
    assert_eq!(arrows, 1);
    let defect = explain(&["--defect", "accepts-phantom-member", "--version", "2.0"]);
    ends(
        &defect,
        0,
        &["its defect accepts-phantom-member in 2.0", lie, "Verdict   exploited: the attacker opened"],
    );
    ends(&explain(&["--version", "2.0", "--defect", "no-such"]), 2, &["no-such"]);

    let folder = tempfile::TempDir::new().expect("folder");
    let kept = folder.path().join("run").display().to_string();
    ends(&run(&["phantom", "--version", "2.1", "--transcripts", &kept]), 0, &["1 passed"]);
    ends(&explain(&["--transcripts", &kept]), 0, &["Played as it was kept in 2.1", lie, "Verdict   pass"]);
    ends(
        &explain(&["--transcripts", &kept, "--version", "2.0"]),
        96,
        &["cannot read", "phantom-member.2.0.json"],
    );
}

#[test]
fn what_is_built_in_is_well_formed() {
    ends(&suite(&["list"]), 0, &[]);
}

#[cfg(unix)]
#[test]
fn what_is_interrupted_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let left = || std::fs::read_dir(folder.path()).expect("a folder").count();
    let mut command = Command::new(env!("CARGO_BIN_EXE_e2ee-suite"));
    command.args(["run", "--client", &reference()]).env("TMPDIR", folder.path());
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let begun = Instant::now();
    // Several plays are under way then.
    while left() < 3 && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(left() > 2, "devices have folders");
    let interrupt = Command::new("kill").args(["-INT", &running.id().to_string()]).status().expect("kill");
    assert!(interrupt.success());
    assert_eq!(running.wait().expect("ends").code(), Some(130));
    assert_eq!(left(), 0, "the devices' folders are gone");
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_changes_nothing() {
    let program = env!("CARGO_BIN_EXE_e2ee-suite");
    for command in ["list", "coverage"] {
        let script = format!("{{ '{program}' {command}; echo code $? >&2; }} | head -n 1");
        let done = Command::new("sh").args(["-c", &script]).output().expect("a shell");
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(said, "code 0\n", "{command}");
    }
    let full = Command::new("sh").args(["-c", &format!("'{program}' coverage > /dev/full")]).output();
    let full = full.expect("a shell");
    if Path::new("/dev/full").exists() {
        ends(&full, 96, &["cannot print: "]);
    }
}
