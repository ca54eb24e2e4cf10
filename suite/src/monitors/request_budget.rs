//! A client that asks without a pause is an attack of its own.

use std::collections::BTreeMap;

use e2ee_mock_server::Endpoint;

use super::finding::{Evidence, Monitor, Observed};

pub(super) const MONITOR: Monitor = Monitor {
    name: "request-budget",
    summary: "no device asks for one lock more than 60 times in a step",
    requirements: &["ROB-LOCK-01"],
    catches: &["hammers-locks"],
    honest_only: false,
    check,
};

const MOST: usize = 60;

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let mut asked: BTreeMap<(usize, &str), Vec<u64>> = BTreeMap::new();
    for exchange in transcript.subject_exchanges().filter(|e| e.endpoint == Endpoint::PostLock) {
        let device = exchange.device.as_deref().unwrap_or_default();
        let step = transcript.steps.iter().find(|record| {
            record.actor == device
                && record.exchanges_before < exchange.number
                && exchange.number <= record.exchanges_after
        });
        if let Some(step) = step {
            asked.entry((step.step, device)).or_default().push(exchange.number);
        }
    }
    let too_often = asked.into_iter().filter(|(_, numbers)| numbers.len() > MOST);
    let told = too_often.map(|((_, device), numbers)| Observed {
        text: format!("{device} asked for a lock {} times in one step", numbers.len()),
        exchanges: numbers.into_iter().take(10).collect(),
        canary: None,
    });
    told.collect()
}
