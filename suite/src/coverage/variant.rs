//! What an entry of the catalogue names within itself.

use serde::Serialize;

use super::reason::Reason;

/// Under each entry's id, two blanks in, its variants: a clause, a colon, and the scenarios and monitors that play it,
/// separated by blanks (`lattice-*` are all whose ids begin so, `monitor:leak` is a monitor, `heavy:twenty-installs` a scenario
/// that is played when it is asked for), or `!` and a reason.
const VARIANTS: &str = include_str!("variants.txt");

/// One of the things that an entry of the catalogue says a server may do, with what plays it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant<'a> {
    /// A clause.
    pub title: &'static str,
    /// The ids of the scenarios that play it.
    pub scenarios: Vec<&'a str>,
    /// The names of the monitors that watch for it in every play.
    pub monitors: Vec<&'static str>,
    /// The ids of the scenarios that play it, and are so long that they are played only when they are asked for.
    pub heavy: Vec<&'static str>,
    /// Why nothing plays it.
    pub reason: Option<Reason>,
}

impl Variant<'_> {
    /// Whether a run can tell something about it.
    pub fn is_played(&self) -> bool {
        !(self.scenarios.is_empty() && self.monitors.is_empty() && self.heavy.is_empty())
    }

    /// Whether nothing plays it, and nothing says why.
    pub fn is_gap(&self) -> bool {
        !self.is_played() && self.reason.is_none()
    }
}

/// A variant as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// The id of the entry.
    pub entry: &'static str,
    /// A clause.
    pub title: &'static str,
    players: &'static str,
}

impl Listed {
    /// The scenarios and monitors that are said to play it; none if a reason stands in their place.
    pub fn players(self) -> impl Iterator<Item = Player> {
        let named = if self.players.starts_with('!') { "" } else { self.players };
        named.split_whitespace().map(Player)
    }

    /// Why nothing plays it.
    pub fn reason(self) -> Option<Reason> {
        self.players.strip_prefix("! ").and_then(Reason::parse)
    }

    /// With those of its scenarios and monitors that there are.
    pub(super) fn among<'a>(
        self,
        scenarios: impl Iterator<Item = &'a str>,
        monitors: impl Iterator<Item = &'static str>,
    ) -> Variant<'a> {
        let plays = |id: &&str| self.players().any(|player| player.is_scenario(id));
        let watches = |name: &&str| self.players().any(|player| player.is_monitor(name));
        Variant {
            title: self.title,
            scenarios: scenarios.filter(plays).collect(),
            monitors: monitors.filter(watches).collect(),
            heavy: self.players().filter_map(Player::heavy).collect(),
            reason: self.reason(),
        }
    }
}

/// A scenario or a monitor, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Player(&'static str);

impl Player {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether the scenario is meant.
    pub fn is_scenario(self, id: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => id.starts_with(beginning),
            None => self.0 == id,
        }
    }

    /// Whether the monitor is meant.
    pub fn is_monitor(self, name: &str) -> bool {
        self.0.strip_prefix("monitor:") == Some(name)
    }

    /// The id of the scenario, if it is one that is played only when it is asked for.
    pub fn heavy(self) -> Option<&'static str> {
        self.0.strip_prefix("heavy:")
    }
}

/// All variants, in the order of the list. A line that is none is left out, which a test would notice.
pub fn variants() -> impl Iterator<Item = Listed> {
    let mut entry = "";
    VARIANTS.lines().filter_map(move |line| {
        let Some(variant) = line.strip_prefix("  ") else {
            entry = line;
            return None;
        };
        let (title, players) = variant.split_once(": ")?;
        Some(Listed { entry, title, players })
    })
}
