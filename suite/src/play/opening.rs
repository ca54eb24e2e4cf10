//! Openings: what several plays begin with is played once, and each goes on with a copy.
//!
//! Twin and attack begin alike, and so do many scenarios: with the same devices, and with steps of devices that are the
//! same. Twins leave attacks out, so that those of different attacks are often alike to the end. What follows cannot tell
//! a copy from a play of its own: server, devices, folders and the record are copied. Clients that cannot be copied play
//! everything each time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use e2ee_reference::recognise::AnyVersion;
use tokio::sync::OnceCell;

use super::laboratory::Laboratory;
use super::session::Play;
use super::stage::Cast;
use crate::scenario::{Scenario, Step, literals};
use crate::transcript::Mode;

/// The first steps of some plays, or only their accounts and devices.
pub(super) struct Opening {
    /// One of the scenarios that begin so.
    scenario: Arc<Scenario>,
    version: AnyVersion,
    /// How many steps belong to it.
    steps: usize,
    /// Whether it leaves attacks out.
    mode: Mode,
    /// What it begins with itself.
    before: Option<Arc<Opening>>,
    /// `None`: it cannot be copied.
    played: OnceCell<Option<Play>>,
}

/// What the plays of a scenario in a version begin with; `None` if they share nothing with another play.
#[derive(Clone, Default)]
pub(super) struct Openings {
    /// Of the attack, or of the only play.
    played: Option<Arc<Opening>>,
    twin: Option<Arc<Opening>>,
}

/// What a play begins with.
struct Beginning {
    /// A text for the devices, and one for each step: equal texts, equal plays.
    keys: Vec<String>,
    /// How many steps have been played with each of them.
    steps: Vec<usize>,
    mode: Mode,
}

/// For each entry of a plan the longest openings that it shares with another play.
pub(super) fn openings(plan: &[(Arc<Scenario>, AnyVersion)]) -> Vec<Openings> {
    let of = |mode| {
        let beginnings = plan.iter().map(move |(scenario, version)| beginning(scenario, *version, mode));
        beginnings.collect::<Vec<_>>()
    };
    let (played, twins) = (of(Mode::Single), of(Mode::Twin));
    let has_twin = |(_, (scenario, _)): &(&Beginning, &(Arc<Scenario>, AnyVersion))| scenario.has_twin();
    let real_twins = twins.iter().zip(plan).filter(has_twin).map(|(twin, _)| twin);
    let shared = shared(played.iter().chain(real_twins));
    let mut made: BTreeMap<&[String], Arc<Opening>> = BTreeMap::new();
    let mut openings = Vec::new();
    for ((played, twin), (scenario, version)) in played.iter().zip(&twins).zip(plan) {
        let mut longest = |beginning| longest(beginning, scenario, *version, &shared, &mut made);
        let (played, twin) = (longest(played), longest(twin));
        openings.push(Openings { played, twin: twin.filter(|_| scenario.has_twin()) });
    }
    openings
}

impl Openings {
    /// The one for a play in this mode.
    pub(super) fn of(&self, mode: Mode) -> Option<&Opening> {
        if mode == Mode::Twin { self.twin.as_deref() } else { self.played.as_deref() }
    }
}

/// The longest shared opening of a play; all that lead to it are made, each once.
fn longest<'b>(
    beginning: &'b Beginning,
    scenario: &Arc<Scenario>,
    version: AnyVersion,
    shared: &BTreeSet<&[String]>,
    made: &mut BTreeMap<&'b [String], Arc<Opening>>,
) -> Option<Arc<Opening>> {
    let mut last: Option<Arc<Opening>> = None;
    for (place, steps) in beginning.steps.iter().enumerate() {
        let Some(key) = beginning.keys.get(..=place).filter(|key| shared.contains(key)) else { continue };
        let opening = made.entry(key).or_insert_with(|| {
            let (scenario, before) = (Arc::clone(scenario), last.clone());
            let (steps, mode) = (*steps, beginning.mode);
            Arc::new(Opening { scenario, version, steps, mode, before, played: OnceCell::new() })
        });
        last = Some(Arc::clone(opening));
    }
    last
}

impl Opening {
    /// A copy of the play, which is played when it is first asked for; `None` if it cannot be copied.
    pub(super) async fn copy(
        &self,
        laboratory: &Laboratory,
        cast: &Cast<'_>,
        limit: Duration,
    ) -> Option<Play> {
        let played = self.played.get_or_init(|| self.play(laboratory, cast, limit)).await;
        played.as_ref()?.fork(laboratory).await
    }

    async fn play(&self, laboratory: &Laboratory, cast: &Cast<'_>, limit: Duration) -> Option<Play> {
        let before = match &self.before {
            Some(before) => Box::pin(before.copy(laboratory, cast, limit)).await,
            None => None,
        };
        let mut play = match before {
            Some(before) => before,
            None => Play::begin(laboratory, cast, &self.scenario, self.version, limit).await.ok()?,
        };
        play.belongs_to(&self.scenario, self.steps, self.mode);
        play.go_on(&self.scenario, self.steps, limit).await;
        play.settle(limit).await.then_some(play)
    }
}

/// The beginnings that two plays or more, or two longer beginnings, have in common.
fn shared<'b>(beginnings: impl Iterator<Item = &'b Beginning>) -> BTreeSet<&'b [String]> {
    let mut ends: BTreeMap<&[String], usize> = BTreeMap::new();
    let mut longer: BTreeMap<&[String], BTreeSet<&String>> = BTreeMap::new();
    for Beginning { keys, .. } in beginnings {
        *ends.entry(keys).or_default() += 1;
        for (length, next) in keys.iter().enumerate().skip(1) {
            longer.entry(&keys[..length]).or_default().insert(next);
        }
    }
    let uses =
        |key: &[String]| ends.get(key).copied().unwrap_or(0) + longer.get(key).map_or(0, BTreeSet::len);
    ends.keys().chain(longer.keys()).copied().filter(|key| uses(key) > 1).collect()
}

fn beginning(scenario: &Scenario, version: AnyVersion, mode: Mode) -> Beginning {
    let mut keys = vec![format!("{version} {:?} {:?}", scenario.derivation, scenario.actors)];
    let mut steps = vec![0];
    let (literal, attack) = (literals(scenario), scenario.first_attack());
    for (position, step) in scenario.steps.iter().enumerate() {
        let part = match step {
            Step::Device(part) => part,
            Step::Move(part) if mode == Mode::Twin && part.is_attack() && part.twin.is_none() => continue,
            _ => break,
        };
        let paths = part.action.paths();
        let kept: Vec<&str> =
            paths.iter().flat_map(|path| path.split('/')).filter(|name| literal.contains(*name)).collect();
        // Where the attack would have been, devices are looked at.
        let looked_at = attack.filter(|attack| *attack <= position);
        let action = (&part.actor, &part.action, part.answer);
        keys.push(format!("{position} {action:?} {kept:?} {looked_at:?}"));
        steps.push(position + 1);
    }
    Beginning { keys, steps, mode }
}
