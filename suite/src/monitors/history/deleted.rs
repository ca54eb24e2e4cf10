//! Whoever deletes an encrypted folder says so in signed metadata first or in the same change (R2-MOD-23).

use std::collections::BTreeMap;

use e2ee_mock_server::Endpoint;

use super::committed::History;
use crate::monitors::finding::Observed;
use crate::monitors::places::{file_number, place};
use crate::transcript::Transcript;

/// Folders that judged devices have deleted although the last document in force does not say `deleted`.
pub(super) fn no_unsigned_deletion(history: &History<'_>, transcript: &Transcript) -> Vec<Observed> {
    let mut made: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut broken = Vec::new();
    for exchange in &transcript.exchanges {
        if !matches!(exchange.endpoint, Endpoint::Mkcol | Endpoint::Move | Endpoint::DeleteFile) {
            continue;
        }
        let Some(place) = place(exchange) else { continue };
        match (exchange.endpoint, exchange.status) {
            (Endpoint::Mkcol, 201) => {
                made.extend(file_number(exchange).map(|number| (place, number.to_string())));
            }
            // Where it went need not be known: it is out of this check's sight.
            (Endpoint::Move, 201 | 204) => {
                made.remove(&place);
            }
            (Endpoint::DeleteFile, 204) => {
                let Some(folder) = made.remove(&place) else { continue };
                let Some(last) = history.folders.get(folder.as_str()).and_then(|all| all.last()) else {
                    continue;
                };
                let by_subject =
                    exchange.device.as_deref().is_some_and(|device| transcript.is_subject(device));
                if by_subject
                    && !last.older
                    && last.contents.is_some_and(|contents| !contents.deleted)
                    && is_root(&place.1)
                {
                    broken.push(Observed {
                        text: format!(
                            "the folder was deleted in exchange {}, and the last document, in exchange {}, does not say so",
                            exchange.number, last.exchange
                        ),
                        exchanges: vec![last.exchange, exchange.number],
                        canary: None,
                    });
                }
            }
            _ => {}
        }
    }
    broken
}

/// Subfolders are removed by a change of the folder above.
fn is_root(path: &str) -> bool {
    !path.contains('/')
}
