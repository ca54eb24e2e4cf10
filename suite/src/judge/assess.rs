//! Each step against what was expected of it.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_adapter::protocol::Content;

use super::disk;
use super::verdict::StepLine;
use super::ways::amounts_to;
use super::world::{Holding, World};
use crate::scenario::{Action, DeviceStep, Expect, Scenario, Step};
use crate::transcript::{Deed, Mode, Outcome, StepRecord, Transcript};

/// A step that did not go as it had to.
#[derive(Debug, Clone)]
pub(super) struct Miss {
    /// The position in the scenario.
    pub(super) step: usize,
    /// Whether the device is judged.
    pub(super) by_subject: bool,
    /// What came back.
    pub(super) outcome: Outcome,
    /// Whether a request was sent that the scenario forbids, which is wrong before any attack, too.
    pub(super) forbidden: bool,
    /// The sentence for the report.
    pub(super) text: String,
}

/// All steps of one play, and those that went wrong.
pub(super) struct Assessment {
    pub(super) lines: Vec<StepLine>,
    pub(super) misses: Vec<Miss>,
    /// A device that was to be killed, and sent nothing at which to kill it.
    pub(super) survived: Option<String>,
    /// A step that wanted a notice, and there was none.
    pub(super) silent: Option<String>,
}

/// Compares a play with its scenario.
pub(super) fn assess(scenario: &Scenario, transcript: &Transcript) -> Assessment {
    let mut assessment = Assessment { lines: Vec::new(), misses: Vec::new(), survived: None, silent: None };
    for record in &transcript.steps {
        let step = scenario.steps.get(record.step);
        let planned =
            step.map(Step::devices).unwrap_or_default().iter().find(|planned| planned.actor == record.actor);
        let forbidden = planned.and_then(|planned| forbidden(transcript, record, planned));
        let (expected, wrong) = match planned {
            Some(planned) => {
                let expect = match disk::lacks(transcript, planned.if_held.as_deref(), record) {
                    true => Expect::Any,
                    false => expectation(planned, transcript.mode),
                };
                (expect.as_str(), forbidden.clone().or_else(|| wrong(transcript, record, expect)))
            }
            None => ("", move_went_wrong(record)),
        };
        let line = step.map_or(0, Step::line);
        let survived = planned.and_then(|planned| survived(record, planned));
        let text = match &record.deed {
            Deed::Device(action) => action.to_string(),
            Deed::Move(play) => play.to_string(),
        };
        let reason = wrong.clone().or_else(|| survived.clone()).unwrap_or_else(|| record.outcome.reason());
        assessment.lines.push(StepLine {
            play: transcript.mode,
            line,
            actor: record.actor.clone(),
            method: match &record.deed {
                Deed::Device(action) => Some(action.method().to_owned()),
                Deed::Move(_) => None,
            },
            text: text.clone(),
            expected: planned.and_then(|planned| planned.killed_at).map_or(expected, |_| "killed").to_owned(),
            got: record.outcome.word().to_owned(),
            met: wrong.is_none() && survived.is_none(),
            reason: transcript.secrets.redact(&reason),
            notices: notices(transcript, record),
            exchanges: (record.exchanges_after > record.exchanges_before)
                .then_some((record.exchanges_before.saturating_add(1), record.exchanges_after)),
            millis: record.millis,
        });
        if assessment.survived.is_none() {
            assessment.survived = survived.map(|survived| format!("line {line}, {survived}"));
        }
        if let Some(wrong) = wrong {
            let wrong = transcript.secrets.redact(&wrong);
            assessment.misses.push(Miss {
                step: record.step,
                by_subject: planned.is_none() || transcript.is_subject(&record.actor),
                outcome: record.outcome.clone(),
                forbidden: forbidden.is_some(),
                text: format!("line {line}, {} ({text}): {wrong}", record.actor),
            });
        }
        if let Some(planned) = planned
            && planned.notice
            && transcript.mode != Mode::Twin
            && assessment.silent.is_none()
            && !was_noticed(scenario, transcript, record)
        {
            assessment.silent = Some(format!(
                "line {line}, {} ({text}): the user was neither warned nor asked",
                record.actor
            ));
        }
    }
    assessment.misses.extend(told_apart(scenario, transcript));
    assessment
}

/// Whether the requests alone tell one secret from another: every step of one secret sends the same kinds of requests,
/// and those of another secret send others. What varies by chance tells nothing.
fn told_apart(scenario: &Scenario, transcript: &Transcript) -> Option<Miss> {
    let mut kinds: BTreeMap<&str, BTreeSet<BTreeSet<&str>>> = BTreeMap::new();
    let mut last = None;
    for record in transcript.steps.iter().filter(|_| transcript.mode != Mode::Twin) {
        let planned = scenario.steps.get(record.step).map(Step::devices).unwrap_or_default();
        let planned = planned.iter().find(|planned| planned.actor == record.actor);
        let Some(secret) = planned.and_then(|planned| planned.secret.as_deref()) else { continue };
        let during = transcript.exchanges.iter().filter(|exchange| {
            exchange.device.as_deref() == Some(record.actor.as_str())
                && (record.exchanges_before < exchange.number && exchange.number <= record.exchanges_after)
        });
        kinds.entry(secret).or_default().insert(during.map(|exchange| exchange.endpoint.as_str()).collect());
        last = Some((record, planned.map_or(0, |planned| planned.line)));
    }
    let (record, line) = last?;
    let steady = kinds.values().all(|kinds| kinds.len() == 1);
    let distinct: BTreeSet<&BTreeSet<&str>> = kinds.values().flatten().collect();
    if !steady || distinct.len() < 2 {
        return None;
    }
    let told: Vec<String> = kinds
        .iter()
        .flat_map(|(secret, kinds)| kinds.iter().map(move |kinds| (secret, kinds)))
        .map(|(secret, kinds)| format!("{secret}: {}", kinds.iter().copied().collect::<Vec<_>>().join(", ")))
        .collect();
    Some(Miss {
        step: record.step,
        by_subject: transcript.is_subject(&record.actor),
        outcome: record.outcome.clone(),
        forbidden: false,
        text: format!(
            "line {line}, {}: the requests tell what they must not ({})",
            record.actor,
            told.join("; ")
        ),
    })
}

fn expectation(planned: &DeviceStep, mode: Mode) -> Expect {
    if mode == Mode::Twin { planned.twin_expect } else { planned.expect }
}

fn move_went_wrong(record: &StepRecord) -> Option<String> {
    match &record.outcome {
        Outcome::Ok(_) => None,
        other => Some(format!("the move could not be made: {}", other.reason())),
    }
}

/// Says so if a device was to be killed and was not: nothing is shown then.
fn survived(record: &StepRecord, planned: &DeviceStep) -> Option<String> {
    let endpoint = planned.killed_at?;
    let killed = matches!(record.outcome, Outcome::Killed(_));
    (!killed).then(|| format!("{} was not killed: it sent no {endpoint}", record.actor))
}

/// What is wrong with a device's answer, if anything.
fn wrong(transcript: &Transcript, record: &StepRecord, expect: Expect) -> Option<String> {
    if let Some(unmet) = unmet(&record.outcome, expect) {
        return Some(unmet);
    }
    if let Some(released) = record.outcome.released().first() {
        let (size, path) = (released.size, &released.path);
        return Some(format!("{size} bytes of {path} were given out before the client noticed"));
    }
    if let (Deed::Device(Action::Read { path }), Outcome::Ok(answer)) = (&record.deed, &record.outcome) {
        return misread(transcript, record, path, answer);
    }
    None
}

/// A request that the device must not send during this step, and has sent.
fn forbidden(transcript: &Transcript, record: &StepRecord, planned: &DeviceStep) -> Option<String> {
    let endpoint = planned.without?;
    let sent = transcript.exchanges.iter().find(|exchange| {
        amounts_to(exchange, endpoint)
            && exchange.device.as_deref() == Some(record.actor.as_str())
            && exchange.number > record.exchanges_before
            && exchange.number <= record.exchanges_after
    })?;
    Some(format!("sent {} (exchange {}), which it must not", sent.endpoint, sent.number))
}

fn unmet(outcome: &Outcome, expect: Expect) -> Option<String> {
    let met = match (outcome, expect) {
        (outcome, _) if outcome.is_fatal() => false,
        (_, Expect::Any) => true,
        (Outcome::Ok(_), Expect::Ok | Expect::OkOrBusy) => true,
        (Outcome::Busy(_), Expect::Busy | Expect::OkOrBusy) => true,
        (Outcome::Refused { .. }, Expect::Refused) => true,
        // What the client cannot do at all, it has not withstood either.
        (Outcome::Ok(_) | Outcome::Unsupported(_), _) => false,
        (_, Expect::NotOk) => true,
        _ => false,
    };
    (!met).then(|| {
        let reason = outcome.reason();
        let colon = if reason.is_empty() { "" } else { ": " };
        format!("expected {}, came {}{colon}{reason}", expect.as_str(), outcome.word())
    })
}

/// Whether a successful read gave something else than was written last.
fn misread(
    transcript: &Transcript,
    record: &StepRecord,
    path: &str,
    answer: &serde_json::Value,
) -> Option<String> {
    let Some(bytes) = content(answer) else {
        return Some("the answer to `read` has no `content` in base64".to_owned());
    };
    let found = transcript.canaries.sha256_of(&bytes);
    let before = World::before(transcript, record.step);
    let meanwhile = World::before(transcript, record.step.saturating_add(1));
    let right = |world: &World| match world.holding(path) {
        Holding::Unknown => true,
        Holding::Removed => false,
        Holding::OneOf(right, _) => right.contains(&found),
    };
    // A read beside a write may give either.
    if right(&before) || right(&meanwhile) {
        return None;
    }
    Some(match before.holding(path) {
        Holding::Removed => "read a file that was removed before".to_owned(),
        _ if before.ever(path).any(|old| old == found) => {
            "read an older content than was written last".to_owned()
        }
        _ => format!("read {} bytes that no device has written there", bytes.len()),
    })
}

/// The bytes in the answer to `read`.
pub(super) fn content(answer: &serde_json::Value) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let content: Content = serde_json::from_value(answer.clone()).ok()?;
    base64::engine::general_purpose::STANDARD.decode(content.content).ok()
}

fn notices(transcript: &Transcript, record: &StepRecord) -> Vec<String> {
    let warned = record.warnings.iter().map(|notice| format!("warning {}: {}", notice.kind, notice.text));
    let asked = record.questions.iter().map(|asked| {
        format!("question {}: {} - answered {:?}", asked.notice.kind, asked.notice.text, asked.answer)
    });
    warned.chain(asked).map(|text| transcript.secrets.redact(&text)).collect()
}

/// Whether the user of this device was warned, asked or heard a refusal between the attack and the end of
/// this step.
fn was_noticed(scenario: &Scenario, transcript: &Transcript, until: &StepRecord) -> bool {
    let from = scenario.first_attack().unwrap_or(until.step);
    transcript
        .steps
        .iter()
        .filter(|record| record.actor == until.actor && record.step >= from && record.step <= until.step)
        .any(|record| {
            !record.warnings.is_empty()
                || !record.questions.is_empty()
                || matches!(record.outcome, Outcome::Refused { .. })
        })
}
