//! An identifier that can be guessed, or that two files have, gives one of them away.

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;

pub(super) const MONITOR: Monitor = Monitor {
    name: "identifiers",
    summary: "identifiers of files and folders are long, and fit for an address",
    requirements: &["R2-MOD-08", "ATK-PATH-02"],
    catches: &["short-identifiers"],
    honest_only: true,
    needs: &[Need::Metadata],
    check,
};

/// The specification has 32 hex digits; what released clients write instead is no shorter than this.
const SHORTEST: usize = 16;

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut observed = Vec::new();
    for upload in &evidence.uploads {
        let Some((_, contents)) = &upload.opened else { continue };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let bad = |id: &&String| id.len() < SHORTEST || !id.bytes().all(plain);
        if let Some(id) = contents.files.keys().chain(contents.folders.keys()).find(bad) {
            observed.push(Observed {
                text: format!("the document in exchange {} has the identifier {id:?}", upload.exchange),
                exchanges: vec![upload.exchange],
                canary: None,
            });
        }
    }
    observed
}
