//! The entries of the catalogue beside the scenarios and monitors that cite them.

use crate::monitors::MONITORS;
use crate::scenario::Scenario;

/// One entry of the catalogue on each line: its id, a blank, its title.
const ENTRIES: &str = include_str!("entries.txt");

/// An entry of the catalogue and what reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached<'a> {
    /// For example `ATK-SIG-01`.
    pub id: &'a str,
    /// What it is about.
    pub title: &'a str,
    /// The ids of the scenarios that cite it.
    pub scenarios: Vec<&'a str>,
    /// The names of the monitors that watch for it in every play.
    pub monitors: Vec<&'static str>,
}

impl Reached<'_> {
    /// Whether anything reaches it.
    pub fn is_reached(&self) -> bool {
        !self.scenarios.is_empty() || !self.monitors.is_empty()
    }
}

/// The ids and titles of all entries, the gravest first.
pub fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    ENTRIES.lines().filter_map(|line| line.split_once(' '))
}

/// Every entry with the scenarios and monitors that cite it.
pub fn ledger<'a>(scenarios: impl IntoIterator<Item = &'a Scenario>) -> Vec<Reached<'a>> {
    let scenarios: Vec<&Scenario> = scenarios.into_iter().collect();
    let reached = |(id, title)| Reached {
        id,
        title,
        scenarios: scenarios
            .iter()
            .filter(|scenario| scenario.cites.iter().any(|cited| cited == id))
            .map(|scenario| scenario.id.as_str())
            .collect(),
        monitors: MONITORS
            .iter()
            .filter(|monitor| monitor.requirements.contains(&id))
            .map(|monitor| monitor.name)
            .collect(),
    };
    entries().map(reached).collect()
}
