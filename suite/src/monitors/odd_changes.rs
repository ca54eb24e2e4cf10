//! What the specification wants otherwise of the course of a change, and what harms nobody as long as all goes well.

use std::collections::BTreeMap;

use e2ee_mock_server::{Endpoint, Exchange, uploaded_files};
use e2ee_reference::file_cipher;

use super::departures::Departure;
use super::finding::Evidence;
use super::places::{file_number, place};
use super::write_under_lock::{is_of_version_1, lock_token};

/// Metadata before the bytes that they name, counters that leave numbers out, the time of files, metadata of folders that are gone.
pub(super) fn odd_changes(evidence: &Evidence<'_>) -> Vec<Departure> {
    let mut found: Vec<Departure> = metadata_first(evidence).into_iter().collect();
    found.extend(odd_counter(evidence));
    found.extend(told_time(evidence));
    found.extend(left_metadata(evidence));
    found
}

/// Under one lock the metadata of a file are stored, and then its bytes (R2-UPD-02): in between, others cannot read it.
fn metadata_first(evidence: &Evidence<'_>) -> Option<Departure> {
    let own: Vec<_> = evidence.transcript.subject_exchanges().cloned().collect();
    let by_number: BTreeMap<u64, &Exchange> =
        own.iter().map(|exchange| (exchange.number, exchange.as_ref())).collect();
    let token = |number: u64| by_number.get(&number).and_then(|exchange| lock_token(exchange));
    uploaded_files(&own).into_iter().find_map(|file| {
        let under = token(file.exchange)?;
        let before = evidence.uploads.iter().filter(|upload| {
            upload.exchange < file.exchange && token(upload.exchange).as_ref() == Some(&under)
        });
        let mut entries = before.filter_map(|upload| upload.opened.as_ref()?.1.files.get(&file.name));
        let bytes = file.content.to_bytes().ok()?;
        entries.find(|entry| file_cipher::is_authentic(&entry.key, &entry.nonce, &bytes))?;
        Some(Departure {
            requirement: "R2-UPD-02",
            text: format!("the file in exchange {} comes after the metadata that name it", file.exchange),
        })
    })
}

/// A lock with a counter beyond the next one, which a server that keeps to the text refuses (R2-LOCK-04). What another
/// lock request has used up is not asked for again.
fn odd_counter(evidence: &Evidence<'_>) -> Option<Departure> {
    let mut documents = evidence.documents.iter().peekable();
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for exchange in &evidence.transcript.exchanges {
        while let Some(document) = documents.next_if(|document| document.exchange < exchange.number) {
            if let Some((_, contents)) = document.opened.as_ref().filter(|_| !document.older) {
                let last = last.entry(&document.folder).or_default();
                *last = contents.counter.max(*last);
            }
        }
        if exchange.endpoint != Endpoint::PostLock || is_of_version_1(exchange) {
            continue;
        }
        let counter = exchange.request_header("x-nc-e2ee-counter");
        let counter: Option<u64> = counter.and_then(|counter| counter.parse().ok());
        let folder = exchange.path.rsplit('/').next().unwrap_or_default();
        let (Some(counter), Some(last)) = (counter, last.get_mut(folder)) else { continue };
        let by_subject =
            exchange.device.as_deref().is_some_and(|device| evidence.transcript.is_subject(device));
        if by_subject && exchange.status == 200 && counter > *last + 1 {
            let text =
                format!("the lock in exchange {} has the counter {counter} after {last}", exchange.number);
            return Some(Departure { requirement: "R2-LOCK-04", text });
        }
        *last = counter.max(*last);
    }
    None
}

/// When a file was changed on the device is nobody's business (LEAK-03).
fn told_time(evidence: &Evidence<'_>) -> Option<Departure> {
    let mut sent = evidence.transcript.subject_exchanges().filter(|exchange| {
        matches!(exchange.endpoint, Endpoint::PutFile | Endpoint::MoveChunks)
            && lock_token(exchange).is_some()
    });
    let told = sent.find(|exchange| exchange.request_header("x-oc-mtime").is_some())?;
    Some(Departure {
        requirement: "LEAK-03",
        text: format!("{} in exchange {} tells when the file was changed", told.endpoint, told.number),
    })
}

/// A folder inside is deleted, and its metadata are not (R2-MOD-20).
fn left_metadata(evidence: &Evidence<'_>) -> Option<Departure> {
    let exchanges = &evidence.transcript.exchanges;
    let mut made: BTreeMap<(String, String), String> = BTreeMap::new();
    let deleted = |folder: &str| {
        let mut deletions = exchanges.iter().filter(|exchange| exchange.endpoint == Endpoint::DeleteMetadata);
        deletions.any(|exchange| exchange.path.rsplit('/').next() == Some(folder))
    };
    for exchange in exchanges {
        if !matches!(exchange.endpoint, Endpoint::Mkcol | Endpoint::DeleteFile) {
            continue;
        }
        let Some((user, path)) = place(exchange) else { continue };
        let by_subject =
            exchange.device.as_deref().is_some_and(|device| evidence.transcript.is_subject(device));
        match (exchange.endpoint, exchange.status) {
            (Endpoint::Mkcol, 201) => {
                made.extend(file_number(exchange).map(|number| ((user, path), number.to_string())));
            }
            (Endpoint::DeleteFile, 204) if by_subject && path.contains('/') => {
                let inside = |(of, other): &(String, String)| {
                    let below = other.strip_prefix(&path);
                    *of == user && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                let gone = made.iter().filter(|(place, _)| inside(place)).map(|(_, folder)| folder);
                let mut written = gone.filter(|folder| {
                    evidence.documents.iter().any(|document| document.uploaded && document.folder == **folder)
                });
                if written.any(|folder| !deleted(folder)) {
                    return Some(Departure {
                        requirement: "R2-MOD-20",
                        text: format!(
                            "the metadata of a folder deleted in exchange {} are left",
                            exchange.number
                        ),
                    });
                }
            }
            _ => {}
        }
    }
    None
}
