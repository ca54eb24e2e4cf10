//! Whoever comes by a public link has nothing but its words.

use e2ee_mock_server::Endpoint;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::recognise::{Recognised, recognise};

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use crate::scenario::Derivation;

pub(super) const MONITOR: Monitor = Monitor {
    name: "link-opens",
    summary: "a folder with a public link opens with the link's private key, and that with the words that the user was told",
    requirements: &["R2-PUB-01", "R2-PUB-04", "R2-PUB-05", "R2-KEY-12"],
    catches: &["seals-link-under-other-mnemonic", "seals-link-with-old-derivation", "wraps-key-as-text"],
    honest_only: true,
    needs: &[Need::Links],
    check,
};

/// The judge has opened each blob that it could before the monitors look.
fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let mut observed = Vec::new();
    for stored in transcript.subject_exchanges() {
        if stored.endpoint != Endpoint::PostPrivateKey || stored.status != 200 {
            continue;
        }
        let Some(link) = stored.parameter("shareToken").map(|token| format!("s:{token}")) else { continue };
        // Of a client that does not tell the words, nothing is known.
        let Some(secrets) = transcript.secrets.users.get(&link) else { continue };
        let wrong = match secrets.private_keys().find_map(|pem| PrivateKey::from_pem(pem).ok()) {
            None => Some("does not open with the words that the user was told"),
            Some(_) if secrets.derivation.is_some_and(|old| old != Derivation::default()) => {
                Some("is sealed under a derivation of former years")
            }
            Some(key) if opens(evidence, &link, &key) => None,
            Some(_) => Some("opens no folder that the server has in the end"),
        };
        observed.extend(wrong.map(|what| Observed {
            text: format!("the private key of a public link, stored in exchange {}, {what}", stored.number),
            exchanges: vec![stored.number],
            canary: None,
        }));
    }
    observed
}

fn opens(evidence: &Evidence<'_>, link: &str, key: &PrivateKey) -> bool {
    let texts = evidence.transcript.stored.iter().filter_map(|folder| folder.metadata.as_deref());
    texts.filter_map(|text| recognise(text).ok()).any(|document| match document {
        Recognised::V2(document) => {
            let opened = document.unwrap_key(link, key).and_then(|key| document.open(&key));
            opened.is_ok()
        }
        Recognised::V1(_) => false,
    })
}
