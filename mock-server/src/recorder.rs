//! Keeps the exchanges of a tenant, within bounds.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::exchange::Exchange;

/// How much a tenant's recorder keeps. When there is more, the oldest exchanges go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecorderLimits {
    /// Exchanges.
    pub exchanges: usize,
    /// Bytes of bodies, headers and paths together.
    pub bytes: usize,
}

impl Default for RecorderLimits {
    /// 100 000 exchanges, 256 MiB.
    fn default() -> Self {
        Self { exchanges: 100_000, bytes: 256 * 1024 * 1024 }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Recorder {
    limits: RecorderLimits,
    kept: BTreeMap<u64, Arc<Exchange>>,
    bytes: usize,
    dropped: u64,
}

impl Recorder {
    pub(crate) fn new(limits: RecorderLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(crate) fn record(&mut self, exchange: Exchange) {
        self.bytes += size(&exchange);
        self.kept.insert(exchange.number, Arc::new(exchange));
        while self.kept.len() > self.limits.exchanges || self.bytes > self.limits.bytes {
            let Some((_, oldest)) = self.kept.pop_first() else { break };
            self.bytes -= size(&oldest);
            self.dropped += 1;
        }
    }

    /// Marks an exchange whose whole answer went to the connection.
    pub(crate) fn delivered(&mut self, number: u64) {
        if let Some(exchange) = self.kept.get_mut(&number) {
            Arc::make_mut(exchange).delivered = true;
        }
    }

    /// Forgets what was kept.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.limits);
    }

    pub(crate) fn all(&self) -> Vec<Arc<Exchange>> {
        self.kept.values().cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Exchange>> {
        self.kept.get(&number).cloned()
    }

    /// The exchanges with a greater number, oldest first, at most `limit`.
    pub(crate) fn after(&self, number: u64, limit: usize) -> Vec<Arc<Exchange>> {
        let later = self.kept.range((Bound::Excluded(number), Bound::Unbounded));
        later.take(limit).map(|(_, exchange)| Arc::clone(exchange)).collect()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }
}

fn size(exchange: &Exchange) -> usize {
    let headers = exchange.request_headers.iter().chain(&exchange.response_headers);
    let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
    let bodies = exchange.request_body.len() + exchange.response_body.len();
    exchange.path.len() + exchange.query.len() + headers + bodies
}
