//! What a run says about the requirements, for the client that was judged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::item::{Item, is_requirement};
use super::ledger::Coverage;
use crate::judge::{Cause, Verdict};
use crate::report::{ClientInfo, Report, ScenarioResult};
use crate::scenario::Kind;

/// The shape of [`Standings`] as JSON, described by `standings.schema.json`; raised when something is renamed, removed or
/// changes its meaning.
pub const STANDINGS_VERSION: u32 = 1;

/// Which requirements a client keeps, as far as a run can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standings {
    /// [`STANDINGS_VERSION`].
    pub schema_version: u32,
    /// The client of the run.
    pub client: ClientInfo,
    /// When the run began, in seconds since 1970.
    pub started: u64,
    /// How many scenarios were played, each once for each version.
    pub results: usize,
    /// How many requirements have each standing.
    pub summary: BTreeMap<Stands, usize>,
    /// All requirements, in the order of the specifications.
    pub requirements: Vec<Standing>,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// For example `R2-VER-04`.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// How it stands.
    pub stands: Stands,
    /// What that rests on. For [`Stands::NotReached`] without anything that was played it is one sentence in
    /// [`Because::text`].
    pub because: Vec<Because>,
}

/// How a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// Something that is about this requirement alone has failed: an attack that cites no other, or what a monitor
    /// has found that names no other.
    Fails,
    /// Something that is also about it has failed, or a warning is missing, and nothing shows whether it was this.
    InDoubt,
    /// At least one scenario that cites it has passed, and nothing about it went wrong.
    Holds,
    /// Nothing that was played tells anything about it.
    NotReached,
}

impl Stands {
    /// The gravest first.
    pub const ALL: &[Self] = &[Self::Fails, Self::InDoubt, Self::Holds, Self::NotReached];

    /// The words for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::InDoubt => "in doubt",
            Self::Holds => "holds",
            Self::NotReached => "not reached",
        }
    }
}

/// What a standing rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// The scenario that was played.
    pub scenario: Option<String>,
    /// The metadata version in which it was played.
    pub version: Option<String>,
    /// Its verdict.
    pub verdict: Option<Verdict>,
    /// The monitor that has found something.
    pub monitor: Option<String>,
    /// The other requirements that it is about: the failure may be of one of them.
    pub also_about: Vec<String>,
    /// What was wrong or missing; empty for a pass.
    pub text: String,
}

/// What this report says about each requirement. The coverage says what would have reached those that it does not.
pub fn standings(report: &Report, coverage: &Coverage<'_>) -> Standings {
    let requirements: Vec<Standing> =
        coverage.requirements.iter().map(|item| standing(report, item)).collect();
    let mut summary: BTreeMap<Stands, usize> = Stands::ALL.iter().map(|stands| (*stands, 0)).collect();
    for one in &requirements {
        *summary.entry(one.stands).or_default() += 1;
    }
    Standings {
        schema_version: STANDINGS_VERSION,
        client: report.client.clone(),
        started: report.started,
        results: report.results.len(),
        summary,
        requirements,
    }
}

fn standing(report: &Report, item: &Item<'_>) -> Standing {
    let told = report.results.iter().flat_map(|result| evidence(result, item.id));
    let mut by_standing: BTreeMap<Stands, Vec<Because>> = BTreeMap::new();
    for (stands, because) in told {
        by_standing.entry(stands).or_default().push(because);
    }
    let (stands, because) = match by_standing.pop_first() {
        // What is in doubt beside a failure is worth telling, a pass is not.
        Some((Stands::Fails, mut because)) => {
            because.extend(by_standing.remove(&Stands::InDoubt).into_iter().flatten());
            (Stands::Fails, because)
        }
        Some(found) => found,
        None => (Stands::NotReached, vec![unplayed(item)]),
    };
    Standing { id: item.id.to_owned(), title: item.title.to_owned(), stands, because }
}

/// What one result says about a requirement.
fn evidence(result: &ScenarioResult, id: &str) -> Vec<(Stands, Because)> {
    let mut found = Vec::new();
    for finding in
        result.findings.iter().filter(|finding| finding.requirements.iter().any(|named| named == id))
    {
        let also_about = others(&finding.requirements, id);
        let stands = if also_about.is_empty() { Stands::Fails } else { Stands::InDoubt };
        let monitor = Some(finding.monitor.clone());
        found.push((stands, Because { monitor, also_about, text: finding.text.clone(), ..played(result) }));
    }
    if result.cites.iter().any(|cited| cited == id) {
        let also_about = others(&result.cites, id);
        let stands = by_verdict(result, also_about.is_empty());
        let also_about = if stands == Stands::InDoubt { also_about } else { Vec::new() };
        found.push((stands, Because { also_about, text: result.reason.clone(), ..played(result) }));
    }
    found
}

/// What the verdict of a scenario says about a requirement that it cites, alone or among others.
fn by_verdict(result: &ScenarioResult, alone: bool) -> Stands {
    match result.verdict {
        Verdict::Pass => Stands::Holds,
        Verdict::Skipped | Verdict::Inconclusive | Verdict::Error => Stands::NotReached,
        // The monitor's finding says what is wrong; what the scenario is about was not judged any more.
        Verdict::Fail if result.cause == Cause::Monitor => Stands::NotReached,
        // So does the finding of a departure, which harms nothing else.
        Verdict::Warn if result.cause == Cause::Monitor => Stands::Holds,
        // An attack fails at its point, everything else anywhere on the way.
        Verdict::Fail | Verdict::Exploited if alone && result.kind == Kind::Attack => Stands::Fails,
        Verdict::Warn | Verdict::Hang | Verdict::Fail | Verdict::Exploited => Stands::InDoubt,
    }
}

fn others(ids: &[String], id: &str) -> Vec<String> {
    ids.iter().filter(|other| *other != id && is_requirement(other)).cloned().collect()
}

fn played(result: &ScenarioResult) -> Because {
    Because {
        scenario: Some(result.scenario.clone()),
        version: Some(result.version.clone()),
        verdict: Some(result.verdict),
        monitor: None,
        also_about: Vec::new(),
        text: String::new(),
    }
}

/// Why nothing in a report is about a requirement.
fn unplayed(item: &Item<'_>) -> Because {
    let text = if !item.scenarios.is_empty() {
        format!("not in this run: {}", item.scenarios.join(", "))
    } else if !item.monitors.is_empty() {
        format!("watched for by {}, and not found; no scenario is about it", item.monitors.join(", "))
    } else if !item.vectors.is_empty() {
        format!("no scenario is about it; {} golden vectors are", item.vectors.len())
    } else if let Some(reason) = item.reason {
        format!("{}: {}", reason.kind.as_str(), reason.text)
    } else {
        "nothing is about it".to_owned()
    };
    Because { scenario: None, version: None, verdict: None, monitor: None, also_about: Vec::new(), text }
}
