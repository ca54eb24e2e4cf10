//! Many plays at once, results in order.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, Instant};

use e2ee_mock_server::adversary::Move;
use e2ee_mock_server::adversary::moves::Failure;
use e2ee_reference::recognise::AnyVersion;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinError;

use super::client::Client;
use super::laboratory::Laboratory;
use super::opening::{Opening, openings};
use super::options::{Filter, Keeper, Options};
use super::session::play_after;
use super::stage::Cast;
use super::twin::{Twin, twins};
use crate::judge::{Cause, Judgement, Verdict, judge, judge_beside};
use crate::monitors::watch;
use crate::scenario::{Action, DeviceStep, MoveStep, Role, Scenario};
use crate::transcript::{Mode, Transcript};

/// One scenario, played in one version and judged.
#[derive(Debug, Clone)]
pub struct Played {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The metadata version.
    pub version: AnyVersion,
    /// The verdict.
    pub judgement: Judgement,
    /// How long the plays and the judging took, in milliseconds.
    pub millis: u64,
    /// The ends of the logs of the judged devices, without secrets; empty unless the verdict is bad.
    pub log: String,
    /// Whether there are transcripts: false if nothing was played, or if they could not be kept.
    pub recorded: bool,
}

impl Played {
    /// Judges what was recorded of a scenario: `twin` and `played` as in [`judge`].
    pub fn judged(
        scenario: Arc<Scenario>,
        version: AnyVersion,
        twin: Option<&Transcript>,
        played: &Transcript,
        millis: u64,
    ) -> Self {
        let judgement = judge(&scenario, twin, played);
        Self::of(scenario, version, judgement, played, millis)
    }

    fn of(
        scenario: Arc<Scenario>,
        version: AnyVersion,
        judgement: Judgement,
        played: &Transcript,
        millis: u64,
    ) -> Self {
        let log = if judgement.verdict > Verdict::Skipped { played.subjects_log() } else { String::new() };
        Self { scenario, version, judgement, millis, log, recorded: true }
    }

    /// A scenario that was not played to its end.
    pub fn unplayed(scenario: Arc<Scenario>, version: AnyVersion, judgement: Judgement, millis: u64) -> Self {
        Self { scenario, version, judgement, millis, log: String::new(), recorded: false }
    }
}

/// Plays every scenario in every version that is asked for. `each` sees the results in their order.
pub async fn run(
    laboratory: &Arc<Laboratory>,
    subject: &Client,
    peer: &Client,
    scenarios: &[Arc<Scenario>],
    options: &Options,
    each: impl FnMut(&Played),
) -> Vec<Played> {
    let ready = ready(Ok::<(), Infallible>(()));
    match run_if(ready, laboratory, subject, peer, scenarios, options, each).await {
        Ok(played) => played,
        Err(never) => match never {},
    }
}

/// The same, begun at once, while it turns out whether there is anything to be played for: no result is seen before
/// `fit` is there.
///
/// # Errors
/// That of `fit`.
pub async fn run_if<E>(
    fit: impl Future<Output = Result<(), E>>,
    laboratory: &Arc<Laboratory>,
    subject: &Client,
    peer: &Client,
    scenarios: &[Arc<Scenario>],
    options: &Options,
    mut each: impl FnMut(&Played),
) -> Result<Vec<Played>, E> {
    let plan = options.plan(scenarios);
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let copied = subject.connector.forks() && peer.connector.forks();
    let jobs = options.jobs(copied);
    let permits = Arc::new(Semaphore::new(jobs));
    let openings = if copied { openings(&plan) } else { plan.iter().map(|_| None).collect() };
    let begun = openings.into_iter().zip(twins(&plan, copied));
    let mut order: Vec<_> = plan.iter().cloned().zip(begun).enumerate().collect();
    if copied {
        // Keys are made beside the others, and asked for when they are there; but not by the last, for which all would wait.
        let devices: BTreeSet<&str> = plan.iter().flat_map(|(scenario, _)| keys_made(scenario)).collect();
        devices.into_iter().for_each(|device| laboratory.make_ready(device));
        let (slow, quick): (Vec<_>, Vec<_>) =
            order.into_iter().partition(|(_, ((scenario, _), _))| slow_steps(scenario) > 0);
        order = quick;
        let middle = order.len() / 2;
        order.splice(middle..middle, slow);
    } else {
        // What takes longest begins first, so that nobody waits for it alone at the end.
        order.sort_by_key(|(_, ((scenario, _), _))| std::cmp::Reverse(slow_steps(scenario)));
    }
    let (laboratory, subject, peer) = (Arc::clone(laboratory), subject.clone(), peer.clone());
    let (limit, keeper, filter) = (options.limit, options.keeper.clone(), options.filter.clone());
    let begin = async move {
        for (position, ((scenario, version), (opening, twin))) in order {
            // Twin and attack know nothing of each other: side by side they take half the time.
            let plays = if scenario.has_twin() && jobs > 1 { 2 } else { 1 };
            let Ok(permit) = Arc::clone(&permits).acquire_many_owned(plays).await else { break };
            let sender = sender.clone();
            let bench = Bench {
                laboratory: Arc::clone(&laboratory),
                subject: subject.clone(),
                peer: peer.clone(),
                limit,
                keeper: keeper.clone(),
                filter: filter.clone(),
                opening,
                twin,
            };
            tokio::spawn(async move {
                let played = one(bench, scenario, version, permit).await;
                // Nobody listens any more only if the run was given up.
                let _ = sender.send((position, played));
            });
        }
        Ok(())
    };
    let mut waiting: Vec<Option<Played>> = plan.iter().map(|_| None).collect();
    let mut results = Vec::new();
    let end = async {
        fit.await?;
        while let Some((position, played)) = receiver.recv().await {
            if let Some(place) = waiting.get_mut(position) {
                *place = Some(played);
            }
            while let Some(next) = waiting.get_mut(results.len()).and_then(Option::take) {
                each(&next);
                results.push(next);
            }
        }
        Ok(())
    };
    // Not begun by a task: what a task begins, the thread that runs it tends to keep to itself.
    tokio::try_join!(begin, end)?;
    // A task that broke down leaves a gap.
    for (position, (scenario, version)) in plan.into_iter().enumerate().skip(results.len()) {
        let played = waiting.get_mut(position).and_then(Option::take).unwrap_or_else(|| {
            let broken = Judgement::unplayed(Verdict::Error, Cause::Harness, "the play broke down");
            Played::unplayed(scenario, version, broken, 0)
        });
        each(&played);
        results.push(played);
    }
    Ok(results)
}

/// What every play needs.
#[derive(Clone)]
struct Bench {
    laboratory: Arc<Laboratory>,
    subject: Client,
    peer: Client,
    limit: Duration,
    keeper: Option<Arc<dyn Keeper>>,
    filter: Option<Filter>,
    opening: Option<Arc<Opening>>,
    twin: Option<Arc<Twin>>,
}

impl Bench {
    async fn play(&self, scenario: &Scenario, version: AnyVersion, mode: Mode) -> Transcript {
        let filter = self.filter.clone().filter(|_| !mode.is_honest()).map(|filter| filter.0);
        let cast = Cast { subject: &self.subject, peer: &self.peer, filter };
        let opening = self.opening.as_deref();
        play_after(opening, &self.laboratory, &cast, scenario, version, mode, self.limit).await
    }
}

async fn one(
    bench: Bench,
    scenario: Arc<Scenario>,
    version: AnyVersion,
    permit: OwnedSemaphorePermit,
) -> Played {
    let begun = Instant::now();
    let mut played = match lacking(&bench.subject, &scenario, version) {
        Some(reason) => {
            let skipped = Judgement::unplayed(Verdict::Skipped, Cause::Lacking, reason);
            Played::unplayed(scenario, version, skipped, 0)
        }
        None => played(&bench, &scenario, version, permit).await.unwrap_or_else(|_| {
            let broken =
                Judgement::unplayed(Verdict::Error, Cause::Harness, "a play or its judge broke down");
            Played::unplayed(scenario, version, broken, 0)
        }),
    };
    played.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    played
}

/// Plays the scenario, its twin beside it if there is a permit for two, and judges.
async fn played(
    bench: &Bench,
    scenario: &Arc<Scenario>,
    version: AnyVersion,
    mut permit: OwnedSemaphorePermit,
) -> Result<Played, JoinError> {
    let (twin, played) = if let Some(twin) = &bench.twin {
        let beside = if permit.num_permits() > 1 { permit.split(1) } else { None };
        let alone = beside.is_none();
        let (twin, twins_bench, twins_scenario) = (Arc::clone(twin), bench.clone(), Arc::clone(scenario));
        let mut honest = tokio::spawn(async move {
            let play = twins_bench.play(&twins_scenario, version, Mode::Twin);
            let honest = twin.of(&twins_scenario, play).await;
            drop(beside);
            (twin, honest)
        });
        let first = if alone { Some((&mut honest).await?) } else { None };
        let attack = bench.play(scenario, version, Mode::Attack).await;
        let honest = match first {
            Some(honest) => honest,
            None => honest.await?,
        };
        (Some(honest), attack)
    } else {
        (None, bench.play(scenario, version, Mode::Single).await)
    };
    let (scenario, keeper, copied) =
        (Arc::clone(scenario), bench.keeper.clone(), bench.subject.connector.forks());
    let judge = move || {
        let honest = twin.as_ref().map(|(_, honest)| &**honest);
        let kept = keeper.map_or(Ok(()), |keeper| keeper.keep(honest, &played));
        if let Err(reason) = kept {
            let lost = Judgement::unplayed(Verdict::Error, Cause::Harness, reason);
            return Played::unplayed(scenario, version, lost, 0);
        }
        let watch_twin = |honest: &Transcript| match &twin {
            Some((twin, _)) => twin.watched(honest),
            None => watch(honest),
        };
        let judgement = judge_beside(&scenario, honest, watch_twin, &played);
        Played::of(scenario, version, judgement, &played, 0)
    };
    // A client in this process never waits for long, so nobody is kept from answering it meanwhile.
    if copied { Ok(judge()) } else { tokio::task::spawn_blocking(judge).await }
}

/// Steps that make keys or derive one from a mnemonic, which takes most of a second, or for which a client has to wait.
fn slow_steps(scenario: &Scenario) -> usize {
    let derives = |step: &&DeviceStep| matches!(step.action, Action::RestoreIdentity { .. });
    let dawdles = |step: &&MoveStep| match &step.play {
        Move::Fail(fail) => matches!(fail.fault, Failure::Delay | Failure::Drip),
        _ => false,
    };
    let slow = keys_made(scenario).count()
        + scenario.device_steps().filter(derives).count()
        + scenario.moves().filter(dawdles).count();
    if scenario.has_twin() { 2 * slow } else { slow }
}

/// The devices that make keys.
fn keys_made(scenario: &Scenario) -> impl Iterator<Item = &str> {
    let makes = |action: &Action| {
        matches!(action, Action::CreateIdentity {} | Action::RenewKeys {} | Action::SharePublicly { .. })
    };
    scenario.device_steps().filter(move |step| makes(&step.action)).map(|step| step.actor.as_str())
}

fn lacking(subject: &Client, scenario: &Scenario, version: AnyVersion) -> Option<String> {
    let subjects = || scenario.actors.iter().filter(|actor| actor.role == Role::Subject);
    if let Some(pinned) =
        subjects().filter_map(|actor| actor.speaks).find(|version| !subject.can_be_of(*version))
    {
        return Some(format!("the client cannot be one whose newest metadata version is {pinned}"));
    }
    let reads = scenario.reads.iter().find(|version| !subject.reads(**version));
    let writes = scenario.writes.iter().find(|version| !subject.writes(**version));
    let played = subjects().any(|actor| actor.speaks.is_none()) && !subject.speaks(version);
    if let Some(version) = reads.or(writes).copied().or(played.then_some(version)) {
        return Some(format!("the client does not read and write metadata {version}"));
    }
    let missing = scenario.needs.iter().find(|feature| !subject.has(**feature))?;
    let name = serde_json::to_value(missing).unwrap_or_default();
    Some(format!("the client lacks the feature {}", name.as_str().unwrap_or_default()))
}
