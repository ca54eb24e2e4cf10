//! The ledger of the attack catalogue.

use std::path::Path;

use e2ee_suite::coverage::{entries, ledger};
use e2ee_suite::scenario::built_in;

#[test]
fn the_entries_are_those_of_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/protocol/attacks.md");
    let Ok(catalogue) = std::fs::read_to_string(&path) else {
        eprintln!("not checked: the attack catalogue is not there");
        assert!(std::env::var("CI").as_deref() != Ok("true"), "the attack catalogue must be there in CI");
        return;
    };
    let heading = |line: &str| {
        let (number, rest) = line.strip_prefix("### ")?.split_once(". ")?;
        number.parse::<u32>().ok()?;
        rest.split_once(':').map(|(id, _)| id.to_owned())
    };
    let wanted: Vec<String> = catalogue.lines().filter_map(heading).collect();
    let found: Vec<&str> = entries().map(|(id, _)| id).collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_catalogue_id_that_is_cited_exists() {
    let scenarios = built_in().expect("the scenarios are right");
    let known: Vec<&str> = entries().map(|(id, _)| id).collect();
    for scenario in &scenarios {
        let of_catalogue =
            |id: &&String| ["ATK-", "ROB-", "LEAK-"].iter().any(|prefix| id.starts_with(prefix));
        for id in scenario.cites.iter().filter(of_catalogue) {
            assert!(known.contains(&id.as_str()), "{} cites {id}", scenario.id);
        }
    }
}

#[test]
fn what_is_reached_stays_reached() {
    let scenarios = built_in().expect("the scenarios are right");
    let ledger = ledger(&scenarios);
    let reached = ledger.iter().filter(|entry| entry.is_reached()).count();
    assert!(reached >= 70, "{reached} entries are reached");
}
