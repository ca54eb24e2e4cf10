//! Openings: what several plays begin with is played once, and each goes on with a copy.
//!
//! Twin and attack begin alike, and so do many scenarios: with the same devices, and with steps of devices that are the
//! same. What follows cannot tell a copy from a play of its own: server, devices, folders and the record are copied.
//! Clients that cannot be copied play everything each time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use e2ee_reference::recognise::AnyVersion;
use tokio::sync::OnceCell;

use super::laboratory::Laboratory;
use super::session::Play;
use super::stage::Cast;
use crate::scenario::{DeviceStep, Scenario, Step, literals};
use crate::transcript::Mode;

/// The first steps of some plays, or only their accounts and devices.
pub(super) struct Opening {
    /// One of the scenarios that begin so.
    scenario: Arc<Scenario>,
    version: AnyVersion,
    /// How many steps belong to it.
    steps: usize,
    /// What it begins with itself.
    before: Option<Arc<Opening>>,
    /// `None`: it cannot be copied.
    played: OnceCell<Option<Play>>,
}

/// What a scenario in a version begins with, and whether it is played twice.
struct Beginning {
    /// A text for the devices, and one for each step: equal texts, equal plays.
    keys: Vec<String>,
    plays: usize,
}

/// For each play of a plan the longest opening that it shares with another one.
pub(super) fn openings(plan: &[(Arc<Scenario>, AnyVersion)]) -> Vec<Option<Arc<Opening>>> {
    let beginnings: Vec<Beginning> =
        plan.iter().map(|(scenario, version)| beginning(scenario, *version)).collect();
    let shared = shared(&beginnings);
    let mut made: BTreeMap<&[String], Arc<Opening>> = BTreeMap::new();
    let mut openings = Vec::new();
    for (beginning, (scenario, version)) in beginnings.iter().zip(plan) {
        let mut last: Option<Arc<Opening>> = None;
        for steps in 0..beginning.keys.len() {
            let key = &beginning.keys[..=steps];
            if !shared.contains(key) {
                continue;
            }
            let opening = made.entry(key).or_insert_with(|| {
                let (scenario, before) = (Arc::clone(scenario), last.clone());
                Arc::new(Opening { scenario, version: *version, steps, before, played: OnceCell::new() })
            });
            last = Some(Arc::clone(opening));
        }
        openings.push(last);
    }
    openings
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
        play.belongs_to(&self.scenario, self.steps, Mode::Single);
        play.go_on(&self.scenario, self.steps, limit).await;
        play.settle(limit).await.then_some(play)
    }
}

/// The beginnings that two plays or more, or two longer beginnings, have in common.
fn shared(beginnings: &[Beginning]) -> BTreeSet<&[String]> {
    let mut ends: BTreeMap<&[String], usize> = BTreeMap::new();
    let mut longer: BTreeMap<&[String], BTreeSet<&String>> = BTreeMap::new();
    for Beginning { keys, plays } in beginnings {
        *ends.entry(keys).or_default() += plays;
        for (length, next) in keys.iter().enumerate().skip(1) {
            longer.entry(&keys[..length]).or_default().insert(next);
        }
    }
    let uses =
        |key: &[String]| ends.get(key).copied().unwrap_or(0) + longer.get(key).map_or(0, BTreeSet::len);
    ends.keys().chain(longer.keys()).copied().filter(|key| uses(key) > 1).collect()
}

fn beginning(scenario: &Scenario, version: AnyVersion) -> Beginning {
    let mut keys = vec![setting(scenario, version)];
    let literal = literals(scenario);
    for step in &scenario.steps {
        let Step::Device(part) = step else { break };
        // What the dead have left behind on the server is not waited for.
        if part.killed_at.is_some() {
            break;
        }
        keys.push(device_key(part, &literal));
    }
    Beginning { keys, plays: if scenario.has_twin() { 2 } else { 1 } }
}

/// A text for the accounts and devices: equal texts, equal settings.
pub(super) fn setting(scenario: &Scenario, version: AnyVersion) -> String {
    format!("{version} {:?} {:?}", scenario.derivation, scenario.actors)
}

/// A text for what a device does; `literal` are the names that stay as they are.
pub(super) fn device_key(part: &DeviceStep, literal: &BTreeSet<String>) -> String {
    let paths = part.action.paths();
    let kept: Vec<&str> =
        paths.iter().flat_map(|path| path.split('/')).filter(|name| literal.contains(*name)).collect();
    format!("{} {:?} {:?} {:?} {kept:?}", part.actor, part.action, part.answer, part.killed_at)
}
