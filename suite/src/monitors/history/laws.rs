//! What holds from one document in force to the next.

use std::collections::BTreeSet;

use e2ee_reference::metadata::{Contents, FileEntry};

use super::committed::{Committed, History};
use crate::monitors::finding::Observed;
use crate::scenario::Action;
use crate::transcript::{Deed, Transcript};

/// Counters grow, whoever writes (R2-UPD-02).
pub(super) fn counters_grow(history: &History<'_>) -> Vec<Observed> {
    let mut broken = Vec::new();
    for (before, after) in successions(history) {
        let (Some(old), Some(new)) = (before.contents, after.contents) else { continue };
        if !before.older && !after.older && new.counter <= old.counter {
            let (old, new) = (old.counter, new.counter);
            broken.push(observed(after, before, format!("has the counter {new} after {old}")));
        }
    }
    broken
}

/// What one device has added or changed is still so in the next device's document, unless that device was asked to take
/// it away (ROB-DEV-01).
pub(super) fn no_lost_update(history: &History<'_>, transcript: &Transcript) -> Vec<Observed> {
    let mut broken = Vec::new();
    for documents in history.folders.values() {
        for (position, pair) in documents.windows(2).enumerate() {
            let [before, after] = pair else { continue };
            let (Some(old), Some(new)) = (before.contents, after.contents) else { continue };
            if !after.by_subject || new.deleted || rearranging(transcript, after) {
                continue;
            }
            let gone = old.files.iter().filter(|(id, entry)| {
                !new.files.contains_key(*id) && !new.files.values().any(|new| new.filename == entry.filename)
            });
            let gone = gone.count() + old.folders.keys().filter(|id| !new.folders.contains_key(*id)).count();
            if gone > 0 {
                broken.push(observed(after, before, format!("leaves out {gone} entries")));
            }
            let earlier = documents.get(..position).unwrap_or_default();
            let undone = new.files.iter().filter(|(id, entry)| {
                let changed = old.files.get(*id).is_some_and(|old| !same(old, entry));
                changed && earlier.iter().any(|document| holds(document, id, entry))
            });
            let undone = undone.count();
            if undone > 0 {
                broken.push(observed(after, before, format!("undoes {undone} changes of files")));
            }
        }
    }
    broken
}

/// What was removed stays so, unless a device was asked to bring it back by a new name (R2-MOD-15).
pub(super) fn nothing_comes_back(history: &History<'_>, transcript: &Transcript) -> Vec<Observed> {
    let mut broken = Vec::new();
    for documents in history.folders.values() {
        for (position, pair) in documents.windows(2).enumerate() {
            let [before, after] = pair else { continue };
            let (Some(old), Some(new)) = (before.contents, after.contents) else { continue };
            if !after.by_subject || rearranging(transcript, after) {
                continue;
            }
            let earlier = documents.get(..position).unwrap_or_default();
            let back = new.files.iter().filter(|(id, entry)| {
                !names(old).contains(id.as_str()) && earlier.iter().any(|document| holds(document, id, entry))
            });
            let back = back.count();
            if back > 0 {
                broken.push(observed(after, before, format!("brings back {back} removed files")));
            }
        }
    }
    broken
}

/// Two documents in force after each other, the later one by a judged device.
fn successions<'h>(history: &'h History<'_>) -> impl Iterator<Item = (&'h Committed<'h>, &'h Committed<'h>)> {
    let pairs = history.folders.values().flat_map(|documents| documents.iter().zip(documents.iter().skip(1)));
    pairs.filter(|(_, after)| after.by_subject)
}

fn observed(after: &Committed<'_>, before: &Committed<'_>, what: String) -> Observed {
    let (exchange, device) = (after.exchange, after.device);
    Observed {
        text: format!(
            "the document of {device} in exchange {exchange} {what}; before it came that of {} in exchange {}",
            before.device, before.exchange
        ),
        exchanges: vec![before.exchange, exchange],
        canary: None,
    }
}

/// Whether the device was asked to remove or rename something when it sent the document.
fn rearranging(transcript: &Transcript, document: &Committed<'_>) -> bool {
    transcript.steps.iter().any(|record| {
        let asked = matches!(record.deed, Deed::Device(Action::Remove { .. } | Action::Rename { .. }));
        asked
            && record.actor == document.device
            && record.exchanges_before < document.exchange
            && document.exchange <= record.exchanges_after
    })
}

fn names(contents: &Contents) -> BTreeSet<&str> {
    contents.files.keys().chain(contents.damaged.keys()).map(String::as_str).collect()
}

fn holds(document: &Committed<'_>, id: &str, entry: &FileEntry) -> bool {
    document.contents.and_then(|contents| contents.files.get(id)).is_some_and(|old| same(old, entry))
}

/// Whether both name the same stored bytes: a new content has a new key or nonce (R2-MOD-11).
fn same(one: &FileEntry, other: &FileEntry) -> bool {
    one.key == other.key && one.nonce == other.nonce
}
