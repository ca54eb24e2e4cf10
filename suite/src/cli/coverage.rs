//! `coverage`

use super::args::{CoverageArgs, Format};
use super::say::say;
use super::scenarios;
use super::stop::Stop;
use crate::coverage::{Ambiguity, Coverage, Item, Reason, Totals, Variant};
use crate::exit_code::ExitCode;
use crate::report::wrap;
use crate::scenario::id_begins;

/// Lists entries of the attack catalogue, requirements and published attacks with what reaches them.
pub(super) fn coverage(args: &CoverageArgs) -> Result<ExitCode, Stop> {
    let scenarios = scenarios::load(&args.source)?;
    let all = Coverage::new(scenarios.iter().map(AsRef::as_ref));
    let all = all.map_err(|error| Stop::internal(error.to_string()))?;
    let asked = |id: &str| args.ids.iter().any(|asked| id_begins(id, asked));
    let coverage =
        all.only(|item| (args.ids.is_empty() || asked(item.id)) && !(args.requirements && item.is_attack()));
    if coverage.items().next().is_none() {
        let what = format!("no entry and no requirement has the id {}", args.ids.join(", "));
        return Err(Stop::new(ExitCode::NothingRan, what + &scenarios::about_publications(&args.ids)));
    }
    match args.format {
        Format::Human if args.ids.is_empty() => table(&coverage, args.requirements),
        Format::Human => coverage.items().for_each(|item| detail(&coverage, item)),
        Format::Json => {
            let text = serde_json::to_string_pretty(&coverage);
            say!("{}", text.map_err(|error| Stop::internal(error.to_string()))?);
        }
    }
    let gaps: Vec<&str> = coverage.items().filter(|item| item.is_gap()).map(|item| item.id).collect();
    if gaps.is_empty() {
        return Ok(ExitCode::Ok);
    }
    Err(Stop::new(ExitCode::Failed, format!("neither reached nor explained: {}", gaps.join(", "))))
}

fn table(coverage: &Coverage<'_>, with_ambiguities: bool) {
    for item in &coverage.entries {
        row(item);
    }
    if !coverage.entries.is_empty() {
        say!();
    }
    for item in &coverage.requirements {
        row(item);
        if with_ambiguities {
            coverage.ambiguities_of(item.id).for_each(|one| say!("               ambiguous: {}", one.about));
        }
    }
    say!();
    coverage.publications.iter().for_each(row);
    if !coverage.publications.is_empty() {
        say!();
    }
    if !coverage.entries.is_empty() {
        say!("{}", sum("entries", &coverage.entry_totals));
        say!("{}", sum("variants of entries", &coverage.variant_totals));
    }
    say!("{}", sum("requirements", &coverage.requirement_totals));
    say!("{} questions with two answers: see `coverage ID`", coverage.ambiguities.len());
}

fn row(item: &Item<'_>) {
    say!("{:13}  {}", item.id, item.title);
    let mut by = players(&item.scenarios, &item.monitors);
    if !item.is_attack() && !item.vectors.is_empty() {
        by.push(count(item.vectors.len(), "golden vector"));
    }
    say!("               {}", if by.is_empty() { nothing(item) } else { by.join(", ") });
}

/// Scenarios and monitors, by name.
fn players(scenarios: &[&str], monitors: &[&str]) -> Vec<String> {
    let monitors = monitors.iter().map(|name| format!("monitor {name}"));
    scenarios.iter().map(|id| (*id).to_owned()).chain(monitors).collect()
}

fn nothing(item: &Item<'_>) -> String {
    why_nothing(item.reason)
}

fn why_nothing(reason: Option<Reason>) -> String {
    reason.map_or_else(
        || "nothing, and nobody says why".to_owned(),
        |reason| format!("{}: {}", reason.kind.as_str(), reason.text),
    )
}

fn sum(what: &str, totals: &Totals) -> String {
    let Totals { all, played, vectors_only, explained, gaps } = totals;
    let mut parts = vec![format!("{played} reached by scenarios or monitors")];
    if *vectors_only > 0 {
        parts.push(format!("{vectors_only} by golden vectors only"));
    }
    parts.extend(explained.iter().map(|(kind, number)| format!("{number} {}", kind.as_str())));
    parts.push(format!("{gaps} without a reason"));
    format!("{all} {what}: {}", parts.join(", "))
}

fn detail(coverage: &Coverage<'_>, item: &Item<'_>) {
    say!("{}  {}", item.id, item.title);
    list("scenarios", &item.scenarios);
    list("monitors", &item.monitors);
    list("vectors", &item.vectors);
    list("rules", &item.rules);
    list("fuzz", &item.fuzz_targets);
    list("benches", &item.benches);
    if !item.is_reached() {
        list("none", &[&nothing(item)]);
    }
    item.variants.iter().for_each(variant);
    coverage.ambiguities_of(item.id).for_each(ambiguity);
    say!();
}

fn variant(one: &Variant<'_>) {
    let mut by = players(&one.scenarios, &one.monitors);
    by.extend(one.heavy.iter().map(|id| format!("{id} (when asked for)")));
    let by = if by.is_empty() { why_nothing(one.reason) } else { by.join(", ") };
    list("variant", &[&format!("{}: {by}", one.title)]);
}

fn ambiguity(one: &Ambiguity) {
    list("ambiguous", &[&one.about]);
    for side in &one.sides {
        list("", &[&format!("- {}: {}", side.who, side.says)]);
    }
    list("", &[&format!("Here: {}", one.ruling)]);
}

/// A name at the edge and the texts beside it.
fn list(name: &str, texts: &[&str]) {
    let mut name = name;
    for line in wrap(&texts.join(", "), 100) {
        say!("  {name:9}  {line}");
        name = "";
    }
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
