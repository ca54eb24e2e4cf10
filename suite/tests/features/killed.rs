//! Devices that are killed in the middle of a step.

use e2ee_mock_server::Endpoint;
use e2ee_suite::judge::{Cause, Verdict, judge};
use e2ee_suite::scenario::{Scenario, from_text, story};
use e2ee_suite::transcript::{Mode, Outcome};

use crate::support::{ends, head, ok, refused, scenario, suite, transcript};

const BUILT_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

#[test]
fn who_is_killed_releases_his_lock_when_he_is_started_again() {
    ends(&play("2.0", &[]), 0, &["1 passed"]);
    ends(&play("2.1", &[]), 0, &["1 passed"]);
    ends(&play("2.1", &["--defect", "keeps-tokens-in-memory"]), 100, &["expected ok, came busy"]);
}

#[test]
fn a_program_is_killed_like_a_client_in_this_process_and_judged_from_its_recording_alike() {
    let program = format!("'{}' reference-client", env!("CARGO_BIN_EXE_e2ee-suite"));
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("plays").display().to_string();
    ends(&play("2.1", &["--client", &program, "--transcripts", &place]), 0, &["1 passed"]);
    ends(&suite(&["judge", &place]), 0, &["1 passed"]);
    let forgetful = format!("{program} --defect keeps-tokens-in-memory");
    ends(&play("2.1", &["--client", &forgetful]), 100, &["expected ok, came busy"]);
}

#[test]
fn who_lives_on_has_shown_nothing() {
    let scenario =
        script("  { laptop.sync = {}, killed_at = \"PUT meta-data\" },\n  { laptop.restart = {} },");
    let judged = |first: Outcome, then: Outcome| {
        let judgement = judge(&scenario, None, &transcript(&scenario, Mode::Single, vec![first, then]));
        (judgement.verdict, judgement.cause, judgement.reason)
    };
    assert_eq!(judged(Outcome::Killed(Endpoint::PutMetadata), ok()).0, Verdict::Pass);
    for answer in [ok(), refused()] {
        let (verdict, cause, reason) = judged(answer, ok());
        assert_eq!((verdict, cause), (Verdict::Inconclusive, Cause::Step));
        assert!(reason.contains("laptop was not killed: it sent no PUT meta-data"), "{reason}");
    }
    assert_eq!(judged(ok(), refused()).0, Verdict::Fail);
    assert_eq!(judged(Outcome::Crashed("signal 11".into()), ok()).0, Verdict::Fail);
}

#[test]
fn the_story_tells_who_is_killed_and_when() {
    let scenario = script("  { laptop.sync = {}, killed_at = \"PUT file\" },");
    let told = story(&scenario);
    assert!(told.contains("laptop: synchronise; is killed when the server has its PUT file"), "{told}");
}

#[test]
fn where_nobody_can_be_killed() {
    let wrong = [
        ("{ laptop.sync = {}, killed_at = \"PUT nothing\" }", "`killed_at` is no endpoint: expected"),
        ("{ laptop.sync = {}, killed_at = 3 }", "`killed_at` must be a string"),
        ("{ laptop.stop = {}, killed_at = \"PUT file\" }", "`stop` sends no request"),
        ("{ laptop.sync = {}, killed_at = \"PUT file\", expect = \"any\" }", "no place beside `expect`"),
        (
            "{ laptop.sync = {}, killed_at = \"PUT file\", twin_expect = \"ok\" }",
            "no place beside `twin_expect`",
        ),
        (
            "{ laptop.write = { path = \"plans/#\" }, killed_at = \"PUT file\", times = 2 }",
            "no place beside `times`",
        ),
        (
            "{ together = [ { laptop.sync = {}, killed_at = \"PROPFIND\" }, { phone.sync = {} } ] }",
            "`killed_at` has no place in `together`",
        ),
        ("{ server.relent = {}, killed_at = \"PUT file\" }", "unknown field `killed_at`"),
    ];
    for (step, words) in wrong {
        complains(&text(&format!("  {step},")), words);
    }
    let needy = text("  { laptop.sync = {}, killed_at = \"PUT file\" },");
    complains(
        &needy.replace("needs = [\"outlives_kill\"]", "needs = []"),
        "needs the feature \"outlives_kill\"",
    );
}

fn play(version: &str, arguments: &[&str]) -> std::process::Output {
    let mut all = vec!["run", "killed-before-the-metadata", "--scenarios", BUILT_IN, "--version", version];
    all.extend(arguments);
    suite(&all)
}

fn script(steps: &str) -> Scenario {
    scenario(&text(steps))
}

fn text(steps: &str) -> String {
    let head = head("conformance").replace("needs = []", "needs = [\"outlives_kill\"]");
    format!("{head}[script]\nsteps = [\n{steps}\n]\n")
}

#[track_caller]
fn complains(text: &str, words: &str) {
    let Err(errors) = from_text("test.toml", text) else { panic!("no complaint about {text}") };
    let found: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(found.iter().any(|complaint| complaint.contains(words)), "{words}: {found:#?}");
}
