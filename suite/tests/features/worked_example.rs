//! Scenarios that are not built in: the attack that the README writes, and what takes too long for every run.

use std::fs;
use std::path::Path;

use crate::support::{ends, suite};
use e2ee_suite::scenario::{built_in, from_dir};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/worked-example");

#[test]
fn the_readme_shows_the_file_that_is_played() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(top).expect("README");
    let example = fs::read_to_string(format!("{FOLDER}/note-slipped-in.toml")).expect("example");
    assert!(readme.contains(&format!("```toml\n{example}```\n")), "the README shows another text");
    assert!(example.lines().count() <= 25);
}

#[test]
fn it_plays_and_catches_what_it_claims() {
    ends(&suite(&["run", "--scenarios", FOLDER]), 0, &["2 passed"]);
    let defect = ["run", "--scenarios", FOLDER, "--defect", "accepts-invalid-signature"];
    ends(&suite(&defect), 100, &["expected refused, came ok"]);
    ends(&suite(&["selftest", "--scenarios", FOLDER]), 0, &["every check can fail"]);
    let full = suite(&["selftest", "--full", "--scenarios", FOLDER]);
    ends(&full, 0, &["every check can fail", "Caught without a claim", "crashes-on-hostile: 1"]);
}

#[test]
fn heavy_scenarios_are_right_and_play_only_when_asked_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("heavy-scenarios");
    let heavy = from_dir(&folder).expect("they are right");
    let built_in = built_in().expect("they are right");
    assert!(!heavy.is_empty());
    for scenario in heavy {
        assert!(built_in.iter().all(|other| other.id != scenario.id), "{} is built in", scenario.id);
    }
}
