//! Whether the attacked answer was delivered.

use e2ee_mock_server::Endpoint;
use e2ee_mock_server::adversary::Move;
use e2ee_mock_server::adversary::moves::{Fail, Failure};

use super::ways::amounts_to;
use crate::scenario::{Scenario, Step};
use crate::transcript::Transcript;

/// What is missing, if none of the exchanges of the scenario's `reach` was seen.
///
/// With an attack, the exchange must come after its first step; if one of the moves lies, an answer that tells a fact
/// must have been changed by a lie, while a request that changes something shows that the client went on.
/// Without an attack, any exchange with a judged device counts.
pub(super) fn missing(scenario: &Scenario, transcript: &Transcript) -> Option<String> {
    if let Some(unmet) = unmet(scenario, transcript) {
        return Some(unmet.text);
    }
    if scenario.reach.is_empty() {
        return None;
    }
    let attack = scenario.first_attack();
    let after = match attack {
        None => 0,
        Some(position) => match transcript.steps.iter().find(|record| record.step == position) {
            None => return Some("the attack was not played".to_owned()),
            Some(record) => record.exchanges_before,
        },
    };
    let lies = scenario.moves().any(|step| step.is_attack() && !step.is_silent());
    let wanted = scenario.reach.iter().map(|endpoint| endpoint.as_str()).collect::<Vec<_>>().join(" or ");
    let mut seen = transcript
        .subject_exchanges()
        .filter(|e| e.number > after && scenario.reach.iter().any(|named| amounts_to(e, *named)))
        .peekable();
    if seen.peek().is_none() {
        let when = if attack.is_some() { " after the attack" } else { "" };
        return Some(format!("no {wanted} was seen{when}"));
    }
    let reached =
        seen.any(|e| e.delivered && (!lies || changes_something(e.endpoint) || !e.tampered_by.is_empty()));
    (!reached).then(|| {
        if lies {
            format!("no {wanted} got the attacker's answer to its end")
        } else {
            format!("no answer to {wanted} was delivered to its end")
        }
    })
}

/// Trouble of an honest server that no judged device has run into.
pub(super) struct Unmet {
    /// The position of the step that made it: what comes after it went on without it.
    pub(super) step: usize,
    pub(super) text: String,
}

/// Who has met no trouble has not withstood it either, and had no reason to do as one does who has.
pub(super) fn unmet(scenario: &Scenario, transcript: &Transcript) -> Option<Unmet> {
    const TROUBLE: &[&str] = &["fail", "forge_lock_token"];
    let mut made = scenario.steps.iter().enumerate().filter_map(|(step, it)| match it {
        Step::Move(part) if !part.is_attack() => Some((step, part.play.name())),
        _ => None,
    });
    let met = |name: &str| {
        let mut judged = transcript.subject_exchanges();
        judged.any(|exchange| exchange.tampered_by.iter().any(|by| by == name))
    };
    let (step, name) = made.find(|(_, name)| TROUBLE.contains(name) && !met(name))?;
    let text = format!("no request met the trouble that the server made ({name})");
    Some(Unmet { step, text })
}

/// Whether the server keeps answers back at this step, for longer than so many seconds or byte by byte.
pub(super) fn kept_back(scenario: &Scenario, step: usize, seconds: u64) -> bool {
    let moves = scenario.steps.iter().take(step).filter_map(|step| match step {
        Step::Move(part) => Some(&part.play),
        _ => None,
    });
    moves.fold(false, |kept_back, play| match play {
        Move::Relent(_) => false,
        Move::Fail(Fail { fault: Failure::Drip, .. }) => true,
        Move::Fail(Fail { fault: Failure::Delay, millis: Some(millis), .. }) => {
            kept_back || u64::from(*millis) / 1000 >= seconds
        }
        _ => kept_back,
    })
}

fn changes_something(endpoint: Endpoint) -> bool {
    use Endpoint::{MoveChunks, PostBulk, PostMetadata, PostShares, PutFile, PutMetadata};
    matches!(endpoint, PostMetadata | PutMetadata | PutFile | MoveChunks | PostBulk | PostShares)
}
