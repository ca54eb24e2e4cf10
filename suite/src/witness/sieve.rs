//! What is let through while a witness is sought.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use e2ee_mock_server::SignedMetadata;
use e2ee_mock_server::adversary::ForgeryFilter;

use super::delta::{Delta, differences, without};

/// Puts honest members in the place of those that are withheld, and keeps what it has seen.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    withheld: BTreeSet<String>,
    seen: Mutex<BTreeMap<String, Delta>>,
}

impl Sieve {
    pub(super) fn new(withheld: BTreeSet<String>) -> Self {
        Self { withheld, seen: Mutex::default() }
    }

    /// Every difference so far, before anything was withheld.
    pub(super) fn seen(&self) -> BTreeMap<String, Delta> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ForgeryFilter for Sieve {
    fn metadata(&self, honest: &SignedMetadata, forged: SignedMetadata) -> SignedMetadata {
        let deltas = differences(honest, &forged);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).extend(deltas);
        without(honest, forged, &self.withheld)
    }
}
