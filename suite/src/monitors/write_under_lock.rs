//! Who writes without a lock overwrites what somebody else is writing.

use std::collections::BTreeSet;

use e2ee_mock_server::{Endpoint, Exchange};
use serde_json::Value;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use super::places::{Root, encrypted_roots};

pub(super) const MONITOR: Monitor = Monitor {
    name: "write-under-lock",
    summary: "nothing is written in an encrypted folder without a lock",
    requirements: &["R2-UPD-01", "R2-UPD-02", "R2-UPD-04", "R2-MOD-03"],
    catches: &["writes-without-lock"],
    honest_only: false,
    needs: &[Need::Beginning, Need::Places],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let (roots, _) = encrypted_roots(evidence);
    let mut granted = BTreeSet::new();
    let mut observed = Vec::new();
    for exchange in &transcript.exchanges {
        granted.extend(granted_token(exchange));
        let by_subject = exchange.device.as_deref().is_some_and(|device| transcript.is_subject(device));
        if !by_subject || !writes(exchange, &roots) {
            continue;
        }
        let text = match lock_token(exchange).as_deref() {
            None | Some("") => "without a lock token",
            Some(token) if !granted.contains(token) => "with a lock token that was never granted",
            Some(_) => continue,
        };
        observed.push(Observed {
            text: format!("{} (exchange {}) was sent {text}", exchange.endpoint, exchange.number),
            exchanges: vec![exchange.number],
            canary: None,
        });
    }
    observed
}

/// The token in the answer to a lock request.
pub(super) fn granted_token(exchange: &Exchange) -> Option<String> {
    if exchange.endpoint != Endpoint::PostLock || exchange.status != 200 {
        return None;
    }
    if let Ok(answer) = serde_json::from_slice::<Value>(&exchange.response_body) {
        return answer.pointer("/ocs/data/e2e-token")?.as_str().map(str::to_owned);
    }
    let text = std::str::from_utf8(&exchange.response_body).ok()?;
    let (_, rest) = text.split_once("<e2e-token>")?;
    rest.split_once("</e2e-token>").map(|(token, _)| token.to_owned())
}

/// The token that a request carries: in version 1 of the interface new metadata have it as a parameter (R1-LOCK-03).
pub(super) fn lock_token(exchange: &Exchange) -> Option<String> {
    let header = exchange.request_header("e2e-token").map(str::to_owned);
    header.or_else(|| exchange.parameter("e2e-token").filter(|_| is_of_version_1(exchange)))
}

/// Whether the request goes to version 1 of the interface for locks and metadata.
pub(super) fn is_of_version_1(exchange: &Exchange) -> bool {
    exchange.path.contains("/apps/end_to_end_encryption/api/v1/")
}

/// Whether the request changes an encrypted folder.
fn writes(exchange: &Exchange, roots: &[Root]) -> bool {
    match exchange.endpoint {
        Endpoint::PutMetadata => true,
        // Version 1 of the interface asks for no lock there.
        Endpoint::PostMetadata | Endpoint::DeleteMetadata => !is_of_version_1(exchange),
        Endpoint::PutFile | Endpoint::Mkcol | Endpoint::Move | Endpoint::Copy | Endpoint::DeleteFile => {
            roots.iter().any(|root| root.holds(exchange))
        }
        _ => false,
    }
}
