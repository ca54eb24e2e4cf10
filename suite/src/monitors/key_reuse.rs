//! A key and nonce that encrypt two different texts give both away.

use std::collections::HashMap;

use e2ee_mock_server::{UploadedFile, uploaded_files};
use e2ee_reference::file_cipher;
use e2ee_reference::metadata::FileEntry;
use e2ee_reference::recognise::Recognised;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use super::pieces::{Piece, pieces};

pub(super) const MONITOR: Monitor = Monitor {
    name: "key-reuse",
    summary: "no key encrypts two different texts under one nonce",
    requirements: &["R2-MOD-05", "R2-MOD-06", "R2-MOD-11", "R2-MOD-12", "ATK-IV-01", "ATK-IV-02"],
    catches: &["reuses-file-key"],
    honest_only: false,
    needs: &[Need::Metadata, Need::Bodies],
    check,
};

/// The most uploaded files that are looked at, each with each key.
pub(super) const MOST: usize = 512;

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut observed = metadata(evidence);
    observed.extend(files(evidence));
    observed
}

/// Metadata key and nonce of documents.
fn metadata(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut seen: HashMap<([u8; 16], String), (u64, String)> = HashMap::new();
    let mut observed = Vec::new();
    for upload in &evidence.uploads {
        let Some((key, _)) = &upload.opened else { continue };
        for (nonce, ciphertext) in sealed(&upload.document) {
            let (first, earlier) =
                seen.entry((*key.as_bytes(), nonce)).or_insert_with(|| (upload.exchange, ciphertext.clone()));
            if *earlier != ciphertext {
                observed.push(Observed {
                    text: format!(
                        "exchanges {first} and {} encrypt different metadata with one metadata key and nonce",
                        upload.exchange
                    ),
                    exchanges: vec![*first, upload.exchange],
                    canary: None,
                });
            }
        }
    }
    observed
}

/// Nonce and ciphertext of all that a document seals under its metadata key: the whole, or in 1.x each entry.
fn sealed(document: &Recognised) -> Vec<(String, String)> {
    match document {
        Recognised::V1(document) => {
            let files = document.value()["files"].as_object().into_iter().flatten();
            let texts = files.filter_map(|(_, entry)| entry["encrypted"].as_str());
            let parts = texts.filter_map(|text| text.split_once('|'));
            parts.map(|(ciphertext, nonce)| (nonce.to_owned(), ciphertext.to_owned())).collect()
        }
        Recognised::V2(document) => {
            let member = |name: &str| document.value()["metadata"][name].as_str().map(str::to_owned);
            member("nonce").zip(member("ciphertext")).into_iter().collect()
        }
    }
}

fn opens(entry: &FileEntry, bytes: &[u8]) -> bool {
    file_cipher::is_authentic(&entry.key, &entry.nonce, bytes)
}

/// File key and nonce of uploaded files: a pair is used by every upload that it opens.
fn files(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut blobs = uploaded_files(&evidence.transcript.exchanges);
    blobs.retain(|blob| !blob.content.is_empty());
    blobs.truncate(MOST);
    let mut pairs: HashMap<([u8; 16], Vec<u8>), (String, FileEntry)> = HashMap::new();
    for upload in &evidence.uploads {
        for (id, entry) in upload.opened.iter().flat_map(|(_, contents)| &contents.files) {
            let pair = (*entry.key.as_bytes(), entry.nonce.clone());
            pairs.entry(pair).or_insert_with(|| (id.clone(), entry.clone()));
        }
    }
    let pieces = pieces(evidence.transcript);
    let mut observed = Vec::new();
    for (_, entry) in pairs.values() {
        let opened =
            blobs.iter().filter(|blob| blob.content.to_bytes().is_ok_and(|bytes| opens(entry, &bytes)));
        let mut first: Option<&UploadedFile> = None;
        for blob in opened {
            match first {
                None => first = Some(blob),
                // The same bytes again are a retry or a copy.
                Some(earlier) if earlier.content == blob.content => {}
                Some(earlier) => {
                    observed.push(Observed {
                        text: format!(
                            "exchanges {} and {} encrypt different files with one file key and nonce",
                            earlier.exchange, blob.exchange
                        ),
                        exchanges: vec![earlier.exchange, blob.exchange],
                        canary: None,
                    });
                    break;
                }
            }
        }
        let whole = first.filter(|_| !pieces.is_empty()).and_then(|blob| {
            let plain = file_cipher::decrypt(&entry.key, &entry.nonce, &blob.content.to_bytes().ok()?);
            Some((blob.exchange, plain.ok()?))
        });
        observed.extend(whole.and_then(|(exchange, plain)| {
            let holds_another = |piece: &&Piece| piece.holds_another(entry, &plain, evidence.transcript);
            let piece = pieces.iter().find(holds_another)?;
            Some(Observed {
                text: format!(
                    "exchanges {} and {exchange} encrypt parts of different files with one file key and nonce",
                    piece.exchange
                ),
                exchanges: vec![piece.exchange, exchange],
                canary: None,
            })
        }));
    }
    observed.sort_by_key(|observed| observed.exchanges.clone());
    observed
}
