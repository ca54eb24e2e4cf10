//! Which vectors test what: `LEDGER.md`, and the check that nothing is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use e2ee_reference::trust;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::families::FAMILIES;
use crate::folder::BY_HAND;
use crate::outcome::FORM_RULES;
use crate::vector::{Vector, Verdict};

/// A requirement that can be tested offline, from `requirements.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    id: String,
    summary: String,
    /// Why there is no vector, if there is none.
    uncovered: Option<String>,
}

/// A flag of `flags.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "read to check the file's shape")]
struct Flag {
    bug_type: String,
    description: String,
    effect: String,
    cves: Vec<String>,
    links: Vec<String>,
}

/// A rule of `rules.json`.
#[derive(Serialize)]
pub(crate) struct Rule {
    summary: &'static str,
    /// Requirements of the specification and attacks it is an answer to; empty for rules about form.
    stems_from: &'static [&'static str],
}

/// All rules that vectors name.
pub(crate) fn rules() -> BTreeMap<&'static str, Rule> {
    let form = FORM_RULES.iter().map(|(name, summary)| (*name, Rule { summary, stems_from: &[] }));
    let trust =
        [trust::RULES, trust::CERTIFICATE_RULES, trust::ENTRY_RULES, trust::V1_RULES].into_iter().flatten();
    let trust = trust.map(|rule| (rule.name, Rule { summary: rule.summary, stems_from: rule.requirements }));
    form.chain(trust).collect()
}

/// Writes the ledger.
///
/// # Errors
/// [`Error::Inconsistent`] when a requirement or a rule has no vector and no reason, or when a vector names a
/// requirement, a rule or a flag that does not exist, or a flag is never used.
pub(crate) fn write(vectors: &[Vector]) -> Result<String, Error> {
    let requirements: Vec<Requirement> = by_hand("requirements.json")?;
    check_flags(vectors)?;
    let by_requirement = group(vectors, |vector| vector.requirements.iter().map(String::as_str).collect());
    let by_rule = group(vectors, rules_of);
    known("requirement", by_requirement.keys().copied(), |id| requirements.iter().any(|one| one.id == id))?;
    known("rule", by_rule.keys().copied(), |name| rules().contains_key(name))?;
    let mut text = String::from(HEAD);
    counts(&mut text, vectors);
    text.push_str("\n## Requirements\n\n| requirement | | vectors |\n|---|---|---|\n");
    for Requirement { id, summary, uncovered } in &requirements {
        let found = match (by_requirement.get(id.as_str()), uncovered) {
            (Some(ids), None) => ids.join(", "),
            (None, Some(reason)) => format!("**none**: {reason}"),
            (Some(_), Some(_)) => {
                return Err(Error::Inconsistent(format!("{id} is covered, and says it is not")));
            }
            (None, None) => return Err(Error::Inconsistent(format!("{id} has no vector"))),
        };
        let _ = writeln!(text, "| {id} | {summary} | {found} |");
    }
    text.push_str("\n## Rules\n\n| rule | | refused or reported by it |\n|---|---|---|\n");
    for (name, rule) in rules() {
        let ids =
            by_rule.get(name).ok_or_else(|| Error::Inconsistent(format!("rule {name} has no vector")))?;
        let _ = writeln!(text, "| {name} | {} | {} |", rule.summary, ids.join(", "));
    }
    Ok(text)
}

const HEAD: &str = "# Which vector tests what

Made with the vectors; do not edit. Requirement ids number the sentences of the specifications of protocol 2.x
(R2), 1.x (R1) and, where there is no text, what clients of metadata 1.2 agree on (R12); listed are those that
can be tested offline. Rules are explained in `rules.json`.

## Families

";

fn counts(text: &mut String, vectors: &[Vector]) {
    text.push_str("| family | | valid | invalid | acceptable | all |\n|---|---|---|---|---|---|\n");
    let mut row = |name: &str, summary: &str, of: Vec<&Vector>| {
        let count = |verdict| of.iter().filter(|vector| vector.expected.result == verdict).count();
        let [valid, invalid, acceptable] = [Verdict::Valid, Verdict::Invalid, Verdict::Acceptable].map(count);
        let all = of.len();
        let _ = writeln!(text, "| {name} | {summary} | {valid} | {invalid} | {acceptable} | {all} |");
    };
    for family in FAMILIES {
        row(
            family.name,
            family.summary,
            vectors.iter().filter(|vector| vector.family == family.name).collect(),
        );
    }
    row("all", "", vectors.iter().collect());
}

/// The rules by which something in the vector is refused: its own, and those of the steps of a sequence.
fn rules_of(vector: &Vector) -> Vec<&str> {
    let mut rules: Vec<&str> = vector.expected.rule.as_deref().into_iter().collect();
    let steps =
        vector.expected.output.as_ref().and_then(|output| output.get("steps")).and_then(Value::as_array);
    for step in steps.into_iter().flatten() {
        rules.extend(step.get("rule").and_then(Value::as_str));
        let notices = step.get("notices").and_then(Value::as_array).into_iter().flatten();
        rules.extend(notices.filter_map(Value::as_str));
    }
    rules
}

fn group<'a>(
    vectors: &'a [Vector],
    of: impl Fn(&'a Vector) -> Vec<&'a str>,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for vector in vectors {
        for name in of(vector).into_iter().collect::<BTreeSet<_>>() {
            groups.entry(name).or_default().push(&vector.id);
        }
    }
    groups.values_mut().for_each(|ids| ids.sort_unstable());
    groups
}

fn check_flags(vectors: &[Vector]) -> Result<(), Error> {
    let flags: BTreeMap<String, Flag> = by_hand("flags.json")?;
    let used = group(vectors, |vector| vector.flags.iter().map(String::as_str).collect());
    known("flag", used.keys().copied(), |name| flags.contains_key(name))?;
    known("use of the flag", flags.keys().map(String::as_str), |name| used.contains_key(name))?;
    let unflagged =
        |vector: &&Vector| vector.expected.result == Verdict::Acceptable && vector.flags.is_empty();
    match vectors.iter().find(unflagged) {
        Some(vector) => Err(Error::Inconsistent(format!("{} is acceptable without a flag", vector.id))),
        None => Ok(()),
    }
}

fn known<'a>(
    what: &str,
    mut names: impl Iterator<Item = &'a str>,
    exists: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    match names.find(|name| !exists(name)) {
        Some(name) => Err(Error::Inconsistent(format!("there is no {what} {name}"))),
        None => Ok(()),
    }
}

fn by_hand<T: for<'a> Deserialize<'a>>(name: &str) -> Result<T, Error> {
    let text = BY_HAND.iter().find(|(file, _)| *file == name).map_or("", |(_, text)| text);
    serde_json::from_str(text).map_err(|error| Error::Inconsistent(format!("{name}: {error}")))
}
