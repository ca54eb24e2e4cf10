//! What the specification wants and released clients do otherwise, harming nobody: a warning where a scenario is about
//! it, and no finding elsewhere.

use std::collections::BTreeMap;

use e2ee_mock_server::Endpoint;
use e2ee_reference::metadata::Contents;

use super::finding::Evidence;

/// Something that the specification wants otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// The requirement.
    pub requirement: &'static str,
    /// One clause; no secrets.
    pub text: String,
}

/// All of one play.
pub(super) fn departures(evidence: &Evidence<'_>) -> Vec<Departure> {
    let mut found = new_identifiers(evidence);
    found.extend(other_interfaces(evidence));
    found
}

/// A file has another identifier than in the document before, and its old entry is gone (R2-MOD-13, R1-FILE-04). What
/// was removed and made again looks the same, so that it is no error in general.
fn new_identifiers(evidence: &Evidence<'_>) -> Vec<Departure> {
    let mut last: BTreeMap<&str, &Contents> = BTreeMap::new();
    let mut found = Vec::new();
    for document in &evidence.documents {
        let Some((_, contents)) = &document.opened else { continue };
        let before = last.insert(&document.folder, contents);
        let Some(before) = before.filter(|_| document.uploaded && document.by_subject) else { continue };
        let is_new = |filename: &str| {
            let mut new = contents.files.iter().filter(|(id, _)| !before.files.contains_key(*id));
            new.any(|(_, entry)| entry.filename == filename)
        };
        let gone = before.files.iter().filter(|(id, _)| !contents.files.contains_key(*id));
        if gone.map(|(_, entry)| &entry.filename).any(|filename| is_new(filename)) {
            found.push(Departure {
                requirement: if document.older { "R1-FILE-04" } else { "R2-MOD-13" },
                text: format!(
                    "the document in exchange {} has a file under another identifier than before",
                    document.exchange
                ),
            });
        }
    }
    found
}

/// A request goes to another version of the interface than the metadata have, or to the older form of OCS (R2-API-01).
/// For the metadata of a folder that goes the text itself names version 1.
fn other_interfaces(evidence: &Evidence<'_>) -> Option<Departure> {
    let transcript = evidence.transcript;
    let wanted = format!("/ocs/v2.php/apps/end_to_end_encryption/api/v{}/", transcript.version.major());
    let mut sent = transcript.subject_exchanges().filter(|exchange| {
        exchange.path.contains("/apps/end_to_end_encryption/api/")
            && exchange.endpoint != Endpoint::DeleteMetadata
    });
    let other = sent.find(|exchange| !exchange.path.starts_with(&wanted))?;
    let (number, endpoint) = (other.number, other.endpoint);
    Some(Departure {
        requirement: "R2-API-01",
        text: format!("{endpoint} in exchange {number} does not go to {wanted}"),
    })
}
