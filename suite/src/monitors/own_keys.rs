//! Two files under one key and nonce are one file to whoever compares their ciphertexts, and a danger when one changes.

use std::collections::BTreeSet;

use e2ee_reference::metadata::Contents;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;

pub(super) const MONITOR: Monitor = Monitor {
    name: "own-keys",
    summary: "no two files that are there at one time have one key and nonce",
    requirements: &["R2-MOD-17", "ATK-IV-02"],
    catches: &["copies-ciphertext"],
    honest_only: true,
    needs: &[Need::Metadata],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut uploads = evidence.uploads.iter();
    let double = uploads.find(|upload| has_double(upload.opened.iter().map(|(_, contents)| &**contents)));
    let observed = |exchanges: Vec<u64>, whose: String| Observed {
        text: format!("two files of {whose} have one key and nonce"),
        exchanges,
        canary: None,
    };
    if let Some(upload) = double {
        return vec![observed(
            vec![upload.exchange],
            format!("the document in exchange {}", upload.exchange),
        )];
    }
    let mut ring = evidence.ring.borrow_mut();
    // Roots come before what is below them, whose key is found in them.
    let texts = evidence.transcript.stored.iter().filter_map(|folder| folder.metadata.as_ref());
    let opened: Vec<_> = texts.filter_map(|text| ring.open_text(text)).collect();
    let double = has_double(opened.iter().map(|(_, contents)| &**contents));
    double.then(|| observed(Vec::new(), "what the server has in the end".to_owned())).into_iter().collect()
}

fn has_double<'a>(documents: impl Iterator<Item = &'a Contents>) -> bool {
    let mut seen = BTreeSet::new();
    documents
        .flat_map(|contents| contents.files.values())
        .any(|entry| !seen.insert((*entry.key.as_bytes(), entry.nonce.clone())))
}
