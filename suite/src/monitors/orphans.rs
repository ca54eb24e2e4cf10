//! Bytes that no metadata name are never read again, and never deleted.

use std::collections::BTreeSet;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::metadata::Document;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use super::write_under_lock::is_of_version_1;
use crate::transcript::Outcome;

pub(super) const MONITOR: Monitor = Monitor {
    name: "orphans",
    summary: "the server holds no file in an encrypted folder that the metadata do not name",
    requirements: &["R2-MOD-15", "R2-UPD-06", "ROB-DIR-01"],
    catches: &["leaves-orphans", "ignores-failed-deletion"],
    honest_only: true,
    needs: &[Need::Rest, Need::Metadata],
    check,
};

/// Whether the server has kept somebody from taking back what was begun, or has left something itself: then nobody knows
/// whose it is. After any other error it is the client that takes it back or goes on (R2-UPD-06).
fn hinders(exchange: &Exchange) -> bool {
    let takes_back = exchange.endpoint == Endpoint::DeleteLock;
    let only_failed = exchange.tampered_by.iter().all(|by| by == "fail");
    // Version 1 of the interface has no way to take anything back.
    !exchange.tampered_by.is_empty() && (takes_back || !only_failed || is_of_version_1(exchange))
}

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let killed = evidence.transcript.steps.iter().any(|step| matches!(step.outcome, Outcome::Killed(_)));
    // Servers keep what was uploaded before the metadata, and whoever is killed there need not have noted what it was.
    if killed || evidence.transcript.exchanges.iter().any(|exchange| hinders(exchange)) {
        return Vec::new();
    }
    let mut ring = evidence.ring.borrow_mut();
    let mut observed = Vec::new();
    // Roots come before what is below them, whose key is found in them.
    for folder in &evidence.transcript.stored {
        let Some(text) = &folder.metadata else { continue };
        let Some((_, contents)) = ring.open_text(text) else { continue };
        let dropped = Document::parse(text).map(|document| document.filedrop().keys().cloned().collect());
        let dropped: BTreeSet<String> = dropped.unwrap_or_default();
        let inside = contents.files.keys().chain(contents.damaged.keys());
        let named: BTreeSet<&String> = inside.chain(&dropped).collect();
        let orphans = folder.files.keys().filter(|name| !named.contains(name)).count();
        if orphans > 0 {
            observed.push(Observed {
                text: format!(
                    "{orphans} files are left in folder {} that its metadata do not name",
                    folder.id
                ),
                exchanges: Vec::new(),
                canary: None,
            });
        }
    }
    observed
}
