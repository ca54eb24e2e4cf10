//! The attack that the README writes.

use std::fs;
use std::path::Path;

use crate::support::{ends, suite};

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
}
