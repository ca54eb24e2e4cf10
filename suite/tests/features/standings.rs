//! What a report says about the requirements.

use std::collections::BTreeMap;

use e2ee_suite::coverage::{Coverage, Standing, Standings, Stands, standings};
use e2ee_suite::judge::{Cause, Verdict};
use e2ee_suite::monitors::Finding;
use e2ee_suite::report::{ClientInfo, REPORT_VERSION, Report, ScenarioResult, ToolInfo, to_json};
use e2ee_suite::scenario::{Kind, built_in};
use e2ee_suite::transcript::Mode;

use crate::schema::is_described_by;
use crate::support::{ends, run, suite};

fn result(kind: Kind, verdict: Verdict, cause: Cause, cites: &[&str]) -> ScenarioResult {
    ScenarioResult {
        scenario: "test".into(),
        title: "A test".into(),
        kind,
        version: "2.1".into(),
        verdict,
        cause,
        reason: if verdict == Verdict::Pass { String::new() } else { "line 3: expected refused".into() },
        cites: cites.iter().map(|id| (*id).to_owned()).collect(),
        millis: 1,
        proof: None,
        findings: Vec::new(),
        steps: Vec::new(),
        log: String::new(),
    }
}

fn passed(cites: &[&str]) -> ScenarioResult {
    result(Kind::Attack, Verdict::Pass, Cause::None, cites)
}

fn found(requirements: &[&str]) -> ScenarioResult {
    let mut result = result(Kind::Conformance, Verdict::Fail, Cause::Monitor, &["R2-MOD-10"]);
    result.findings.push(Finding {
        monitor: "leak".into(),
        requirements: requirements.iter().map(|id| (*id).to_owned()).collect(),
        play: Mode::Single,
        text: "a name in a header".into(),
        exchanges: vec![7],
        canary: None,
    });
    result
}

fn report(results: Vec<ScenarioResult>) -> Report {
    Report {
        schema_version: REPORT_VERSION,
        tool: ToolInfo { name: "e2ee-suite".into(), version: "0".into() },
        client: ClientInfo {
            name: "a\u{1b}[31m client".into(),
            version: "4.2".into(),
            command: "in process".into(),
            defects: Vec::new(),
            dialect: None,
        },
        started: 1_800_000_000,
        millis: 1,
        exit_code: 0,
        summary: BTreeMap::new(),
        results,
    }
}

fn all(results: Vec<ScenarioResult>) -> Standings {
    let scenarios = built_in().expect("the scenarios are right");
    standings(&report(results), &Coverage::new(&scenarios).expect("well formed"))
}

#[track_caller]
fn of(results: Vec<ScenarioResult>, id: &str) -> Standing {
    all(results).requirements.into_iter().find(|one| one.id == id).expect("a requirement")
}

#[test]
fn a_requirement_holds_when_something_about_it_has_passed_and_nothing_failed() {
    let one = of(vec![passed(&["ATK-CTR-01", "R2-VER-03"])], "R2-VER-03");
    assert_eq!((one.stands, one.because[0].scenario.as_deref()), (Stands::Holds, Some("test")));
    let failed = result(Kind::Attack, Verdict::Exploited, Cause::Proof, &["R2-VER-03"]);
    let one = of(vec![passed(&["R2-VER-03"]), failed], "R2-VER-03");
    assert_eq!((one.stands, one.because.len()), (Stands::Fails, 1));
}

#[test]
fn what_is_about_several_leaves_each_of_them_in_doubt() {
    let failed = result(Kind::Attack, Verdict::Fail, Cause::Step, &["ATK-X", "R2-VER-03", "R2-VER-04"]);
    let one = of(vec![failed.clone(), passed(&["R2-VER-03"])], "R2-VER-03");
    assert_eq!(one.stands, Stands::InDoubt);
    assert_eq!(one.because[0].also_about, ["R2-VER-04"]);
    assert!(one.because[0].text.contains("expected refused"));
    // Together with a failure of its own it is told, too.
    let alone = result(Kind::Attack, Verdict::Fail, Cause::Step, &["ATK-X", "R2-VER-03"]);
    let one = of(vec![failed, alone], "R2-VER-03");
    assert_eq!((one.stands, one.because.len()), (Stands::Fails, 2));
}

#[test]
fn on_an_honest_server_anything_on_the_way_may_have_failed() {
    for kind in [Kind::Conformance, Kind::Robustness] {
        let failed = result(kind, Verdict::Fail, Cause::Step, &["R2-MOD-10"]);
        assert_eq!(of(vec![failed], "R2-MOD-10").stands, Stands::InDoubt);
    }
    for verdict in [Verdict::Hang, Verdict::Warn] {
        let odd = result(Kind::Attack, verdict, Cause::Step, &["R2-MOD-10"]);
        assert_eq!(of(vec![odd, passed(&["R2-MOD-10"])], "R2-MOD-10").stands, Stands::InDoubt);
    }
}

#[test]
fn what_a_monitor_has_found_is_about_its_own_requirements() {
    let one = of(vec![found(&["R2-SEC-01", "LEAK-01"])], "R2-SEC-01");
    assert_eq!((one.stands, one.because[0].monitor.as_deref()), (Stands::Fails, Some("leak")));
    assert_eq!(of(vec![found(&["R2-SEC-01", "R2-SEC-03"])], "R2-SEC-01").stands, Stands::InDoubt);
    // The scenario was not judged to its end.
    let one = of(vec![found(&["R2-SEC-01"])], "R2-MOD-10");
    assert_eq!((one.stands, one.because[0].verdict), (Stands::NotReached, Some(Verdict::Fail)));
}

#[test]
fn a_departure_is_about_its_own_requirement() {
    let mut one = result(Kind::Conformance, Verdict::Warn, Cause::Monitor, &["R2-MOD-13", "R2-MOD-10"]);
    one.findings.extend(found(&["R2-MOD-13"]).findings);
    assert_eq!(of(vec![one.clone()], "R2-MOD-13").stands, Stands::Fails);
    assert_eq!(of(vec![one], "R2-MOD-10").stands, Stands::Holds);
}

#[test]
fn what_was_not_reached_says_why() {
    for verdict in [Verdict::Skipped, Verdict::Inconclusive, Verdict::Error] {
        let one = of(vec![result(Kind::Attack, verdict, Cause::Lacking, &["R2-VER-03"])], "R2-VER-03");
        assert_eq!((one.stands, one.because[0].verdict), (Stands::NotReached, Some(verdict)));
    }
    let why = |id: &str| {
        let one = of(Vec::new(), id);
        assert_eq!(one.stands, Stands::NotReached);
        one.because[0].text.clone()
    };
    assert!(why("R2-VER-03").starts_with("not in this run: "), "{}", why("R2-VER-03"));
    assert!(why("R2-MD-15").starts_with("no scenario is about it; "), "{}", why("R2-MD-15"));
    assert!(why("R2-KEY-16").starts_with("client-report: "), "{}", why("R2-KEY-16"));
    assert!(why("R2-MD-02").starts_with("watched for by valid-uploads"), "{}", why("R2-MD-02"));
}

#[test]
fn every_requirement_stands_somewhere() {
    let found = all(vec![passed(&["R2-VER-03"])]);
    assert_eq!(found.requirements.len(), 233);
    assert_eq!(found.summary.values().sum::<usize>(), 233);
    assert_eq!(found.summary[&Stands::Holds], 1);
    let text = serde_json::to_string(&found).expect("serialises");
    assert_eq!(serde_json::from_str::<Standings>(&text).expect("parses"), found);
}

#[test]
fn the_command_reads_what_a_run_has_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (good, bad) = (path("good.json"), path("bad.json"));
    ends(&run(&["rollback", "--json", &good]), 0, &[]);
    ends(&suite(&["report", &good]), 0, &["holds (", "R2-VER-03 ", "rollback 2.1", "0 fails, 0 in doubt, "]);
    ends(&run(&["rollback", "--defect", "ignores-counter", "--json", &bad]), 101, &[]);
    let done = suite(&["report", &bad, "--format", "json"]);
    ends(&done, 100, &[]);
    is_described_by("standings", &serde_json::from_slice(&done.stdout).expect("JSON"));
    let told: Standings = serde_json::from_slice(&done.stdout).expect("JSON");
    let one = told.requirements.iter().find(|one| one.id == "R2-VER-03").expect("a requirement");
    assert!(matches!(one.stands, Stands::Fails | Stands::InDoubt), "{one:?}");
}

#[test]
fn reports_that_cannot_be_used_are_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("writes");
        path.display().to_string()
    };
    ends(&suite(&["report", "/no/such/file"]), 96, &["cannot use the report /no/such/file: "]);
    ends(&suite(&["report", &at("text.json", "hello")]), 96, &["expected value"]);
    let other = at("other.json", r#"{"schema_version": 99}"#);
    ends(&suite(&["report", &other]), 96, &["schema_version: expected ", ", found 99"]);
    let empty = at("empty.json", &to_json(&report(Vec::new())).expect("serialises"));
    let done = suite(&["report", &empty]);
    ends(&done, 4, &["233 not reached"]);
    assert!(!done.stdout.contains(&0x1b), "what a client says must not reach the terminal");
}
