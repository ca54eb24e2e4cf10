//! What a device was shown and does not write again is gone for everybody.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_reference::metadata::Contents;
use e2ee_reference::trust::{Exceptions, check_entry};

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use crate::scenario::Action;
use crate::transcript::{Deed, Transcript};

pub(super) const MONITOR: Monitor = Monitor {
    name: "entries-kept",
    summary: "new metadata name all that the old ones named, unless the user asked to remove or rename something",
    requirements: &["ROB-META-02"],
    catches: &["drops-damaged-entries"],
    honest_only: false,
    needs: &[Need::Wishes],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut shown: BTreeMap<(String, String), Named> = BTreeMap::new();
    let mut observed = Vec::new();
    for document in evidence.documents.iter().filter(|document| document.by_subject) {
        let Some((_, contents)) = &document.opened else { continue };
        let place = (document.device.clone(), document.folder.clone());
        let now = named(contents);
        if !document.uploaded {
            shown.insert(place, now);
            continue;
        }
        let Some(before) = shown.get_mut(&place) else { continue };
        let gone = missing(before, &now);
        // What is gone is told once. What came with this upload is not asked for: it may be taken back.
        before.retain(|id, _| now.contains_key(id));
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

/// The clear names by id; none where it cannot be read.
type Named = BTreeMap<String, Option<String>>;

/// All that a client may not drop: an entry that would harm it is not among them.
fn named(contents: &Contents) -> Named {
    let files = contents.files.iter().map(|(id, entry)| (id, &entry.filename));
    let harmless = |(id, name): &(&String, &String)| check_entry(id, name, &Exceptions::default()).is_ok();
    let readable = files.chain(&contents.folders).filter(harmless);
    let readable = readable.map(|(id, name)| (id.clone(), Some(name.clone())));
    readable.chain(contents.damaged.keys().map(|id| (id.clone(), None))).collect()
}

/// How many entries are gone. Whose name has another id now was written anew.
fn missing(before: &Named, now: &Named) -> usize {
    let names: BTreeSet<&String> = now.values().flatten().collect();
    let gone = before.iter().filter(|(id, name)| {
        !now.contains_key(*id) && !name.as_ref().is_some_and(|name| names.contains(name))
    });
    gone.count()
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
