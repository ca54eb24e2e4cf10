//! The whole ledger.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_reference::trust;
use e2ee_vectors::published;
use serde::Serialize;

use super::ambiguity::{Ambiguity, ambiguities};
use super::item::Item;
use super::lists::{benches, entries, fuzz_targets, publications, requirements};
use super::reason::{Reason, ReasonKind, reasons};
use super::variant::{Listed, Variant, variants};
use crate::monitors::MONITORS;
use crate::scenario::Scenario;

/// The shape of [`Coverage`] as JSON, described by `coverage.schema.json`; raised when something is renamed, removed or
/// changes its meaning.
pub const COVERAGE_VERSION: u32 = 2;

/// Every entry of the catalogue, every requirement and every published attack, with what checks them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage<'a> {
    /// [`COVERAGE_VERSION`].
    pub schema_version: u32,
    /// Of the entries.
    pub entry_totals: Totals,
    /// Of the variants of the entries.
    pub variant_totals: Totals,
    /// Of the requirements.
    pub requirement_totals: Totals,
    /// The entries of the attack catalogue, the gravest first.
    pub entries: Vec<Item<'a>>,
    /// The requirements, in the order of the specifications.
    pub requirements: Vec<Item<'a>>,
    /// Published attacks, by who has published them.
    pub publications: Vec<Item<'a>>,
    /// Where the specification can be read in two ways.
    pub ambiguities: Vec<Ambiguity>,
}

/// How many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All.
    pub all: usize,
    /// Reached by a scenario or a monitor.
    pub played: usize,
    /// Reached by golden vectors only; none for entries, which have to be played.
    pub vectors_only: usize,
    /// Not reached, for a reason, by its kind.
    pub explained: BTreeMap<ReasonKind, usize>,
    /// Neither reached nor explained.
    pub gaps: usize,
}

/// The ledger cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoverageError {
    /// The list of ambiguities is not well formed.
    #[error("list of ambiguities: {0}")]
    Ambiguities(#[from] toml::de::Error),
}

impl<'a> Coverage<'a> {
    /// What these scenarios cover, with the monitors and the published vectors.
    ///
    /// # Errors
    /// When a list that is built in is not well formed.
    pub fn new(scenarios: impl IntoIterator<Item = &'a Scenario>) -> Result<Self, CoverageError> {
        let sources = Sources::collect(scenarios);
        let entries = entries().map(|(id, title)| sources.item(id, title, Item::is_played)).collect();
        let requirements =
            requirements().map(|(id, title)| sources.item(id, title, Item::is_reached)).collect();
        let publications =
            publications().map(|(id, title)| sources.item(id, title, Item::is_played)).collect();
        Ok(Self::of(entries, requirements, publications, ambiguities()?))
    }

    /// Of these only those that are wanted, and the ambiguities about them.
    pub fn only(self, wanted: impl Fn(&Item<'_>) -> bool) -> Self {
        let keep = |items: Vec<Item<'a>>| items.into_iter().filter(|item| wanted(item)).collect::<Vec<_>>();
        let (entries, requirements) = (keep(self.entries), keep(self.requirements));
        let publications = keep(self.publications);
        let kept: BTreeSet<&str> = entries.iter().chain(&requirements).map(|item| item.id).collect();
        let about = |one: &Ambiguity| one.ids.iter().any(|id| kept.contains(id.as_str()));
        let ambiguities = self.ambiguities.into_iter().filter(about).collect();
        Self::of(entries, requirements, publications, ambiguities)
    }

    /// Entries first, then requirements and publications.
    pub fn items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.entries.iter().chain(&self.requirements).chain(&self.publications)
    }

    /// What can be read in two ways about an id.
    pub fn ambiguities_of(&self, id: &str) -> impl Iterator<Item = &Ambiguity> {
        self.ambiguities.iter().filter(move |one| one.ids.iter().any(|concerned| concerned == id))
    }

    fn of(
        entries: Vec<Item<'a>>,
        requirements: Vec<Item<'a>>,
        publications: Vec<Item<'a>>,
        ambiguities: Vec<Ambiguity>,
    ) -> Self {
        Self {
            schema_version: COVERAGE_VERSION,
            entry_totals: totals(&entries),
            variant_totals: totals_of_variants(entries.iter().flat_map(|entry| &entry.variants)),
            requirement_totals: totals(&requirements),
            entries,
            requirements,
            publications,
            ambiguities,
        }
    }
}

fn totals(items: &[Item<'_>]) -> Totals {
    let mut totals = Totals { all: items.len(), ..Totals::default() };
    for item in items {
        if item.is_played() {
            totals.played += 1;
        } else if item.is_reached() {
            totals.vectors_only += 1;
        } else if let Some(reason) = item.reason {
            *totals.explained.entry(reason.kind).or_default() += 1;
        } else {
            totals.gaps += 1;
        }
    }
    totals
}

fn totals_of_variants<'a>(variants: impl Iterator<Item = &'a Variant<'a>>) -> Totals {
    let mut totals = Totals::default();
    for variant in variants {
        totals.all += 1;
        if variant.is_played() {
            totals.played += 1;
        } else if let Some(reason) = variant.reason {
            *totals.explained.entry(reason.kind).or_default() += 1;
        } else {
            totals.gaps += 1;
        }
    }
    totals
}

/// What names an id, by id.
struct Sources<'a> {
    scenarios: Links<'a>,
    monitors: Links<'static>,
    vectors: Links<'static>,
    rules: Links<'static>,
    fuzz_targets: Links<'static>,
    benches: Links<'static>,
    reasons: BTreeMap<&'static str, Reason>,
    ids: BTreeSet<&'a str>,
    variants: Vec<Listed>,
}

type Links<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

impl<'a> Sources<'a> {
    fn collect(scenarios: impl IntoIterator<Item = &'a Scenario>) -> Self {
        let scenarios: Vec<&'a Scenario> = scenarios.into_iter().collect();
        let rules = links(all_rules().map(|rule| (rule.name, rule.requirements.iter().copied())));
        let published = published();
        let mut vectors: Links<'static> =
            published.requirements.into_iter().map(|(id, of)| (id, of.into_iter().collect())).collect();
        for (id, names) in &rules {
            let refused = names.iter().filter_map(|name| published.rules.get(name)).flatten();
            vectors.entry(id).or_default().extend(refused);
        }
        Self {
            scenarios: links(
                scenarios
                    .iter()
                    .map(|scenario| (scenario.id.as_str(), scenario.cites.iter().map(String::as_str))),
            ),
            monitors: links(
                MONITORS.iter().map(|monitor| (monitor.name, monitor.requirements.iter().copied())),
            ),
            vectors,
            rules,
            fuzz_targets: links(fuzz_targets()),
            benches: links(benches()),
            reasons: reasons().collect(),
            ids: scenarios.iter().map(|scenario| scenario.id.as_str()).collect(),
            variants: variants().collect(),
        }
    }

    /// The reason stands only where it is needed: what the built-in scenarios reach has none, and is a gap without them.
    fn item(&self, id: &'static str, title: &'static str, reached: fn(&Item<'a>) -> bool) -> Item<'a> {
        let mut item = Item {
            id,
            title,
            scenarios: named(&self.scenarios, id),
            monitors: named(&self.monitors, id),
            vectors: named(&self.vectors, id),
            rules: named(&self.rules, id),
            fuzz_targets: named(&self.fuzz_targets, id),
            benches: named(&self.benches, id),
            reason: None,
            variants: self.variants_of(id),
        };
        if !reached(&item) {
            item.reason = self.reasons.get(id).copied();
        }
        item
    }

    fn variants_of(&self, id: &str) -> Vec<Variant<'a>> {
        let monitors = || MONITORS.iter().map(|monitor| monitor.name);
        let of_it = self.variants.iter().filter(|listed| listed.entry == id);
        of_it.map(|listed| listed.among(self.ids.iter().copied(), monitors())).collect()
    }
}

fn all_rules() -> impl Iterator<Item = &'static trust::Rule> {
    [trust::RULES, trust::CERTIFICATE_RULES, trust::ENTRY_RULES, trust::V1_RULES].into_iter().flatten()
}

/// From "this names these ids" to "this id is named by these".
fn links<'a, Ids: IntoIterator<Item = &'a str>>(
    naming: impl IntoIterator<Item = (&'a str, Ids)>,
) -> Links<'a> {
    let mut links = Links::new();
    for (name, ids) in naming {
        for id in ids {
            links.entry(id).or_default().insert(name);
        }
    }
    links
}

fn named<'a>(links: &Links<'a>, id: &str) -> Vec<&'a str> {
    links.get(id).map(|names| names.iter().copied().collect()).unwrap_or_default()
}
