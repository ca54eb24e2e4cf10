//! What a recording may lack of the traffic.

use e2ee_mock_server::uploaded_files;

use crate::monitors::finding::Evidence;
use crate::monitors::key_reuse::MOST;
use crate::monitors::{locks_released, places};

/// Bodies that were not recorded, and files beyond those that are tried.
pub(super) fn bodies(evidence: &Evidence<'_>) -> Vec<String> {
    let bodiless = evidence.recorded.map(|recorded| recorded.bodiless.as_slice()).unwrap_or_default();
    let mut missing = Vec::new();
    if let Some(first) = bodiless.first() {
        missing.push(match bodiless.len() {
            1 => format!("the body of exchange {first}: it is too long to be in the recording"),
            number => {
                format!("the bodies of {number} requests, the first in exchange {first}: they are too long to be in the recording")
            }
        });
    }
    let files = uploaded_files(&evidence.transcript.exchanges).len();
    if files > MOST {
        missing.push(format!("all but the first {MOST} of {files} uploaded files"));
    }
    missing
}

/// Exchanges that were forgotten.
pub(super) fn beginning(evidence: &Evidence<'_>) -> Option<String> {
    let dropped = evidence.transcript.exchanges_dropped;
    (dropped > 0).then(|| format!("the first {dropped} exchanges are no longer in the recording"))
}

/// Folders of which nobody knows where they are.
pub(super) fn places(evidence: &Evidence<'_>) -> Vec<String> {
    let (_, unknown) = places::encrypted_roots(evidence);
    unknown.into_iter().map(|what| format!("{what}: the recording does not say where it is")).collect()
}

/// A lock that is held when the recording ends.
pub(super) fn rest(evidence: &Evidence<'_>) -> Option<String> {
    let held = locks_released::held(evidence.transcript).next()?;
    Some(format!(
        "the lock granted in exchange {} is held when the recording ends: somebody may still be at work",
        held.number
    ))
}
