//! An entry or a requirement with everything that checks it.

use serde::Serialize;

use super::reason::Reason;
use super::variant::Variant;

/// An entry of the catalogue, a requirement or a published attack, and what reaches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item<'a> {
    /// For example `ATK-SIG-01`, `R2-VER-04` or `CVE-2023-28999`.
    pub id: &'a str,
    /// What it is about.
    pub title: &'a str,
    /// The ids of the scenarios that cite it.
    pub scenarios: Vec<&'a str>,
    /// The names of the monitors that watch for it in every play.
    pub monitors: Vec<&'static str>,
    /// The ids of the golden vectors that test it, or are refused by a rule that stems from it.
    pub vectors: Vec<&'static str>,
    /// The rules of the reference implementation that stem from it. They check no client.
    pub rules: Vec<&'static str>,
    /// The fuzz targets of the reference implementation that are about it. They check no client either.
    pub fuzz_targets: Vec<&'static str>,
    /// The benches that measure what the reference implementation does about it.
    pub benches: Vec<&'static str>,
    /// Why nothing reaches it.
    pub reason: Option<Reason>,
    /// What an entry of the catalogue names within itself; nothing has others.
    pub variants: Vec<Variant<'a>>,
}

impl Item<'_> {
    /// Whether it is an attack, of the catalogue or published, and not a requirement.
    pub fn is_attack(&self) -> bool {
        !is_requirement(self.id)
    }

    /// Whether a run can tell something about it.
    pub fn is_played(&self) -> bool {
        !self.scenarios.is_empty() || !self.monitors.is_empty()
    }

    /// Whether anything checks it. An attack has to be played; for a requirement a vector will do.
    pub fn is_reached(&self) -> bool {
        self.is_played() || (!self.is_attack() && !self.vectors.is_empty())
    }

    /// Whether nothing checks it or one of its variants, and nothing says why.
    pub fn is_gap(&self) -> bool {
        (!self.is_reached() && self.reason.is_none()) || self.variants.iter().any(Variant::is_gap)
    }
}

/// Whether the id is one of a requirement, as those of 2.x (`R2-`), 1.x (`R1-`) and 1.2 (`R12-`) are.
pub(super) fn is_requirement(id: &str) -> bool {
    ["R2-", "R1-", "R12-"].iter().any(|prefix| id.starts_with(prefix))
}
