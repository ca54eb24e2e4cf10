//! The documents that came into force.

use std::collections::BTreeMap;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::metadata::Contents;

use crate::monitors::finding::Evidence;
use crate::monitors::uploads::Seen;
use crate::monitors::write_under_lock::{granted_token, is_of_version_1};

/// What came into force, folder by folder, in the order of the releases of the locks.
pub(super) struct History<'a> {
    /// By the folder's number.
    pub(super) folders: BTreeMap<&'a str, Vec<Committed<'a>>>,
    /// The exchange in which a lock was granted that another device held.
    pub(super) granted_twice: Option<u64>,
}

/// A document that came into force.
pub(super) struct Committed<'a> {
    /// The exchange in which it was sent.
    pub(super) exchange: u64,
    /// The device that sent it.
    pub(super) device: &'a str,
    /// Whether that device is judged.
    pub(super) by_subject: bool,
    /// Whether it is of 1.x, which has no counter.
    pub(super) older: bool,
    /// What is in it, if the judge can open it.
    pub(super) contents: Option<&'a Contents>,
}

impl<'a> History<'a> {
    /// Reads the exchanges in the order in which they took effect. What was stored last under a lock counts when the lock
    /// is released, and not at all when the change is aborted or the lock never released.
    pub(super) fn of(evidence: &'a Evidence<'_>) -> Self {
        let sent: BTreeMap<u64, &Seen> = evidence
            .documents
            .iter()
            .filter(|seen| seen.uploaded)
            .map(|seen| (seen.exchange, seen))
            .collect();
        let mut history = Self { folders: BTreeMap::new(), granted_twice: None };
        // By token; in version 1 of the interface a release makes final what its own folder has, whoever sent it.
        let mut pending: BTreeMap<&str, BTreeMap<&str, &Seen>> = BTreeMap::new();
        let mut holders: BTreeMap<&str, (String, Option<&str>)> = BTreeMap::new();
        for exchange in &evidence.transcript.exchanges {
            let token = match is_of_version_1(exchange) {
                true => folder(exchange),
                false => exchange.request_header("e2e-token").unwrap_or_default(),
            };
            if let Some(granted) = granted_token(exchange) {
                let held = holders.insert(folder(exchange), (granted, exchange.device.as_deref()));
                let other = held.is_some_and(|(_, device)| device != exchange.device.as_deref());
                if other && history.granted_twice.is_none() {
                    history.granted_twice = Some(exchange.number);
                }
            } else if let Some(seen) = sent.get(&exchange.number) {
                pending.entry(token).or_default().insert(&seen.folder, seen);
            } else if exchange.endpoint == Endpoint::DeleteLock && exchange.status == 200 {
                holders.remove(folder(exchange));
                let stored = pending.remove(token).unwrap_or_default();
                if !is_abort(exchange) {
                    stored.into_values().for_each(|seen| history.commit(seen));
                }
            } else if exchange.endpoint == Endpoint::DeleteLock && (400..500).contains(&exchange.status) {
                // Who is told that there is nothing to release does not hold it any more: it has expired.
                let device = exchange.device.as_deref();
                holders.retain(|locked, (_, holder)| *locked != folder(exchange) || *holder != device);
            }
        }
        history
    }

    fn commit(&mut self, seen: &'a Seen) {
        self.folders.entry(&seen.folder).or_default().push(Committed {
            exchange: seen.exchange,
            device: &seen.device,
            by_subject: seen.by_subject,
            older: seen.older,
            contents: seen.opened.as_ref().map(|(_, contents)| &**contents),
        });
    }
}

fn folder(exchange: &Exchange) -> &str {
    exchange.path.rsplit('/').next().unwrap_or_default()
}

fn is_abort(exchange: &Exchange) -> bool {
    exchange.query.split('&').any(|pair| pair == "abort=true")
        || exchange.parameter("abort").is_some_and(|value| value == "true")
}
