//! The ledger of the attack catalogue and of the requirements.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use e2ee_reference::trust;
use e2ee_suite::coverage::{
    Coverage, Item, benches, entries, fuzz_targets, publications, reasons, requirements, variants,
};
use e2ee_suite::lattice;
use e2ee_suite::monitors::MONITORS;
use e2ee_suite::scenario::{Scenario, built_in, from_dir};
use e2ee_vectors::published;
use serde_json::Value;

use crate::schema::is_described_by;
use crate::support::{SCENARIOS, ends, suite};

fn scenarios() -> Vec<Scenario> {
    built_in().expect("the scenarios are right")
}

/// With the lattice of versions.
fn all() -> Vec<Scenario> {
    let mut all = scenarios();
    all.extend(lattice::scenarios().expect("the lattice is right"));
    all
}

fn coverage(scenarios: &[Scenario]) -> Coverage<'_> {
    Coverage::new(scenarios).expect("the lists are well formed")
}

fn known() -> BTreeSet<&'static str> {
    entries().chain(requirements()).chain(publications()).map(|(id, _)| id).collect()
}

/// A document beside the project, which CI must have.
fn shared(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/protocol").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("not checked: {name} is not there");
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} must be there in CI");
    }
    text
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/coverage").join(name)
}

fn lines(name: &str) -> usize {
    std::fs::read_to_string(source(name)).expect("reads").lines().count()
}

#[test]
fn the_entries_are_those_of_the_catalogue() {
    let Some(catalogue) = shared("attacks.md") else { return };
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
fn the_requirements_are_those_of_the_specification() {
    let Some(listed) = shared("requirements.md") else { return };
    let row = |line: &str| {
        let (id, _) = line.strip_prefix("| R")?.split_once(" |")?;
        id.ends_with(|last: char| last.is_ascii_digit()).then(|| format!("R{id}"))
    };
    let wanted: Vec<String> = listed.lines().filter_map(row).collect();
    assert!(wanted.len() > 200, "{} requirements found", wanted.len());
    let found: Vec<&str> = requirements().map(|(id, _)| id).collect();
    assert_eq!(found, wanted);
}

/// Whatever the catalogue says was published about end-to-end encryption can be asked for.
#[test]
fn the_publications_are_those_of_the_catalogue() {
    let Some(catalogue) = shared("attacks.md") else { return };
    let (_, published) = catalogue.split_once("\n## 4. ").expect("a section of published attacks");
    let (published, _) = published.split_once("\n## 5. ").expect("another section");
    let of_clients = published.lines().filter(|line| !line.starts_with("| not E2EE |"));
    let words = of_clients.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-'));
    let wanted: BTreeSet<&str> =
        words.filter(|word| word.starts_with("CVE-") || word.starts_with("GHSA-")).collect();
    assert!(wanted.len() >= 10, "{wanted:?}");
    let known = known();
    let missing: Vec<&&str> = wanted.iter().filter(|id| !known.contains(**id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for paper in ["eprint-2024/546:", "eprint-2024/1616:"] {
        let attacks = publications().filter(|(id, _)| id.starts_with(paper)).count();
        assert_eq!(attacks, if paper.contains("1616") { 10 } else { 3 }, "{paper}");
    }
}

#[test]
fn what_was_published_can_be_asked_for() {
    let scenarios = scenarios();
    for (id, _) in publications() {
        let asked = suite(&["list", id]);
        let played = scenarios.iter().any(|scenario| scenario.cites.iter().any(|cited| cited == id));
        assert_eq!(asked.status.code(), Some(if played { 0 } else { 4 }), "{id}");
    }
    ends(
        &suite(&["list", "eprint-2024/546"]),
        0,
        &["key-inserted ", "empty-metadata-key ", "file-lifecycle "],
    );
    ends(&suite(&["list", "cve-2021-32658"]), 4, &["nothing plays cve-2021-32658: what is left"]);
    ends(
        &suite(&["list", "CVE-2020-8229"]),
        4,
        &["no scenario fits", "CVE-2020-8229: see `e2ee-suite coverage CVE"],
    );
    ends(&suite(&["run", "GHSA-0000"]), 4, &["no scenario fits (of ", "GHSA-0000: see "]);
    ends(
        &suite(&["coverage", "CVE-2020-8229"]),
        4,
        &["no requirement has the id CVE-2020-8229", "see `e2ee-suite"],
    );
    ends(
        &suite(&["coverage", "CVE", "GHSA", "eprint"]),
        0,
        &["CVE-2023-28997 ", "eprint-2024/1616:chunking "],
    );
    ends(&suite(&["coverage"]), 0, &["CVE-2023-35173 ", "GHSA-8875-wxww-3rr8 "]);
}

#[test]
fn no_line_of_the_lists_is_lost() {
    assert_eq!(entries().count(), lines("entries.txt"));
    assert_eq!(requirements().count(), lines("requirements.txt"));
    assert_eq!(fuzz_targets().count(), lines("fuzz.txt"));
    assert_eq!(benches().count(), lines("benches.txt"));
    assert_eq!(reasons().count(), lines("reasons.txt"));
    assert_eq!(publications().count(), lines("publications.txt"));
    assert_eq!(variants().count() + entries().count(), lines("variants.txt"));
    assert!(variants().all(|listed| listed.players().next().is_some() || listed.reason().is_some()));
    let all = entries().count() + requirements().count() + publications().count();
    assert_eq!(known().len(), all, "an id stands there twice");
}

#[test]
fn every_id_that_is_cited_exists() {
    let (known, scenarios) = (known(), scenarios());
    let wrong = |who: &str, ids: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        ids.filter(|id| !known.contains(id)).map(|id| format!("{who}: {id}")).collect()
    };
    let mut found = Vec::new();
    for scenario in &scenarios {
        found.extend(wrong(&scenario.id, &mut scenario.cites.iter().map(String::as_str)));
    }
    for monitor in MONITORS {
        found.extend(wrong(monitor.name, &mut monitor.requirements.iter().copied()));
    }
    let rules = [trust::RULES, trust::CERTIFICATE_RULES, trust::ENTRY_RULES, trust::V1_RULES];
    for rule in rules.into_iter().flatten() {
        found.extend(wrong(rule.name, &mut rule.requirements.iter().copied()));
    }
    found.extend(wrong("a vector", &mut published().requirements.keys().copied()));
    for (name, ids) in fuzz_targets().chain(benches()) {
        found.extend(wrong(name, &mut ids.into_iter()));
    }
    for one in &coverage(&scenarios).ambiguities {
        found.extend(wrong(&one.about, &mut one.ids.iter().map(String::as_str)));
    }
    found.extend(wrong("a reason", &mut reasons().map(|(id, _)| id)));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn everything_is_reached_or_explained() {
    let scenarios = all();
    let gaps: Vec<String> =
        coverage(&scenarios).items().filter(|item| item.is_gap()).map(|item| item.id.to_owned()).collect();
    assert!(gaps.is_empty(), "neither reached nor explained (see reasons.txt): {gaps:?}");
}

/// Whatever is said to play a variant is there, and cites the entry; every entry says what it consists of.
#[test]
fn the_variants_of_entries_are_played_by_what_cites_them() {
    let played = all();
    let heavy = Path::new(env!("CARGO_MANIFEST_DIR")).join("heavy-scenarios");
    let heavy = from_dir(&heavy).expect("the scenarios are right");
    let mut wrong = Vec::new();
    for listed in variants() {
        for player in listed.players() {
            let cites = |scenario: &Scenario| scenario.cites.iter().any(|cited| cited == listed.entry);
            let is_played = match player.heavy() {
                Some(id) => heavy.iter().any(|scenario| scenario.id == id && cites(scenario)),
                None => played.iter().any(|scenario| player.is_scenario(&scenario.id) && cites(scenario)),
            };
            let watches = |name: &str, ids: &[&str]| player.is_monitor(name) && ids.contains(&listed.entry);
            if !is_played && !MONITORS.iter().any(|monitor| watches(monitor.name, monitor.requirements)) {
                wrong.push(format!("{}: {} by {}", listed.entry, listed.title, player.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "not there, or about something else: {wrong:#?}");
    let of = |entry: &str| variants().filter(|listed| listed.entry == entry).count();
    let without: Vec<&str> = entries().map(|(id, _)| id).filter(|id| of(id) == 0).collect();
    assert!(without.is_empty(), "without variants: {without:?}");
}

#[test]
fn no_reason_stands_beside_what_reaches() {
    let scenarios = scenarios();
    let coverage = coverage(&scenarios);
    let given: BTreeSet<&str> = reasons().map(|(id, _)| id).collect();
    let stale: Vec<&str> = coverage
        .items()
        .filter(|item| item.is_reached() && given.contains(item.id))
        .map(|item| item.id)
        .collect();
    assert!(stale.is_empty(), "reached by now, take them out of reasons.txt: {stale:?}");
}

#[test]
fn what_supersedes_is_itself_reached() {
    let scenarios = scenarios();
    let coverage = coverage(&scenarios);
    let mut named = 0;
    for (id, reason) in reasons() {
        let words = reason.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        for other in words.filter(|word| word.len() > 6 && known().contains(word)) {
            let found = coverage.items().find(|item| item.id == other);
            assert!(found.is_some_and(Item::is_reached), "{id} points to {other}, which nothing reaches");
            named += 1;
        }
    }
    assert!(named > 10, "{named} are named");
}

#[test]
fn every_ambiguity_has_two_sides_and_a_ruling() {
    let scenarios = scenarios();
    let coverage = coverage(&scenarios);
    assert!(coverage.ambiguities.len() > 20, "{} ambiguities", coverage.ambiguities.len());
    for one in &coverage.ambiguities {
        assert!(one.sides.len() >= 2 && !one.ids.is_empty() && one.ruling.ends_with('.'), "{one:?}");
        assert!(one.about.ends_with('?'), "{one:?}");
    }
}

#[test]
fn fuzz_targets_exist() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    for (name, _) in fuzz_targets() {
        assert!(folder.join(format!("{name}.rs")).exists(), "no fuzz target {name}");
    }
}

/// Every group of benches is in the list, and the list has no other.
#[test]
fn benches_exist() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/benches/core");
    let mut groups = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("a folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("reads");
        let named = text.split("benchmark_group(\"").skip(1).filter_map(|rest| rest.split_once('"'));
        groups.extend(named.map(|(name, _)| name.to_owned()));
    }
    let listed: BTreeSet<String> = benches().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(listed, groups);
}

/// What was reached once is not lost again by renaming a scenario or a citation.
#[test]
fn what_is_reached_stays_reached() {
    let scenarios = all();
    let coverage = coverage(&scenarios);
    let (entries, requirements) = (&coverage.entry_totals, &coverage.requirement_totals);
    let variants = &coverage.variant_totals;
    assert!(entries.played >= 99, "{entries:?}");
    assert!(variants.played >= 200 && variants.gaps == 0, "{variants:?}");
    assert!(requirements.played >= 128, "{requirements:?}");
    assert!(requirements.played + requirements.vectors_only >= 170, "{requirements:?}");
}

#[test]
fn the_command_lists_both_ledgers() {
    let done = suite(&["coverage"]);
    ends(
        &done,
        0,
        &[
            "ATK-SIG-01 ",
            "forged-signer",
            "R2-VER-04 ",
            "100 entries: ",
            " variants of entries: ",
            "233 requirements: ",
            " 0 without a reason",
        ],
    );
    let done = suite(&["coverage", "--requirements"]);
    ends(
        &done,
        0,
        &["R2-VER-09 ", "superseded: ", "ambiguous: Does the metadata key take part in the signature?"],
    );
    assert!(!String::from_utf8_lossy(&done.stdout).contains("ATK-SIG-01 "), "entries were not asked for");
}

#[test]
fn the_command_tells_everything_about_one_id() {
    ends(
        &suite(&["coverage", "R2-VER-03"]),
        0,
        &[
            "scenarios ",
            "rollback",
            "vectors ",
            "rules ",
            "counter-not-lower",
            "ambiguous ",
            "Here: A lower counter",
        ],
    );
    ends(&suite(&["coverage", "R2-VER-09"]), 0, &["none       superseded: ", "nobody who lacks it can sign"]);
    ends(
        &suite(&["coverage", "ATK-SHARE-01"]),
        0,
        &[
            "variant    (a) not signed by the server key: contact-certificate-foreign",
            "first use: untestable: ",
        ],
    );
    ends(&suite(&["coverage", "atk-parse-01"]), 0, &["ATK-PARSE-01", "fuzz       ", "filedrop"]);
    ends(&suite(&["coverage", "R2-KEY-12"]), 0, &["benches    key derivation"]);
    let group = suite(&["coverage", "R2-SIG"]);
    ends(&group, 0, &["R2-SIG-01 ", "R2-SIG-10 "]);
    ends(&suite(&["coverage", "R2-SI"]), 4, &["no entry and no requirement has the id R2-SI"]);
}

#[test]
fn other_scenarios_leave_gaps_and_the_exit_code_says_so() {
    let done = suite(&["coverage", "--scenarios", SCENARIOS]);
    ends(&done, 100, &["nothing, and nobody says why", "neither reached nor explained: ", "ATK-FLAG-01"]);
}

#[test]
fn the_command_speaks_json() {
    let done = suite(&["coverage", "R2-VER-09", "ATK-SIG-01", "--format", "json"]);
    ends(&done, 0, &[]);
    let told: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(told["schema_version"], 2);
    assert_eq!(told["entry_totals"]["played"], 1);
    assert_eq!(told["entries"][0]["scenarios"][0], "forged-signer");
    assert_eq!(told["requirements"][0]["reason"]["kind"], "superseded");
    assert_eq!(told["requirement_totals"]["explained"]["superseded"], 1);
    assert_eq!(told["ambiguities"][0]["sides"].as_array().map(Vec::len), Some(2));
    let forged = &told["entries"][0]["variants"][0];
    assert_eq!(forged["scenarios"][0], "forged-signer");
    assert_eq!(told["requirements"][0]["variants"].as_array().map(Vec::len), Some(0));
    is_described_by("coverage", &told);
    let all = suite(&["coverage", "--format", "json"]);
    is_described_by("coverage", &serde_json::from_slice(&all.stdout).expect("JSON"));
}

#[test]
fn the_commands_in_the_readme_work() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).expect("reads");
    let commands: Vec<Vec<&str>> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("$ cargo run --release -- coverage"))
        .map(|rest| rest.split('#').next().unwrap_or_default().split_whitespace().collect())
        .collect();
    assert!(commands.len() >= 2, "{commands:?}");
    for arguments in commands {
        let all: Vec<&str> = ["coverage"].into_iter().chain(arguments).collect();
        ends(&suite(&all), 0, &[]);
    }
    assert!(readme.contains("-- run --json run.json") && readme.contains("-- report run.json"));
}
