//! Uploaded files whose entries are not as the specification has them, and open all the same.

use std::collections::BTreeMap;

use e2ee_mock_server::{UploadedFile, uploaded_files};
use e2ee_reference::backend::TAG_LENGTH;
use e2ee_reference::file_cipher::is_authentic;
use e2ee_reference::metadata::FileEntry;

use super::departures::Departure;
use super::finding::Evidence;

/// What the specification calls for in a version of the metadata, and where.
struct Wanted {
    identifier: &'static str,
    /// Of new files, and of those that are updated.
    nonce: [&'static str; 2],
    /// In bytes.
    nonce_length: usize,
    /// Of all files, and of those that are updated.
    tag: &'static [&'static str],
    /// Of those that are updated.
    key: &'static str,
}

const NEWER: Wanted = Wanted {
    identifier: "R2-MOD-08",
    nonce: ["R2-MOD-06", "R2-MOD-12"],
    nonce_length: 12,
    tag: &["R2-MD-12", "R2-MOD-14"],
    key: "R2-MOD-11",
};

const OLDER: Wanted = Wanted {
    identifier: "R1-FILE-02",
    nonce: ["R1-FILE-01", "R1-FILE-01"],
    nonce_length: 16,
    tag: &["R1-FILE-03"],
    key: "R1-FILE-04",
};

/// Identifiers in another form, nonces of another length, something else in the place of the authentication tag, and keys
/// that are used once more, under another nonce. Only what a judged device has encrypted itself: others' entries are written
/// back as they are.
pub(super) fn odd_files(evidence: &Evidence<'_>) -> Vec<Departure> {
    let transcript = evidence.transcript;
    let own: Vec<_> = transcript.subject_exchanges().cloned().collect();
    let mut sent: BTreeMap<String, Vec<UploadedFile>> = BTreeMap::new();
    for file in uploaded_files(&own) {
        sent.entry(file.name.clone()).or_default().push(file);
    }
    let mut seen: BTreeMap<&str, Vec<&FileEntry>> = BTreeMap::new();
    let mut found = Vec::new();
    for document in &evidence.documents {
        let Some((_, contents)) = &document.opened else { continue };
        for (id, entry) in &contents.files {
            let before = seen.entry(id).or_default();
            if before.iter().any(|old| (&old.key, &old.nonce) == (&entry.key, &entry.nonce)) {
                continue;
            }
            // Of several, and of those that come after their metadata, the one that the entry opens.
            let opens = |file: &&UploadedFile| {
                let bytes = file.content.to_bytes();
                bytes.is_ok_and(|bytes| is_authentic(&entry.key, &entry.nonce, &bytes))
            };
            let file = sent.get(id).and_then(|sent| sent.iter().rev().find(opens));
            if let Some(file) = file.filter(|_| document.uploaded && document.by_subject) {
                let wanted = if document.older { &OLDER } else { &NEWER };
                let departs = odd_file(wanted, id, entry, before, file).into_iter();
                found.extend(departs.map(|(requirement, what)| Departure {
                    requirement,
                    text: format!("the document in exchange {} has a file {what}", document.exchange),
                }));
            }
            before.push(entry);
        }
    }
    found
}

/// What is odd about an entry of a file that was just uploaded, and had the entries `before`.
fn odd_file(
    wanted: &Wanted,
    id: &str,
    entry: &FileEntry,
    before: &[&FileEntry],
    file: &UploadedFile,
) -> Vec<(&'static str, String)> {
    let mut odd = Vec::new();
    let updated = usize::from(!before.is_empty());
    if updated == 0 && !(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        odd.push((wanted.identifier, "whose identifier is not 32 hex digits".to_owned()));
    }
    if entry.nonce.len() != wanted.nonce_length {
        odd.push((wanted.nonce[updated], format!("with a nonce of {} bytes", entry.nonce.len())));
    }
    let is_tag = |stored: &[u8], tag: &[u8]| tag.len() == TAG_LENGTH && stored.ends_with(tag);
    if !file.content.to_bytes().is_ok_and(|stored| is_tag(&stored, &entry.authentication_tag)) {
        let what = "with something else in the place of its authentication tag";
        odd.extend(wanted.tag.iter().take(1 + updated).map(|requirement| (*requirement, what.to_owned())));
    }
    if before.iter().any(|old| old.key == entry.key) {
        odd.push((wanted.key, "that was updated and has the key that it had".to_owned()));
    }
    odd
}
