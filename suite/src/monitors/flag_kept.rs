//! A folder that was encrypted once stays so, whatever becomes of it.

use e2ee_mock_server::Endpoint;
use e2ee_reference::recognise::AnyVersion;

use super::finding::{Evidence, Monitor, Observed};

pub(super) const MONITOR: Monitor = Monitor {
    name: "flag-kept",
    summary: "no device asks the server to take the encrypted flag off a folder of 2.x",
    requirements: &["R2-DIR-03"],
    catches: &["takes-flag-back"],
    honest_only: false,
    needs: &[],
    check,
};

/// Servers of 1.x delete an encrypted root folder only when its flag is off.
fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    if matches!(evidence.transcript.version, AnyVersion::V1(_)) {
        return Vec::new();
    }
    let sent = evidence.transcript.subject_exchanges();
    sent.filter(|exchange| exchange.endpoint == Endpoint::DeleteEncrypted)
        .map(|exchange| Observed {
            text: format!("exchange {} takes the encrypted flag off a folder", exchange.number),
            exchanges: vec![exchange.number],
            canary: None,
        })
        .collect()
}
