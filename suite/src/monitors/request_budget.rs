//! A client that asks without a pause is an attack of its own.

use std::collections::BTreeMap;

use e2ee_mock_server::{Endpoint, Exchange};

use super::finding::{Evidence, Monitor, Observed};

pub(super) const MONITOR: Monitor = Monitor {
    name: "request-budget",
    summary: "no device asks for one lock, downloads one file or is refused one thing more than 60 times in a step",
    requirements: &["ROB-LOCK-01", "ATK-FILE-04"],
    catches: &["hammers-locks", "hammers-downloads"],
    honest_only: false,
    needs: &[],
    check,
};

const MOST: usize = 60;

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    if evidence.recorded.is_some() { in_a_minute(evidence) } else { in_a_step(evidence) }
}

fn in_a_step(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let mut asked: BTreeMap<(usize, &str, Endpoint, &str), Vec<u64>> = BTreeMap::new();
    for exchange in transcript.subject_exchanges() {
        let what = match exchange.endpoint {
            // Any lock.
            Endpoint::PostLock => "",
            Endpoint::GetFile => exchange.path.as_str(),
            _ if exchange.status >= 400 => exchange.path.as_str(),
            _ => continue,
        };
        let device = exchange.device.as_deref().unwrap_or_default();
        let step = transcript.steps.iter().find(|record| {
            record.actor == device
                && record.exchanges_before < exchange.number
                && exchange.number <= record.exchanges_after
        });
        if let Some(step) = step {
            asked.entry((step.step, device, exchange.endpoint, what)).or_default().push(exchange.number);
        }
    }
    let too_often = asked.into_iter().filter(|(_, numbers)| numbers.len() > MOST);
    let told = too_often.map(|((_, device, endpoint, _), numbers)| Observed {
        text: format!("{device} sent {endpoint} {} times in one step", numbers.len()),
        exchanges: numbers.into_iter().take(10).collect(),
        canary: None,
    });
    told.collect()
}

/// In a recording: requests that were refused. Who gets a lock each time may work that fast.
fn in_a_minute(evidence: &Evidence<'_>) -> Vec<Observed> {
    const MINUTE: u64 = 60_000_000;
    let mut refused: BTreeMap<(&str, &str), Vec<&Exchange>> = BTreeMap::new();
    for exchange in evidence.transcript.subject_exchanges() {
        if exchange.endpoint == Endpoint::PostLock && exchange.status != 200 {
            let device = exchange.device.as_deref().unwrap_or_default();
            refused.entry((device, &exchange.path)).or_default().push(exchange);
        }
    }
    let too_often = refused.into_iter().filter_map(|((device, _), asked)| {
        let mut runs = asked.windows(MOST + 1);
        let run = runs.find(|run| match run {
            [first, .., last] => last.micros.saturating_sub(first.micros) <= MINUTE,
            _ => false,
        })?;
        Some(Observed {
            text: format!("{device} was refused a lock more than {MOST} times within a minute"),
            exchanges: run.iter().take(10).map(|exchange| exchange.number).collect(),
            canary: None,
        })
    });
    too_often.collect()
}
