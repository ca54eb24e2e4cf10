//! The model, and the check of what clients saw against it.
//!
//! An encrypted folder is, to its clients, three things:
//!
//! - a **lock** that at most one of them holds;
//! - a **document** that only the holder changes, all at once when he unlocks. Here it is a list to which each change
//!   adds its name, so that whoever reads it sees every change that came before, in order;
//! - a **counter** that grows with every change of the document.
//!
//! The server may take a change whose answer got lost, or not take it. What it has answered must hold from then on,
//! whatever becomes of connections and processes:
//!
//! 1. *One holder*: between the answer that gave somebody the lock and his asking to release it nobody else is given it.
//! 2. *No lost change*: of two documents that anybody saw, one is the beginning of the other.
//! 3. *Nothing acknowledged is lost*: a change whose unlock was answered stands in every document that is asked for later;
//!    so does all that stood in a document that was seen before.
//! 4. *Nothing out of thin air*: what stands in a document was sent whole, and its transaction was not aborted.
//! 5. *Counters grow*: a document with more changes has a greater counter.

use std::collections::{BTreeMap, BTreeSet};

/// Something that a client did with a folder, when it began and when it ended: microseconds since the test began.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) folder: String,
    pub(super) client: usize,
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) what: What,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    /// Was given the lock.
    Locked { token: String },
    /// Asked to release the lock, however that ended; the change is undone with `abort`.
    Released { token: String },
    /// Sent a changed document whole; the answer may be unknown.
    Sent { change: String },
    /// Had the unlock confirmed that makes the change final.
    Committed { change: String },
    /// Had the unlock confirmed that undoes the change.
    Aborted { change: String },
    /// Read the document.
    Read(Document),
}

/// What stands in a folder's metadata.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Document {
    pub(super) counter: u64,
    pub(super) changes: Vec<String>,
}

/// How many events were checked, by kind: a check of nothing proves nothing.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Checked {
    pub(super) folders: usize,
    pub(super) locks: usize,
    pub(super) commits: usize,
    pub(super) aborts: usize,
    pub(super) reads: usize,
}

/// Holds the history against the model; the first thing that does not fit.
pub(super) fn check(history: &[Event]) -> Result<Checked, String> {
    let mut folders: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in history {
        folders.entry(&event.folder).or_default().push(event);
    }
    let mut checked = Checked { folders: folders.len(), ..Checked::default() };
    for (folder, mut events) in folders {
        events.sort_by_key(|event| event.began);
        let found = one_holder(&events)
            .and_then(|locks| {
                checked.locks += locks;
                one_line(&events)
            })
            .and_then(|()| nothing_lost(&events))
            .and_then(|()| nothing_from_nowhere(&events));
        found.map_err(|what| format!("folder {folder}: {what}"))?;
        for event in events {
            match event.what {
                What::Committed { .. } => checked.commits += 1,
                What::Aborted { .. } => checked.aborts += 1,
                What::Read(_) => checked.reads += 1,
                What::Locked { .. } | What::Released { .. } | What::Sent { .. } => {}
            }
        }
    }
    Ok(checked)
}

/// Rule 1.
fn one_holder(events: &[&Event]) -> Result<usize, String> {
    let mut held: Vec<(u64, u64, &Event)> = Vec::new();
    for locked in events {
        let What::Locked { token } = &locked.what else { continue };
        let released =
            events.iter().filter(|event| matches!(&event.what, What::Released { token: t } if t == token));
        // Who never asks holds it for ever.
        let until = released.map(|event| event.began).min().unwrap_or(u64::MAX);
        held.push((locked.ended, until, locked));
    }
    held.sort_by_key(|(from, ..)| *from);
    for pair in held.windows(2) {
        let ((_, until, one), (from, _, other)) = (pair[0], pair[1]);
        if from < until {
            let (one, other) = (one.client, other.client);
            return Err(format!(
                "two holders of the lock: client {one} until {until}, client {other} from {from}"
            ));
        }
    }
    Ok(held.len())
}

/// Rules 2 and 5.
fn one_line(events: &[&Event]) -> Result<(), String> {
    let mut documents: Vec<&Document> = events.iter().filter_map(|event| event.document()).collect();
    documents.sort_by_key(|document| document.changes.len());
    for pair in documents.windows(2) {
        let (shorter, longer) = (pair[0], pair[1]);
        if !longer.changes.starts_with(&shorter.changes) {
            return Err(format!("a change was lost: {shorter:?} is no beginning of {longer:?}"));
        }
        let grows = shorter.counter < longer.counter;
        if (shorter.changes.len() < longer.changes.len()) != grows || shorter.counter > longer.counter {
            return Err(format!("the counter does not grow with the changes: {shorter:?}, {longer:?}"));
        }
    }
    Ok(())
}

/// Rule 3.
fn nothing_lost(events: &[&Event]) -> Result<(), String> {
    // What everybody must see from a moment on.
    let mut known: Vec<(u64, &[String])> = Vec::new();
    for event in events {
        match &event.what {
            What::Committed { change } => known.push((event.ended, std::slice::from_ref(change))),
            What::Read(document) => known.push((event.ended, &document.changes)),
            _ => {}
        }
    }
    known.sort_by_key(|(ended, _)| *ended);
    let mut known = known.into_iter().peekable();
    let mut must_see: BTreeSet<&str> = BTreeSet::new();
    for event in events {
        while let Some((_, changes)) = known.next_if(|(ended, _)| *ended < event.began) {
            must_see.extend(changes.iter().map(String::as_str));
        }
        let Some(document) = event.document() else { continue };
        let seen: BTreeSet<&str> = document.changes.iter().map(String::as_str).collect();
        if let Some(lost) = must_see.difference(&seen).next() {
            return Err(format!("change {lost} was acknowledged before, and is not in {event:?}"));
        }
    }
    Ok(())
}

/// Rule 4.
fn nothing_from_nowhere(events: &[&Event]) -> Result<(), String> {
    let names = |wanted: fn(&What) -> Option<&String>| -> BTreeSet<&String> {
        events.iter().filter_map(|event| wanted(&event.what)).collect()
    };
    let sent = names(|what| if let What::Sent { change } = what { Some(change) } else { None });
    let aborted = names(|what| if let What::Aborted { change } = what { Some(change) } else { None });
    for document in events.iter().filter_map(|event| event.document()) {
        for (at, change) in document.changes.iter().enumerate() {
            if !sent.contains(change) {
                return Err(format!("change {change} was never sent whole"));
            }
            if aborted.contains(change) {
                return Err(format!("change {change} was aborted"));
            }
            if document.changes[..at].contains(change) {
                return Err(format!("change {change} was made twice"));
            }
        }
    }
    Ok(())
}

impl Event {
    fn document(&self) -> Option<&Document> {
        match &self.what {
            What::Read(document) => Some(document),
            _ => None,
        }
    }
}
