//! A lock that is kept keeps everybody else out.

use e2ee_mock_server::{Endpoint, Exchange};

use super::finding::{Evidence, Monitor, Observed};
use super::write_under_lock::{granted_token, lock_token};
use crate::transcript::{Outcome, Transcript};

pub(super) const MONITOR: Monitor = Monitor {
    name: "locks-released",
    summary: "every lock that was granted is released",
    requirements: &["R2-UPD-05", "R2-UPD-06", "R2-MOD-01"],
    catches: &["never-unlocks"],
    honest_only: true,
    needs: &[],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let held = held(evidence.transcript).map(|granted| Observed {
        text: format!("the lock granted in exchange {} was never released", granted.number),
        exchanges: vec![granted.number],
        canary: None,
    });
    held.collect()
}

/// The requests of judged devices that got locks which were not released.
pub(super) fn held(transcript: &Transcript) -> impl Iterator<Item = &Exchange> {
    let locks = transcript.subject_exchanges().filter(|e| e.endpoint == Endpoint::PostLock);
    locks.map(AsRef::as_ref).filter(|granted| {
        let Some(token) = granted_token(granted) else { return false };
        let released = transcript.exchanges.iter().any(|e| {
            e.endpoint == Endpoint::DeleteLock
                && e.number > granted.number
                && e.status == 200
                && lock_token(e).as_deref() == Some(token.as_str())
        });
        let crashed = transcript.steps.iter().any(|record| {
            Some(record.actor.as_str()) == granted.device.as_deref()
                && matches!(record.outcome, Outcome::Crashed(_) | Outcome::Hung(_))
        });
        !released && !crashed && !taken_away(transcript, granted)
    })
}

/// Whether the server has let the lock expire, or has never told its token.
fn taken_away(transcript: &Transcript, granted: &Exchange) -> bool {
    let by = |exchange: &Exchange, name: &str| exchange.tampered_by.iter().any(|by| by == name);
    let expired = |exchange: &Exchange| exchange.number > granted.number && by(exchange, "expire_locks");
    by(granted, "forge_lock_token") || transcript.exchanges.iter().any(|exchange| expired(exchange))
}
