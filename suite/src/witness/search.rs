//! Leaving out what an attack does not need: whole moves first, then differences, then bytes of those.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use e2ee_reference::recognise::AnyVersion;

use super::bytes::narrower;
use super::cut::Cut;
use super::delta::Delta;
use super::nature;
use super::sieve::{PLANTED, Sieve};
use super::wanted::{MOST_PLAYS, WITNESS_VERSION, Witness, WitnessError};
use crate::judge::{Cause, Judgement, Verdict};
use crate::play::{Client, Filter, Laboratory, Options, run};
use crate::scenario::{Scenario, Step};

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
    let (first, sieve) = search.play(bench.subject, &least, Cut::default()).await?;
    if !succeeded(&first) {
        return Err(WitnessError::Withstood(first.verdict, first.reason));
    }
    let mut last = (first.clone(), sieve);
    let mut moves_left_out = 0;
    while let Some((smaller, played)) = search.without_a_move(&least, &first).await? {
        (least, last) = (smaller, played);
        moves_left_out += 1;
    }
    let paths: Vec<String> = last.1.all().into_keys().collect();
    let mut cut = Cut::default();
    // Again from the start after each success: what was needed beside a difference may be superfluous without it.
    while let Some((smaller, played)) = search.without_a_difference(&least, &first, &paths, &cut).await? {
        (cut, last) = (smaller, played);
    }
    for path in &paths {
        last = search.narrowed(&least, &first, path, &mut cut, last).await?;
    }
    let (judgement, sieve) = last;
    let attacks = || least.moves().filter(|step| step.is_attack());
    Ok(Witness {
        schema_version: WITNESS_VERSION,
        scenario: scenario.id.clone(),
        version: version.to_string(),
        verdict: judgement.verdict,
        reason: judgement.reason,
        moves: attacks().map(|step| step.as_json()).collect(),
        moves_left_out,
        without_forgery: attacks().filter_map(|step| nature::sentence(&step.play)).collect(),
        deltas: sieve.left().into_values().collect(),
        left_out: cut.withheld.into_iter().collect(),
        plays: search.plays,
    })
}

/// What came of a play, and what was let through in it.
type Tried = (Judgement, Arc<Sieve>);

struct Search<'a> {
    bench: &'a Bench<'a>,
    version: AnyVersion,
    plays: usize,
}

impl Search<'_> {
    /// One play, if the attack then succeeds as it did first. A client that accepts something is wrong only if a right one
    /// does not: so the honest client has to withstand it.
    async fn still_succeeds(
        &mut self,
        first: &Judgement,
        scenario: &Arc<Scenario>,
        cut: &Cut,
    ) -> Result<Option<Tried>, WitnessError> {
        let played = self.play(self.bench.subject, scenario, cut.clone()).await?;
        if !is_same(first, &played.0) {
            return Ok(None);
        }
        let (honest, _) = self.play(self.bench.peer, scenario, cut.clone()).await?;
        Ok((honest.verdict == Verdict::Pass).then_some(played))
    }

    async fn play(
        &mut self,
        subject: &Client,
        scenario: &Arc<Scenario>,
        cut: Cut,
    ) -> Result<Tried, WitnessError> {
        self.plays += 1;
        if self.plays > MOST_PLAYS {
            return Err(WitnessError::TooLong);
        }
        let sieve = Arc::new(Sieve::new(cut));
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
    ) -> Result<Option<(Arc<Scenario>, Tried)>, WitnessError> {
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
            if let Some(played) = self.still_succeeds(first, &smaller, &Cut::default()).await? {
                return Ok(Some((smaller, played)));
            }
        }
        Ok(None)
    }

    /// With one difference less, if the attack still succeeds.
    async fn without_a_difference(
        &mut self,
        scenario: &Arc<Scenario>,
        first: &Judgement,
        paths: &[String],
        cut: &Cut,
    ) -> Result<Option<(Cut, Tried)>, WitnessError> {
        for path in paths.iter().filter(|path| !cut.withheld.contains(*path)) {
            let mut more = cut.clone();
            more.withheld.insert(path.clone());
            if let Some(played) = self.still_succeeds(first, scenario, &more).await? {
                return Ok(Some((more, played)));
            }
        }
        Ok(None)
    }

    /// Of a difference in bytes, the least that is needed.
    async fn narrowed(
        &mut self,
        scenario: &Arc<Scenario>,
        first: &Judgement,
        path: &str,
        cut: &mut Cut,
        mut last: Tried,
    ) -> Result<Tried, WitnessError> {
        let Some((delta, mut window)) = window(&last, path) else { return Ok(last) };
        let mut step = window.len() / 2;
        while step > 0 && self.plays + PLAYS_OF_A_STEP < MOST_PLAYS {
            let mut found = None;
            for narrower in narrower(&delta, &window, step) {
                let mut less = cut.clone();
                less.windows.insert(path.to_owned(), narrower.clone());
                if let Some(played) = self.still_succeeds(first, scenario, &less).await? {
                    found = Some((narrower, less, played));
                    break;
                }
            }
            match found {
                Some((narrower, less, played)) => (window, *cut, last) = (narrower, less, played),
                None => step /= 2,
            }
            step = step.min(window.len() / 2);
        }
        Ok(last)
    }
}

/// Two windows, each with both clients.
const PLAYS_OF_A_STEP: usize = 4;

/// A difference in bytes that was let through, and where these are.
fn window(played: &Tried, path: &str) -> Option<(Delta, Range<usize>)> {
    let delta = played.1.left().remove(path)?;
    let bytes = delta.bytes.filter(|_| !path.starts_with(PLANTED))?;
    Some((delta, bytes.offset..bytes.offset + bytes.length))
}

fn succeeded(judgement: &Judgement) -> bool {
    matches!(judgement.verdict, Verdict::Exploited | Verdict::Fail)
}

/// Whether the attack has succeeded in the same way.
fn is_same(first: &Judgement, other: &Judgement) -> bool {
    let kind = |judgement: &Judgement| judgement.proof.as_ref().map(|proof| proof.kind.clone());
    first.verdict == other.verdict && first.cause == other.cause && kind(first) == kind(other)
}
