//! What is withheld of forgeries in one play.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The differences that are taken back, and those of which only a part is left.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut {
    /// The paths of differences that are taken back as a whole.
    pub(super) withheld: BTreeSet<String>,
    /// By path: where bytes may differ. Everywhere if there is nothing.
    pub(super) windows: BTreeMap<String, Range<usize>>,
}

impl Cut {
    /// Whether this difference is taken back.
    pub(super) fn withholds(&self, path: &str) -> bool {
        self.withheld.contains(path)
    }

    /// Where bytes may differ, within `range`.
    pub(super) fn window(&self, path: &str, range: Range<usize>) -> Range<usize> {
        if self.withholds(path) {
            return range.end..range.end;
        }
        let window = self.windows.get(path).cloned().unwrap_or(range.clone());
        let start = window.start.clamp(range.start, range.end);
        start..window.end.clamp(start, range.end)
    }
}
