//! A counter that does not grow hides a rollback.

use std::collections::BTreeMap;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;

pub(super) const MONITOR: Monitor = Monitor {
    name: "counter-grows",
    summary: "every stored document has a greater counter than the one that it replaces",
    requirements: &["R2-MOD-03", "ATK-CTR-01", "ATK-CTR-03"],
    catches: &["keeps-counter"],
    honest_only: true,
    needs: &[Need::Metadata],
    check,
};

/// What was stored before an abort does not count: the next one is compared with what its author was shown.
fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut shown: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut observed = Vec::new();
    for document in evidence.documents.iter().filter(|document| document.by_subject) {
        let Some((_, contents)) = &document.opened else { continue };
        if document.older {
            continue;
        }
        let place = (document.device.clone(), document.folder.clone());
        if !document.uploaded {
            shown.insert(place, contents.counter);
            continue;
        }
        if let Some(before) = shown.get(&place).filter(|before| contents.counter <= **before) {
            observed.push(Observed {
                text: format!(
                    "the document in exchange {} has the counter {}, and the one before had {before}",
                    document.exchange, contents.counter
                ),
                exchanges: vec![document.exchange],
                canary: None,
            });
        }
    }
    observed
}
