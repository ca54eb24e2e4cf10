//! The reports of a small hand-made run.

use std::sync::Arc;

use crate::schema::is_described_by;
use crate::support::{head, scenario};
use e2ee_reference::metadata::Version;
use e2ee_reference::recognise::AnyVersion;
use e2ee_suite::exit_code::ExitCode;
use e2ee_suite::judge::{Cause, Evidence, Judgement, StepLine, Verdict};
use e2ee_suite::monitors::Finding;
use e2ee_suite::play::Played;
use e2ee_suite::report::{
    ClientInfo, Printer, Report, ScenarioResult, Style, summary_line, to_json, to_junit,
};
use e2ee_suite::transcript::Mode;

fn played(verdict: Verdict, cause: Cause, reason: &str) -> Played {
    let script = "[script]\nsteps = [ { laptop.sync = {} } ]\n";
    let scenario = Arc::new(scenario(&(head("conformance") + script)));
    Played::unplayed(scenario, AnyVersion::V2(Version::V2_1), Judgement::unplayed(verdict, cause, reason), 34)
}

fn run() -> Vec<Played> {
    let mut exploited =
        played(Verdict::Exploited, Cause::Proof, "the attacker opened plans/x with eve's key");
    exploited.judgement.proof = Some(Evidence {
        kind: "attacker_reads".into(),
        text: "the attacker opened plans/x with eve's key".into(),
        exchanges: vec![14, 17],
        canary: Some("canary \u{1b}[31m <0123> & co".into()),
    });
    exploited.judgement.findings = vec![Finding {
        monitor: "leak".into(),
        requirements: vec!["R2-SEC-01".into()],
        play: Mode::Attack,
        text: "a name in the header x-name".into(),
        exchanges: vec![14],
        canary: None,
    }];
    exploited.judgement.steps = vec![StepLine {
        play: Mode::Attack,
        line: 17,
        actor: "laptop".into(),
        method: Some("write".into()),
        text: "write plans/x".into(),
        expected: "refused".into(),
        got: "ok".into(),
        met: false,
        reason: "expected refused, came ok".into(),
        notices: vec!["warning odd: something".into()],
        exchanges: Some((12, 17)),
        millis: 5,
    }];
    exploited.log = "laptop: \u{1}hello\n".into();
    vec![
        played(Verdict::Pass, Cause::None, ""),
        exploited,
        played(Verdict::Fail, Cause::Step, "line 3: expected refused, came ok \u{7}"),
        played(Verdict::Inconclusive, Cause::Reach, "no GET meta-data was seen after the attack"),
        played(Verdict::Skipped, Cause::Lacking, "the client lacks the feature share"),
        played(Verdict::Warn, Cause::Step, "the user was neither warned nor asked"),
        played(Verdict::Hang, Cause::Step, "no answer within 10 s"),
        played(Verdict::Error, Cause::Harness, "no temporary folder"),
    ]
}

fn report() -> Report {
    let client = ClientInfo {
        name: "a <client>".into(),
        version: "1.0".into(),
        command: "in process".into(),
        defects: Vec::new(),
        dialect: None,
    };
    let mut report = Report::new(client, 1_800_000_000, 2104, &run());
    report.tool.version = "0.0.0".into();
    report
}

#[test]
fn for_people() {
    for (name, verbose) in [("human", false), ("human-verbose", true)] {
        let mut out = Vec::new();
        let style = Style { verbose, ..Style::default() };
        let mut printer = Printer::new(&mut out, style, ["test"], 8);
        printer.head().expect("prints");
        for played in run() {
            printer.result(&ScenarioResult::of(&played)).expect("prints");
        }
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text}");
        insta::assert_snapshot!(name, text);
    }
    insta::assert_snapshot!(summary_line(&report().results, 2104), @"1 passed, 1 skipped, 1 warned, 1 inconclusive, 1 broken, 1 hung, 1 failed, 1 exploited in 2.10 s");
}

#[test]
fn for_ci_servers() {
    let xml = to_junit(&report()).expect("writes");
    assert!(!xml.chars().any(|c| c.is_control() && c != '\n'), "{xml}");
    insta::assert_snapshot!(xml);
}

#[test]
fn for_programs() {
    let text = to_json(&report()).expect("serialises");
    insta::assert_snapshot!(text);
    let again: Report = serde_json::from_str(&text).expect("parses");
    assert_eq!(again, report());
}

#[test]
fn the_schema_describes_the_report() {
    let value = serde_json::from_str(&to_json(&report()).expect("serialises")).expect("JSON");
    is_described_by("report", &value);
}

#[test]
fn the_worst_result_decides_the_exit_code() {
    let of = |verdicts: &[(Verdict, Cause)]| {
        let results: Vec<Played> =
            verdicts.iter().map(|(verdict, cause)| played(*verdict, *cause, "")).collect();
        ExitCode::of_run(&results)
    };
    let pass = (Verdict::Pass, Cause::None);
    let skipped = (Verdict::Skipped, Cause::Lacking);
    let inconclusive = (Verdict::Inconclusive, Cause::Reach);
    let harness = (Verdict::Error, Cause::Harness);
    let adapter = (Verdict::Error, Cause::Adapter);
    let fail = (Verdict::Fail, Cause::Step);
    assert_eq!(of(&[]), ExitCode::NothingRan);
    assert_eq!(of(&[skipped]), ExitCode::NothingRan);
    assert_eq!(of(&[pass, skipped]), ExitCode::Ok);
    assert_eq!(of(&[(Verdict::Warn, Cause::Step)]), ExitCode::Ok);
    assert_eq!(of(&[pass, inconclusive]), ExitCode::Inconclusive);
    assert_eq!(of(&[inconclusive, harness]), ExitCode::Internal);
    assert_eq!(of(&[inconclusive, harness, adapter]), ExitCode::ClientBroke);
    assert_eq!(of(&[adapter, fail]), ExitCode::Failed);
    assert_eq!(of(&[(Verdict::Hang, Cause::Step), pass]), ExitCode::Failed);
    assert_eq!(of(&[fail, (Verdict::Exploited, Cause::Proof)]), ExitCode::Exploited);
    let numbers: Vec<u8> = ExitCode::ALL.iter().map(|code| code.number()).collect();
    assert_eq!(numbers, [0, 1, 2, 4, 5, 10, 11, 96, 100, 101, 130]);
}
