//! The list of requirements is complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use e2ee_vectors::published;
use serde_json::Value;

use crate::{golden, vectors_in};

/// Every requirement that the catalogue calls testable by a vector stands in `requirements.json`, and so in
/// the ledger; that each has vectors or a reason is checked when the ledger is written.
#[test]
fn all_requirements_that_vectors_can_test_are_listed() {
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/protocol/requirements.md");
    let Ok(catalogue) = fs::read_to_string(catalogue) else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the catalogue of requirements is missing");
        eprintln!("skipped: the catalogue of requirements is not here");
        return;
    };
    let text = fs::read_to_string(golden().join("requirements.json")).unwrap();
    let listed: Value = serde_json::from_str(&text).unwrap();
    let listed: BTreeSet<_> =
        listed.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let rows = catalogue.lines().filter(|line| line.starts_with("| R"));
    let testable: BTreeSet<_> = rows.filter_map(testable).collect();
    assert!(testable.len() > 100, "{} requirements found", testable.len());
    assert_eq!(testable, listed);
}

/// The id of a row whose column "check" has a V. Part 1.2 has no column for the level.
fn testable(row: &str) -> Option<&str> {
    let (id, rest) = row.strip_prefix("| ")?.split_once(" |")?;
    let columns: Vec<_> = rest.split(" | ").collect();
    let check = columns.get(columns.len().checked_sub(2)?)?;
    check.contains('V').then_some(id)
}

#[test]
fn the_published_ledger_is_read_back() {
    let published = published();
    let vectors = vectors_in(&golden());
    let mut cited = 0;
    for (_, vector) in &vectors {
        cited += vector.requirements.len();
        for id in &vector.requirements {
            assert!(published.requirements[id.as_str()].contains(&vector.id.as_str()), "{id}: {}", vector.id);
        }
        if let Some(rule) = &vector.expected.rule {
            assert!(published.rules[rule.as_str()].contains(&vector.id.as_str()), "{rule}: {}", vector.id);
        }
    }
    assert_eq!(published.requirements.values().map(Vec::len).sum::<usize>(), cited);
}
