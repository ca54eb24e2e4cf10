//! What a device adds to metadata it signs, and lays before everybody else.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_reference::metadata::Contents;
use e2ee_reference::trust::{Exceptions, check_entry};

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;

pub(super) const MONITOR: Monitor = Monitor {
    name: "new-entries",
    summary: "whatever a device adds to metadata has a name that is one, and that nothing else in the folder has",
    requirements: &["ATK-PATH-01", "ATK-PATH-02", "ATK-PATH-03", "R2-MOD-13"],
    catches: &["signs-odd-drops", "adds-entry-on-update"],
    honest_only: false,
    needs: &[Need::Beginning, Need::Metadata],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut known: BTreeMap<(&str, &str), BTreeSet<&String>> = BTreeMap::new();
    let mut observed = Vec::new();
    for document in evidence.documents.iter().filter(|document| document.by_subject) {
        let Some((_, contents)) = &document.opened else { continue };
        let known = known.entry((document.device.as_str(), document.folder.as_str())).or_default();
        let wrong = named(contents).filter(|(id, _)| document.uploaded && !known.contains(id));
        let wrong = wrong.filter_map(|(id, name)| wrong_with(contents, id, name)).next();
        observed.extend(wrong.map(|what| Observed {
            text: format!("the document in exchange {} has a new entry {what}", document.exchange),
            exchanges: vec![document.exchange],
            canary: None,
        }));
        // What was there before is not for its reader to judge; what was added once is told once.
        known.extend(named(contents).map(|(id, _)| id));
    }
    observed
}

/// Ids and clear names.
fn named(contents: &Contents) -> impl Iterator<Item = (&String, &String)> {
    contents.files.iter().map(|(id, entry)| (id, &entry.filename)).chain(&contents.folders)
}

fn wrong_with(contents: &Contents, id: &str, name: &str) -> Option<&'static str> {
    if check_entry(id, name, &Exceptions::default()).is_err() {
        return Some("whose name or identifier would lead elsewhere");
    }
    let mut others = named(contents).filter(|(other, _)| other.as_str() != id);
    others.any(|(_, other)| other == name).then_some("of a name that another one has")
}
