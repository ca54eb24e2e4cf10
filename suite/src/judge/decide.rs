//! The order of reasons.

use super::assess::{Assessment, Miss, assess};
use super::reach::kept_back;
use super::verdict::{Cause, Evidence, Judgement, Verdict};
use super::{proof, reach};
use crate::monitors::{self, Departure, Finding, Watched};
use crate::scenario::Scenario;
use crate::transcript::{Outcome, Transcript};

/// The verdict on one scenario in one version: a function of its arguments and of nothing else.
///
/// `twin` is the honest twin, for scenarios with an attack; `played` the attack, or the only play.
pub fn judge(scenario: &Scenario, twin: Option<&Transcript>, played: &Transcript) -> Judgement {
    judge_beside(scenario, twin, monitors::watch, played)
}

/// [`judge`], with somebody who asks the monitors about the twin, or knows already.
pub(crate) fn judge_beside(
    scenario: &Scenario,
    twin: Option<&Transcript>,
    watch_twin: impl FnOnce(&Transcript) -> Watched,
    played: &Transcript,
) -> Judgement {
    let part = (assess(scenario, played), monitors::watch(played));
    let twin_part = twin.map(|twin| (assess(scenario, twin), watch_twin(twin)));
    let mut lines = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    for (assessment, found) in twin_part.iter().chain([&part]) {
        lines.extend(assessment.lines.iter().cloned());
        for finding in &found.findings {
            // The twin and the attack show mostly the same; once is enough.
            if !findings.iter().any(|other| other.monitor == finding.monitor && other.play == finding.play) {
                findings.push(finding.clone());
            }
        }
        for departure in found.departures.iter().filter(|departure| is_cited(scenario, departure)) {
            if !findings.iter().any(|other| other.requirements == [departure.requirement]) {
                findings.push(departure.as_finding(played.mode));
            }
        }
    }
    let mut judgement = decide(scenario, twin, played, twin_part.as_ref(), &part);
    judgement.reason = played.secrets.redact(&judgement.reason);
    judgement.findings = findings;
    judgement.steps = lines;
    judgement
}

type Part = (Assessment, Watched);

fn decide(
    scenario: &Scenario,
    twin: Option<&Transcript>,
    played: &Transcript,
    twin_part: Option<&Part>,
    (assessment, found): &Part,
) -> Judgement {
    if let Some(broken) = twin.into_iter().chain([played]).find_map(|transcript| transcript.broken.as_ref()) {
        return say(Verdict::Error, Cause::Harness, broken);
    }
    let all_misses = twin_part.iter().flat_map(|(twin, _)| &twin.misses).chain(&assessment.misses);
    if let Some((cause, text)) = all_misses.clone().find_map(broken_by) {
        return say(Verdict::Error, cause, text);
    }
    let attack = scenario.first_attack();
    let evidence = attack.and_then(|_| proof::find(scenario, played, &found.findings));
    if let Some(evidence) = evidence.clone().filter(proof::is_plaintext) {
        return exploited(evidence);
    }
    let unmet = reach::unmet(scenario, played);
    let beside_trouble = |miss: &Miss| {
        let unmet = unmet.as_ref().filter(|unmet| attack.is_none() && unmet.step < miss.step);
        unmet.filter(|_| !miss.outcome.is_fatal())
    };
    if let Some(miss) = all_misses.clone().find(|miss| miss.forbidden) {
        return match beside_trouble(miss) {
            Some(unmet) => unreached(&unmet.text, miss),
            None => say(Verdict::Fail, Cause::Step, miss.text.clone()),
        };
    }
    let forgotten = forgotten(twin, played);
    // What seems to be missing may have been forgotten.
    let found_by_monitor = |finding: &Finding| {
        let said = || say(Verdict::Fail, Cause::Monitor, finding.sentence());
        forgotten.clone().unwrap_or_else(said)
    };
    if let Some((twin, found)) = twin_part {
        if let Some(finding) = found.findings.first() {
            return found_by_monitor(finding);
        }
        if let Some(miss) = twin.misses.first() {
            let verdict = match miss.outcome {
                Outcome::Hung(_) => Verdict::Hang,
                _ => Verdict::Inconclusive,
            };
            return say(verdict, Cause::Twin, format!("honest twin: {}", miss.text));
        }
    }
    if let Some(attack) = attack {
        let too_early = |miss: &&Miss| miss.step <= attack || matches!(miss.outcome, Outcome::MoveFailed(_));
        if let Some(miss) = assessment.misses.iter().find(too_early) {
            let verdict = match miss.outcome {
                Outcome::Hung(_) => Verdict::Hang,
                _ => Verdict::Inconclusive,
            };
            return say(verdict, Cause::Step, format!("before the attack: {}", miss.text));
        }
    }
    if let Some(evidence) = evidence.or_else(|| proof::escaped(played)) {
        return exploited(evidence);
    }
    let missing = reach::missing(scenario, played);
    if let Some(miss) = assessment.misses.first() {
        let missing = missing.filter(|_| attack.is_some() || beside_trouble(miss).is_some());
        return match (&miss.outcome, missing) {
            (Outcome::Hung(seconds), _) => hung(scenario, miss, *seconds),
            (Outcome::MoveFailed(_), _) => say(Verdict::Inconclusive, Cause::Step, miss.text.clone()),
            (_, Some(missing)) => unreached(&missing, miss),
            _ => say(Verdict::Fail, Cause::Step, miss.text.clone()),
        };
    }
    if let Some(finding) = found.findings.first() {
        return found_by_monitor(finding);
    }
    if let Some(missing) = missing {
        return say(Verdict::Inconclusive, Cause::Reach, missing);
    }
    let parts = twin_part.into_iter().map(|(twin, _)| twin).chain([assessment]);
    if let Some(survived) = parts.into_iter().find_map(|part| part.survived.as_ref()) {
        return say(Verdict::Inconclusive, Cause::Step, survived);
    }
    if let Some(forgotten) = forgotten {
        return forgotten;
    }
    let unclear = twin_part.into_iter().map(|(_, watched)| watched).chain([found]);
    if let Some(unclear) = unclear.into_iter().find_map(|watched| watched.unclear.as_ref()) {
        return say(Verdict::Inconclusive, Cause::Monitor, unclear);
    }
    if let Some(silent) = &assessment.silent {
        return say(Verdict::Warn, Cause::Step, silent.clone());
    }
    let departures = twin_part.iter().flat_map(|(_, watched)| &watched.departures).chain(&found.departures);
    if let Some(departure) = departures.into_iter().find(|departure| is_cited(scenario, departure)) {
        let text = format!("{}: {}", departure.requirement, departure.text);
        return say(Verdict::Warn, Cause::Monitor, text);
    }
    say(Verdict::Pass, Cause::None, "")
}

/// The verdict, if the recorder could not keep everything.
fn forgotten(twin: Option<&Transcript>, played: &Transcript) -> Option<Judgement> {
    let dropped = twin.map_or(0, |twin| twin.exchanges_dropped) + played.exchanges_dropped;
    let text = format!("the recorder had to forget {dropped} exchanges: raise its limits");
    (dropped > 0).then(|| say(Verdict::Inconclusive, Cause::Harness, text))
}

/// Who waits for a server that keeps its answers back does no harm by it, and may have more patience than the judge.
fn hung(scenario: &Scenario, miss: &Miss, seconds: u64) -> Judgement {
    if !kept_back(scenario, miss.step, seconds) {
        return say(Verdict::Hang, Cause::Step, miss.text.clone());
    }
    let text = "the server kept its answer back, and the client may have more patience than `--timeout` has";
    say(Verdict::Inconclusive, Cause::Step, format!("{text}; {}", miss.text))
}

/// What came out otherwise than expected says little: what it was to be an answer to did not arrive.
fn unreached(missing: &str, miss: &Miss) -> Judgement {
    say(Verdict::Inconclusive, Cause::Reach, format!("{missing}; {}", miss.text))
}

fn is_cited(scenario: &Scenario, departure: &Departure) -> bool {
    scenario.cites.iter().any(|cited| cited == departure.requirement)
}

fn exploited(evidence: Evidence) -> Judgement {
    let reason = evidence.text.clone();
    Judgement { proof: Some(evidence), ..say(Verdict::Exploited, Cause::Proof, reason) }
}

fn say(verdict: Verdict, cause: Cause, reason: impl Into<String>) -> Judgement {
    Judgement::unplayed(verdict, cause, reason)
}

/// A miss that says nothing about the client's protocol: its adapter or our own peer broke.
fn broken_by(miss: &Miss) -> Option<(Cause, String)> {
    match &miss.outcome {
        Outcome::Garbage(_) => Some((Cause::Adapter, miss.text.clone())),
        outcome if outcome.is_fatal() && !miss.by_subject => Some((Cause::Harness, miss.text.clone())),
        _ => None,
    }
}
