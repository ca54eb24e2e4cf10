//! A client that writes wrong is caught by what it writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata;
use e2ee_reference::metadata_v1::{Document, Version};
use e2ee_reference::recognise::Recognised;
use e2ee_reference::signature;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use super::uploads::{self, Upload};
use crate::remembered::recognised;

pub(super) const MONITOR: Monitor = Monitor {
    name: "valid-uploads",
    summary: "every uploaded document is one that the reference implementation reads, signed by a member or bound to the mnemonic",
    requirements: &[
        "R2-SIG-01",
        "R2-SIG-08",
        "R2-VER-04",
        "R2-VER-05",
        "R2-MD-02",
        "R2-MD-18",
        "R2-MD-19",
        "R12-CHK-01",
        "ROB-INT-01",
    ],
    catches: &["signs-other-content", "omits-key-checksum"],
    honest_only: true,
    needs: &[Need::Beginning, Need::Metadata, Need::Authors],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut members: BTreeMap<String, Certificate> = BTreeMap::new();
    let mut opened = evidence.uploads.iter().peekable();
    let mut observed = Vec::new();
    for exchange in &evidence.transcript.exchanges {
        if evidence.recorded.is_some() {
            // A recording need not begin with the folder.
            if let Some(Recognised::V2(document)) = shown(exchange).as_deref() {
                learn(&mut members, document);
            }
        }
        if !matches!(exchange.endpoint, Endpoint::PostMetadata | Endpoint::PutMetadata) {
            continue;
        }
        let upload = opened.next_if(|upload| upload.exchange == exchange.number);
        let document = match upload {
            Some(upload) => Some(Ok(Arc::clone(&upload.document))),
            None => exchange.parameter("metaData").map(|text| recognised(&text)),
        };
        let by_subject =
            exchange.device.as_deref().is_some_and(|device| evidence.transcript.is_subject(device));
        let mut wrong = Vec::new();
        match document.as_ref().map(|document| document.as_deref()) {
            None => wrong.push("has no parameter `metaData`".to_owned()),
            Some(Err(error)) => wrong.push(format!("cannot be read: {error}")),
            Some(Ok(Recognised::V1(document))) => {
                let secrets =
                    exchange.user.as_ref().and_then(|user| evidence.transcript.secrets.users.get(user));
                let mnemonic = secrets.and_then(|secrets| secrets.mnemonic.as_deref());
                let has_key = secrets.is_some_and(|secrets| secrets.private_keys().next().is_some());
                // Nobody has to know the keys of a recording.
                if evidence.recorded.is_none() || has_key {
                    wrong.extend(older(document, upload, mnemonic));
                }
            }
            Some(Ok(Recognised::V2(document))) => {
                learn(&mut members, document);
                let candidates: Vec<Certificate> = match document.is_root() {
                    true => document.users().iter().filter_map(|user| user.certificate().ok()).collect(),
                    false => members.values().cloned().collect(),
                };
                let signed = exchange.request_header("x-nc-e2ee-signature").unwrap_or_default();
                if let Err(error) = signature::verify(&document.signed_content(), signed, &candidates) {
                    wrong.push(format!("is not signed by a member: {error}"));
                }
                if let Some((key, contents)) = upload.and_then(|upload| upload.opened.as_ref())
                    && document.is_root()
                    && !contents.key_checksums.contains(&key.checksum())
                {
                    wrong.push("does not list the checksum of its metadata key".to_owned());
                }
            }
        }
        if by_subject {
            observed.extend(wrong.into_iter().map(|what| Observed {
                text: format!("the document in exchange {} {what}", exchange.number),
                exchanges: vec![exchange.number],
                canary: None,
            }));
        }
    }
    observed
}

/// The document that a device was shown.
fn shown(exchange: &Exchange) -> Option<Arc<Recognised>> {
    if exchange.endpoint != Endpoint::GetMetadata || exchange.status != 200 {
        return None;
    }
    recognised(&uploads::shown(exchange)?).ok()
}

fn learn(members: &mut BTreeMap<String, Certificate>, document: &metadata::Document) {
    let known =
        document.users().iter().filter_map(|user| Some((user.user_id.clone(), user.certificate().ok()?)));
    members.extend(known);
}

/// What is wrong with a document of 1.x. Nobody signs it; in 1.2 a checksum stands for its author.
fn older(document: &Document, upload: Option<&Upload>, mnemonic: Option<&str>) -> Vec<String> {
    let mut wrong = Vec::new();
    match upload.and_then(|upload| upload.opened.as_ref()) {
        None => wrong.push("cannot be opened with its author's key".to_owned()),
        Some((_, contents)) => {
            let damaged = contents.damaged.iter().next();
            wrong.extend(
                damaged.map(|(id, damaged)| format!("has the unreadable entry {id}: {}", damaged.error)),
            );
        }
    }
    let bound = mnemonic.is_none_or(|mnemonic| document.checksum_matches(mnemonic));
    if document.version() == Version::V1_2 && !bound {
        wrong.push("has a checksum that is not that of its author's mnemonic".to_owned());
    }
    wrong
}
