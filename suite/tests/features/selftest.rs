//! What a matrix of hand-made results proves, and what it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use e2ee_reference::dialect::Dialect;
use e2ee_reference::recognise::AnyVersion;
use e2ee_suite::judge::{Cause, Verdict};
use e2ee_suite::scenario::Kind;
use e2ee_suite::selftest::{Cell, Heard, Matrix, Pairs, Row, Spoken, prove, unclaimed};

use crate::support::{head, scenario};

fn cell(verdict: Verdict, cause: Cause) -> Cell {
    Cell {
        verdict,
        cause,
        reason: "2.1: so it is".into(),
        monitors: BTreeSet::new(),
        passed: verdict == Verdict::Pass,
        refused: false,
    }
}

fn pass() -> Cell {
    cell(Verdict::Pass, Cause::None)
}

fn row(defect: Option<&'static str>, cell: Cell) -> Row {
    Row { defect, cells: BTreeMap::from([("test".to_owned(), cell)]) }
}

/// One attack scenario that claims `ignores-counter`, whose `sync` the honest client refuses.
fn matrix(defects: Vec<Row>) -> Matrix {
    let script = r#"[script]
steps = [ { attack.rollback = { to = "x" } }, { laptop.sync = {}, expect = "refused" } ]
reach = "GET meta-data"
"#;
    let scenario = scenario(&(head("attack") + script));
    assert_eq!(scenario.kind, Kind::Attack);
    let mut honest = pass();
    honest.refused = true;
    let pairs = Pairs::Telling;
    Matrix {
        whole: true,
        pairs,
        scenarios: vec![Arc::new(scenario)],
        honest: row(None, honest),
        spoken: Vec::new(),
        dialect: Dialect::SPECIFIED,
        defects,
    }
}

/// What is wrong, apart from monitors and dialects, which these matrices do not feed.
fn wrong(matrix: &Matrix) -> Vec<String> {
    let unfed = |line: &String| line.starts_with("monitor ") || line.starts_with("the dialect ");
    prove(matrix).into_iter().filter(|line| !unfed(line)).collect()
}

fn caught() -> Row {
    row(Some("ignores-counter"), cell(Verdict::Exploited, Cause::Proof))
}

#[test]
fn a_good_matrix_is_good() {
    assert_eq!(wrong(&matrix(vec![caught()])), Vec::<String>::new());
}

#[test]
fn the_honest_client_must_pass() {
    let mut bad = matrix(vec![caught()]);
    bad.honest = row(None, cell(Verdict::Inconclusive, Cause::Reach));
    assert_eq!(wrong(&bad), ["test: the honest client gets inconclusive (2.1: so it is)"]);
}

#[test]
fn a_claim_must_be_kept() {
    let missed = row(Some("ignores-counter"), cell(Verdict::Inconclusive, Cause::Twin));
    let found = wrong(&matrix(vec![missed]));
    assert!(found.iter().any(|line| line.starts_with("test claims to catch ignores-counter")), "{found:?}");
    assert!(found.iter().any(|line| line == "nothing catches ignores-counter"), "{found:?}");
    let found = wrong(&matrix(Vec::new()));
    assert!(found.iter().any(|line| line == "test was not played with ignores-counter"), "{found:?}");
}

#[test]
fn an_attack_scenario_must_catch_something_by_itself() {
    let by_monitor = row(Some("ignores-counter"), cell(Verdict::Fail, Cause::Monitor));
    assert_eq!(wrong(&matrix(vec![by_monitor])), ["test catches nothing that the monitors do not catch"]);
}

#[test]
fn every_monitor_must_catch_what_it_claims() {
    let found = prove(&matrix(vec![caught()]));
    assert!(
        found.iter().any(|line| line == "monitor leak claims to catch leaks-mnemonic and does not"),
        "{found:?}"
    );
    let mut leak = cell(Verdict::Fail, Cause::Monitor);
    leak.monitors.insert("leak".into());
    let found = prove(&matrix(vec![caught(), row(Some("leaks-mnemonic"), leak)]));
    assert!(!found.iter().any(|line| line.contains("leaks-mnemonic")), "{found:?}");
}

#[test]
fn in_no_dialect_may_the_honest_client_be_accused() {
    let heard = |verdict, found: &[&str]| Heard {
        scenario: "test".to_owned(),
        version: AnyVersion::ALL[4],
        verdict,
        reason: "so it is".to_owned(),
        found: found.iter().map(|it| ("departures".to_owned(), (*it).to_owned())).collect(),
    };
    let mut all = matrix(vec![caught()]);
    let desktop = |play| Spoken { dialect: Dialect::DESKTOP, peer: Dialect::WEB, plays: vec![play] };
    all.spoken = vec![desktop(heard(Verdict::Fail, &[]))];
    let alarm = "test in 2.1: the honest client in the dialect desktop (beside web) gets fail (so it is)";
    assert_eq!(wrong(&all), [alarm]);
    // What is said of a dialect has to show, or it is no more than an excuse.
    let about = "the dialect desktop is said to depart from R2-MOD-06, and nothing shows it";
    assert!(prove(&all).iter().any(|line| line == about));
    all.spoken = vec![desktop(heard(Verdict::Warn, &["R2-MOD-06"]))];
    assert!(!prove(&all).iter().any(|line| line == about || line == alarm));
}

#[test]
fn nothing_is_asked_where_the_dialect_cannot_play() {
    let refused = Heard {
        scenario: "test".to_owned(),
        version: AnyVersion::ALL[4],
        verdict: Verdict::Fail,
        reason: "400 Invalid private key format".to_owned(),
        found: BTreeSet::new(),
    };
    let missed = row(Some("ignores-counter"), cell(Verdict::Inconclusive, Cause::Twin));
    let mut all = matrix(vec![missed]);
    all.dialect = Dialect::IOS;
    all.spoken = vec![Spoken { dialect: Dialect::IOS, peer: Dialect::SPECIFIED, plays: vec![refused] }];
    assert_eq!(wrong(&all), [] as [&str; 0]);
    all.spoken[0].plays[0].verdict = Verdict::Pass;
    assert!(wrong(&all).iter().any(|line| line.starts_with("test claims to catch ignores-counter")));
}

#[test]
fn a_liar_must_pass_nothing_where_it_can_be_seen() {
    for liar in
        ["refuses-everything", "lies-about-success", "crashes-on-hostile", "hangs-on-hostile", "never-syncs"]
    {
        assert_eq!(
            wrong(&matrix(vec![caught(), row(Some(liar), pass())])),
            [format!("test is passed by {liar}")]
        );
    }
    // Who has nothing to refuse has nothing to crash at.
    let mut harmless = matrix(vec![caught(), row(Some("crashes-on-hostile"), pass())]);
    harmless.honest = row(None, pass());
    assert_eq!(wrong(&harmless), Vec::<String>::new());
}

#[test]
fn a_scenario_without_a_defect_proves_nothing() {
    let mut without = matrix(vec![caught()]);
    Arc::make_mut(&mut without.scenarios[0]).catches.clear();
    assert_eq!(wrong(&without), ["test cannot tell the honest client from any defect"]);
}

#[test]
fn of_some_scenarios_not_everything_is_asked() {
    let mut some = matrix(vec![caught(), row(Some("keeps-counter"), pass())]);
    assert!(!prove(&some).is_empty());
    some.whole = false;
    assert_eq!(prove(&some), Vec::<String>::new());
}

#[test]
fn where_all_pairs_are_played_even_liars_are_caught() {
    let mut all = matrix(vec![caught(), row(Some("never-syncs"), cell(Verdict::Warn, Cause::Step))]);
    assert_eq!(wrong(&all), Vec::<String>::new());
    all.pairs = Pairs::All;
    assert_eq!(wrong(&all), ["nothing catches never-syncs"]);
}

#[test]
fn what_is_caught_without_a_claim_is_no_mistake() {
    let mut leak = cell(Verdict::Fail, Cause::Monitor);
    leak.monitors.insert("leak".into());
    let mut all = matrix(vec![
        caught(),
        row(Some("keeps-counter"), cell(Verdict::Fail, Cause::Step)),
        // The monitor claims it.
        row(Some("leaks-mnemonic"), leak),
        row(Some("never-unlocks"), pass()),
        row(Some("reuses-file-key"), cell(Verdict::Inconclusive, Cause::Twin)),
    ]);
    all.whole = false;
    all.pairs = Pairs::All;
    assert_eq!(prove(&all), Vec::<String>::new());
    let found = unclaimed(&all);
    let found: Vec<(&str, &str)> =
        found.iter().flat_map(|(defect, caught)| caught.iter().map(|one| (*defect, one.scenario))).collect();
    assert_eq!(found, [("keeps-counter", "test")]);
}
