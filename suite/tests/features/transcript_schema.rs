//! The files of `run --transcripts` and their schema.

use std::collections::BTreeSet;
use std::fs;

use e2ee_adapter::protocol::{Answer, Notice, Released};
use e2ee_mock_server::Endpoint;
use e2ee_suite::scenario::{Action, built_in};
use e2ee_suite::transcript::{Asked, Deed, Mode, Moment, Outcome};
use serde_json::{Value, json};

use crate::schema::{is_described_as, is_described_by, members_of};
use crate::support::{exchange, head, run, scenario, snapshot, transcript};

#[test]
fn the_schema_describes_what_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("kept");
    let kept_at = kept.display().to_string();
    // A verdict is not asked for here: exit codes differ.
    run(&["--defect", "accepts-phantom-member", "--transcripts", &kept_at]);
    let read = |path: &std::path::Path| -> Value {
        serde_json::from_str(&fs::read_to_string(path).expect("reads")).expect("JSON")
    };
    is_described_as("transcript", "run", &read(&kept.join("run.json")));
    let plays = fs::read_dir(kept.join("plays")).expect("a folder");
    let mut planted = 0;
    let mut number = 0;
    for play in plays {
        let play = read(&play.expect("a file").path());
        is_described_as("transcript", "case", &play);
        is_described_by("transcript", &play);
        planted += play["played"]["attacker"]["private_keys"].as_array().map_or(0, Vec::len);
        number += 1;
    }
    assert!(number > 2 && planted > 0, "{number} plays with {planted} keys of attackers");
}

#[test]
fn the_schema_describes_whatever_can_come_of_a_step() {
    let script = "[script]\nsteps = [ { laptop.sync = {} } ]\n";
    let play = transcript(&scenario(&(head("conformance") + script)), Mode::Single, Vec::new());
    let released = vec![Released { path: "a".into(), sha256: "b".into(), size: 3 }];
    let words = || "no".to_owned();
    let outcomes = [
        Outcome::Ok(json!({ "entries": [] })),
        Outcome::Refused { reason: words(), released: released.clone() },
        Outcome::Failed { reason: words(), released },
        Outcome::Busy(words()),
        Outcome::Unsupported(words()),
        Outcome::Crashed(words()),
        Outcome::Garbage(words()),
        Outcome::Hung(10),
        Outcome::Killed(Endpoint::PutMetadata),
        Outcome::MoveFailed(words()),
    ];
    let known: BTreeSet<String> = outcomes.iter().map(|outcome| only_member(&json(outcome))).collect();
    assert_eq!(known, members_of("transcript", "outcome"));
    for outcome in outcomes {
        let mut play = play.clone();
        play.steps[0].outcome = outcome;
        play.steps[0].deed = Deed::Move(json!({ "relent": {} }));
        let notice = Notice { kind: "k".into(), text: "t".into() };
        play.steps[0].warnings = vec![notice.clone()];
        play.steps[0].questions = vec![Asked { notice, answer: Answer::Yes }];
        play.snapshots = vec![snapshot(Moment::End, &[("a", b"b")])];
        play.broken = Some(words());
        let endpoints = Endpoint::ALL.iter().zip(1..);
        play.exchanges = endpoints.map(|(endpoint, number)| exchange(number, *endpoint).into()).collect();
        is_described_as("transcript", "transcript", &json(&play));
    }
}

/// Both ways: what scenarios ask of devices is described, and what is described is asked by one of them.
#[test]
fn the_schema_describes_all_actions() {
    let scenarios = built_in().expect("the scenarios are right");
    let steps = scenarios.iter().flat_map(|scenario| scenario.device_steps());
    let mut actions: Vec<Action> = steps.map(|step| step.action.clone()).collect();
    // Nobody asks for it in a scenario; the judge does.
    actions.push(Action::Tree {});
    let mut asked = BTreeSet::new();
    for action in actions {
        let action = json(&action);
        is_described_as("transcript", "action", &action);
        asked.insert(only_member(&action));
    }
    assert_eq!(asked, members_of("transcript", "action"));
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("serialises")
}

fn only_member(value: &Value) -> String {
    let members: Vec<&String> = value.as_object().expect("an object").keys().collect();
    assert_eq!(members.len(), 1, "{value}");
    members[0].clone()
}
