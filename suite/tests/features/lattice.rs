//! The generated scenarios of versions that meet.

use std::collections::BTreeSet;

use e2ee_suite::lattice::{Expected, Point, expected, scenarios};
use e2ee_suite::scenario::{Kind, from_text};

#[test]
fn every_point_is_decided_and_those_that_are_played_have_a_scenario() {
    let made = scenarios().expect("the generator's texts are right");
    let ids: BTreeSet<&str> = made.iter().map(|scenario| scenario.id.as_str()).collect();
    assert_eq!(ids.len(), made.len());
    assert_eq!(Point::all().count(), 125);
    let played = Point::all().filter(|point| !matches!(expected(*point), Expected::Unplayed(_)));
    assert_eq!(played.count(), made.len());
    for id in ["lattice-1-2-to-2-1-on-2-0", "lattice-2-1-to-2-1-on-1-2", "lattice-1-0-to-1-0-on-1-0"] {
        assert!(ids.contains(id), "{id}");
    }
}

#[test]
fn their_texts_are_scenario_files_like_any_other() {
    for scenario in scenarios().expect("the generator's texts are right") {
        let again = from_text(&scenario.file, &scenario.source).expect("its own text");
        assert_eq!(again.id, scenario.id);
        let falls = scenario.kind == Kind::Attack;
        assert_eq!(falls, scenario.has_twin() && !scenario.reach.is_empty(), "{}", scenario.id);
    }
}

/// What refuses or fakes everything says nothing about versions.
#[test]
fn each_of_them_tells_a_device_that_is_wrong_about_versions() {
    let about_versions = [
        "ignores-announced-version",
        "keeps-old-version",
        "overwrites-unknown-version",
        "speaks-newer-interface",
        "speaks-older-interface",
        "uploads-plaintext-without-capability",
        "writes-announced-version",
        "writes-oldest-version",
        "writes-plainly-where-unread",
    ];
    let mut claimed = BTreeSet::new();
    for scenario in scenarios().expect("the generator's texts are right") {
        assert!(!scenario.catches.is_empty(), "{}", scenario.id);
        claimed.extend(scenario.catches);
    }
    assert_eq!(claimed, about_versions.map(str::to_owned).into());
}
