//! All laws over one history.

use super::committed::History;
use super::{deleted, laws};
use crate::monitors::finding::{Evidence, Monitor, Observed};
use crate::monitors::need::Need;

pub(in crate::monitors) const MONITOR: Monitor = Monitor {
    name: "history",
    summary: "over all devices: counters grow, no update is lost, nothing removed comes back, no folder is deleted without a \
              signed word",
    requirements: &["R2-UPD-02", "R2-VER-03", "R2-MOD-23", "ROB-DEV-01", "ATK-CTR-03"],
    catches: &["keeps-counter", "loses-concurrent-write", "brings-removed-back", "deletes-without-word"],
    honest_only: true,
    needs: &[
        Need::Beginning,
        Need::Metadata,
        Need::WishesFor("entries that are left out, and files that come back"),
    ],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let history = History::of(evidence);
    let mut broken = laws::counters_grow(&history);
    // Whether a user wanted something removed or renamed is known of plays only.
    if evidence.recorded.is_none() {
        broken.extend(laws::no_lost_update(&history, evidence.transcript));
        broken.extend(laws::nothing_comes_back(&history, evidence.transcript));
    }
    broken.extend(deleted::no_unsigned_deletion(&history, evidence.transcript));
    broken
}

/// Why the laws could not be checked, if they could not: what is not known to be broken is not known to hold either.
pub(in crate::monitors) fn unclear(evidence: &Evidence<'_>) -> Option<String> {
    let history = History::of(evidence);
    if let Some(exchange) = history.granted_twice {
        return Some(format!("the server granted a lock that was held, in exchange {exchange}"));
    }
    let sealed = history.folders.values().flatten().find(|document| document.contents.is_none())?;
    Some(format!("the judge cannot open the document in exchange {}", sealed.exchange))
}
