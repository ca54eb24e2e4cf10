//! Leaving out what an attack does not need: whole moves first, then members of forged metadata.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use e2ee_reference::recognise::AnyVersion;
use serde::Serialize;

use super::delta::Delta;
use super::sieve::Sieve;
use crate::judge::{Cause, Judgement, Verdict};
use crate::play::{Client, Filter, Laboratory, Options, run};
use crate::scenario::{Scenario, Step};

/// More plays than this are not made for one witness.
const MOST_PLAYS: usize = 200;

/// Where plays are made.
pub struct Bench<'a> {
    /// The server and its users.
    pub laboratory: &'a Arc<Laboratory>,
    /// The client that the attack succeeds on.
    pub subject: &'a Client,
    /// The honest one.
    pub peer: &'a Client,
    /// How long one step may take.
    pub limit: Duration,
}

/// What an attack needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Witness {
    /// The scenario's id.
    pub scenario: String,
    /// The metadata version.
    pub version: String,
    /// The verdict that the attack has with the least that it needs.
    pub verdict: Verdict,
    /// The sentence of that verdict.
    pub reason: String,
    /// The attacker's moves that it needs, as in the scenario file.
    pub moves: Vec<serde_json::Value>,
    /// How many moves were left out.
    pub moves_left_out: usize,
    /// The members of metadata that it needs.
    pub deltas: Vec<Delta>,
    /// The paths of those that it does not need.
    pub left_out: Vec<String>,
    /// How many plays the search took.
    pub plays: usize,
}

/// Why there is no witness.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// There is nothing to leave out.
    #[error("{0} has no attack: expected a scenario with `attack` steps")]
    NoAttack(String),
    /// The client withstands it.
    #[error("the attack does not succeed: {verdict}{reason}", verdict = .0.as_str(), reason = said(.1))]
    Withstood(Verdict, String),
    /// It takes too many plays.
    #[error("no witness within {MOST_PLAYS} plays")]
    TooLong,
}

fn said(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}

/// Seeks the least with which the attack of a scenario has the same success.
///
/// # Errors
/// See [`WitnessError`].
pub async fn search(
    bench: &Bench<'_>,
    scenario: &Arc<Scenario>,
    version: AnyVersion,
) -> Result<Witness, WitnessError> {
    if !scenario.has_twin() {
        return Err(WitnessError::NoAttack(scenario.id.clone()));
    }
    let mut search = Search { bench, version, plays: 0 };
    let mut least = Arc::clone(scenario);
    let (first, mut sieve) = search.play(bench.subject, &least, BTreeSet::new()).await?;
    if !succeeded(&first) {
        return Err(WitnessError::Withstood(first.verdict, first.reason));
    }
    let mut last = first.clone();
    let mut moves_left_out = 0;
    while let Some((smaller, judgement, seen)) = search.without_a_move(&least, &first).await? {
        (least, last, sieve) = (smaller, judgement, seen);
        moves_left_out += 1;
    }
    let seen = sieve.seen();
    let mut withheld = BTreeSet::new();
    // Again from the start after each success: what was needed beside a member may be superfluous without it.
    while let Some((path, judgement)) = search.without_a_member(&least, &first, &seen, &withheld).await? {
        withheld.insert(path);
        last = judgement;
    }
    let deltas = seen.into_iter().filter(|(path, _)| !withheld.contains(path)).map(|(_, delta)| delta);
    Ok(Witness {
        scenario: scenario.id.clone(),
        version: version.to_string(),
        verdict: last.verdict,
        reason: last.reason,
        moves: least.moves().filter(|step| step.is_attack()).map(|step| step.as_json()).collect(),
        moves_left_out,
        deltas: deltas.collect(),
        left_out: withheld.into_iter().collect(),
        plays: search.plays,
    })
}

struct Search<'a> {
    bench: &'a Bench<'a>,
    version: AnyVersion,
    plays: usize,
}

impl Search<'_> {
    /// One play, if the attack then succeeds as it did first. Without a proof, a client that accepts an attack is wrong
    /// only if a right one refuses it: so does the honest client.
    async fn still_succeeds(
        &mut self,
        first: &Judgement,
        scenario: &Arc<Scenario>,
        withheld: BTreeSet<String>,
    ) -> Result<Option<(Judgement, Arc<Sieve>)>, WitnessError> {
        let played = self.play(self.bench.subject, scenario, withheld.clone()).await?;
        if !is_same(first, &played.0) {
            return Ok(None);
        }
        if first.proof.is_none() {
            let (honest, _) = self.play(self.bench.peer, scenario, withheld).await?;
            if honest.verdict != Verdict::Pass {
                return Ok(None);
            }
        }
        Ok(Some(played))
    }

    async fn play(
        &mut self,
        subject: &Client,
        scenario: &Arc<Scenario>,
        withheld: BTreeSet<String>,
    ) -> Result<(Judgement, Arc<Sieve>), WitnessError> {
        self.plays += 1;
        if self.plays > MOST_PLAYS {
            return Err(WitnessError::TooLong);
        }
        let sieve = Arc::new(Sieve::new(withheld));
        let options = Options {
            versions: vec![self.version],
            limit: self.bench.limit,
            filter: Some(Filter(Arc::clone(&sieve) as _)),
            ..Options::default()
        };
        let Bench { laboratory, peer, .. } = self.bench;
        let results = run(laboratory, subject, peer, std::slice::from_ref(scenario), &options, |_| {}).await;
        let judgement = results.into_iter().next().map(|played| played.judgement);
        let unplayed = || Judgement::unplayed(Verdict::Skipped, Cause::Lacking, "not played in this version");
        Ok((judgement.unwrap_or_else(unplayed), sieve))
    }

    /// The scenario without one of its moves, if the attack still succeeds.
    async fn without_a_move(
        &mut self,
        scenario: &Arc<Scenario>,
        first: &Judgement,
    ) -> Result<Option<(Arc<Scenario>, Judgement, Arc<Sieve>)>, WitnessError> {
        let attacks = |step: &Step| matches!(step, Step::Move(step) if step.is_attack());
        if scenario.steps.iter().filter(|step| attacks(step)).count() < 2 {
            return Ok(None);
        }
        for position in 0..scenario.steps.len() {
            if !scenario.steps.get(position).is_some_and(attacks) {
                continue;
            }
            let mut smaller = Scenario::clone(scenario);
            smaller.steps.remove(position);
            let smaller = Arc::new(smaller);
            if let Some((judgement, sieve)) = self.still_succeeds(first, &smaller, BTreeSet::new()).await? {
                return Ok(Some((smaller, judgement, sieve)));
            }
        }
        Ok(None)
    }

    /// A member of forged metadata that the attack does not need.
    async fn without_a_member(
        &mut self,
        scenario: &Arc<Scenario>,
        first: &Judgement,
        seen: &std::collections::BTreeMap<String, Delta>,
        withheld: &BTreeSet<String>,
    ) -> Result<Option<(String, Judgement)>, WitnessError> {
        for path in seen.keys().filter(|path| !withheld.contains(*path)) {
            let mut more = withheld.clone();
            more.insert(path.clone());
            if more.len() == seen.len() {
                // Nothing at all would be changed: that is the twin.
                continue;
            }
            if let Some((judgement, _)) = self.still_succeeds(first, scenario, more).await? {
                return Ok(Some((path.clone(), judgement)));
            }
        }
        Ok(None)
    }
}

fn succeeded(judgement: &Judgement) -> bool {
    matches!(judgement.verdict, Verdict::Exploited | Verdict::Fail)
}

/// Whether the attack has succeeded in the same way.
fn is_same(first: &Judgement, other: &Judgement) -> bool {
    let kind = |judgement: &Judgement| judgement.proof.as_ref().map(|proof| proof.kind.clone());
    first.verdict == other.verdict && first.cause == other.cause && kind(first) == kind(other)
}
