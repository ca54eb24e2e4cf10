//! Bytes that no metadata name are never read again, and never deleted.

use std::collections::BTreeSet;

use e2ee_reference::metadata::Document;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;

pub(super) const MONITOR: Monitor = Monitor {
    name: "orphans",
    summary: "the server holds no file in an encrypted folder that the metadata do not name",
    requirements: &["R2-MOD-15", "ROB-DIR-01"],
    catches: &["leaves-orphans"],
    honest_only: true,
    needs: &[Need::Rest, Need::Metadata],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    // After an error of the server nobody knows who left what.
    if evidence.transcript.exchanges.iter().any(|exchange| !exchange.tampered_by.is_empty()) {
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
