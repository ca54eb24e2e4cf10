//! What a device was shown and does not write again is gone for everybody.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_reference::metadata::Contents;

use super::finding::{Evidence, Monitor, Observed};
use crate::scenario::Action;
use crate::transcript::{Deed, Transcript};

pub(super) const MONITOR: Monitor = Monitor {
    name: "entries-kept",
    summary: "new metadata name all that the old ones named, unless the user asked to remove or rename something",
    requirements: &["ROB-META-02", "R2-MOD-04"],
    catches: &["drops-damaged-entries"],
    honest_only: false,
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut shown: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut observed = Vec::new();
    for document in &evidence.documents {
        let Some((_, contents)) = &document.opened else { continue };
        let place = (document.device.clone(), document.folder.clone());
        let now = ids(contents);
        if !document.uploaded {
            shown.insert(place, now);
            continue;
        }
        let gone = shown.get(&place).map_or(0, |before| before.difference(&now).count());
        if gone > 0
            && !contents.deleted
            && !removing(evidence.transcript, &document.device, document.exchange)
        {
            observed.push(Observed {
                text: format!(
                    "the document in exchange {} leaves out {gone} entries that its author was shown",
                    document.exchange
                ),
                exchanges: vec![document.exchange],
                canary: None,
            });
        }
    }
    observed
}

fn ids(contents: &Contents) -> BTreeSet<String> {
    contents.files.keys().chain(contents.folders.keys()).chain(contents.damaged.keys()).cloned().collect()
}

/// Whether the device was asked to take something away when it sent this.
fn removing(transcript: &Transcript, device: &str, exchange: u64) -> bool {
    transcript.steps.iter().any(|record| {
        let asked = matches!(record.deed, Deed::Device(Action::Remove { .. } | Action::Rename { .. }));
        asked
            && record.actor == device
            && record.exchanges_before < exchange
            && exchange <= record.exchanges_after
    })
}
