//! Uploaded files whose entries are not as the specification has them, and open all the same.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_mock_server::{UploadedFile, uploaded_files};

use e2ee_reference::backend::TAG_LENGTH;

use super::departures::Departure;
use super::finding::Evidence;

/// What the specification calls for in a version of the metadata.
struct Wanted {
    /// The length of a nonce in bytes.
    nonce: usize,
    /// Where that is said of new files, and of those that are updated.
    about_nonce: [&'static str; 2],
    /// Where it is said that the authentication tag stands in the metadata: of all files, then of those that are updated.
    about_tag: &'static [&'static str],
}

const NEWER: Wanted =
    Wanted { nonce: 12, about_nonce: ["R2-MOD-06", "R2-MOD-12"], about_tag: &["R2-MD-12", "R2-MOD-14"] };

const OLDER: Wanted =
    Wanted { nonce: 16, about_nonce: ["R1-FILE-01", "R1-FILE-01"], about_tag: &["R1-FILE-03"] };

/// Nonces of another length (R2-MOD-06, R2-MOD-12, R1-FILE-01), and something else in the place of the authentication tag
/// (R2-MD-12, R2-MOD-14, R1-FILE-03). Only what a judged device has encrypted itself: others' entries are
/// written back as they are.
pub(super) fn odd_files(evidence: &Evidence<'_>) -> Vec<Departure> {
    let transcript = evidence.transcript;
    let own: Vec<_> = transcript.subject_exchanges().cloned().collect();
    let mut sent: BTreeMap<String, Vec<UploadedFile>> = BTreeMap::new();
    for file in uploaded_files(&own) {
        sent.entry(file.name.clone()).or_default().push(file);
    }
    let (mut known, mut ids) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    for document in &evidence.documents {
        let Some((_, contents)) = &document.opened else { continue };
        let wanted = if document.older { &OLDER } else { &NEWER };
        for (id, entry) in &contents.files {
            let updated = usize::from(!ids.insert(id));
            let is_new = known.insert((id, entry.key.as_bytes(), &entry.nonce));
            if !is_new || !document.uploaded || !document.by_subject {
                continue;
            }
            let before = |file: &&UploadedFile| file.exchange < document.exchange;
            let Some(file) = sent.get(id).and_then(|sent| sent.iter().rev().find(before)) else { continue };
            let mut departs = |requirement, what: String| {
                let text = format!("the document in exchange {} has {what}", document.exchange);
                found.push(Departure { requirement, text });
            };
            if entry.nonce.len() != wanted.nonce {
                let length = entry.nonce.len();
                departs(wanted.about_nonce[updated], format!("a file with a nonce of {length} bytes"));
            }
            if !file.content.to_bytes().is_ok_and(|bytes| ends_with_tag(&bytes, &entry.authentication_tag)) {
                for requirement in wanted.about_tag.iter().take(1 + updated) {
                    let what = "something else in the place of a file's authentication tag";
                    departs(requirement, what.to_owned());
                }
            }
        }
    }
    found
}

fn ends_with_tag(stored: &[u8], tag: &[u8]) -> bool {
    tag.len() == TAG_LENGTH && stored.ends_with(tag)
}
