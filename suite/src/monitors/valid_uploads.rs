//! A client that writes wrong is caught by what it writes.

use std::collections::BTreeMap;

use e2ee_mock_server::Endpoint;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata::Document;
use e2ee_reference::signature;

use super::finding::{Evidence, Monitor, Observed};

pub(super) const MONITOR: Monitor = Monitor {
    name: "valid-uploads",
    summary: "every uploaded document is one that the reference implementation reads, signed by a member",
    requirements: &[
        "R2-SIG-01",
        "R2-SIG-08",
        "R2-VER-04",
        "R2-VER-05",
        "R2-MD-02",
        "R2-MD-18",
        "R2-MD-19",
        "ROB-INT-01",
    ],
    catches: &["signs-other-content", "omits-key-checksum"],
    honest_only: true,
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut members: BTreeMap<String, Certificate> = BTreeMap::new();
    let mut opened = evidence.uploads.iter().peekable();
    let mut observed = Vec::new();
    for exchange in &evidence.transcript.exchanges {
        if !matches!(exchange.endpoint, Endpoint::PostMetadata | Endpoint::PutMetadata) {
            continue;
        }
        let document = exchange.parameter("metaData").map(|text| Document::parse(&text));
        let upload = opened.next_if(|upload| upload.exchange == exchange.number);
        let by_subject =
            exchange.device.as_deref().is_some_and(|device| evidence.transcript.is_subject(device));
        let mut wrong = Vec::new();
        match document {
            None => wrong.push("has no parameter `metaData`".to_owned()),
            Some(Err(error)) => wrong.push(format!("cannot be read: {error}")),
            Some(Ok(document)) => {
                for user in document.users() {
                    if let Ok(certificate) = user.certificate() {
                        members.insert(user.user_id.clone(), certificate);
                    }
                }
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
