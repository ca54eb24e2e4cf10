//! A lock token is for the folder that it locks.

use e2ee_mock_server::Endpoint;

use super::finding::{Evidence, Monitor, Observed};
use super::places::in_files;

pub(super) const MONITOR: Monitor = Monitor {
    name: "token-inside",
    summary: "no lock token goes along with what is not encrypted",
    requirements: &["ROB-DAV-01"],
    catches: &["sends-token-outside"],
    honest_only: false,
    needs: &[],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let with_token = transcript.subject_exchanges().filter(|exchange| {
        // What is made in the account's root is no part of an encrypted folder.
        let makes = matches!(exchange.endpoint, Endpoint::PutFile | Endpoint::Mkcol);
        let in_root = in_files(exchange).is_some_and(|path| !path.contains('/'));
        makes && in_root && exchange.request_header("e2e-token").is_some()
    });
    let told = with_token.map(|exchange| Observed {
        text: format!(
            "{} (exchange {}) outside of encrypted folders has a lock token",
            exchange.endpoint, exchange.number
        ),
        exchanges: vec![exchange.number],
        canary: None,
    });
    told.collect()
}
