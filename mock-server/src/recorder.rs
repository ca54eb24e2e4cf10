//! Keeps the exchanges of a tenant, within bounds.

use std::collections::BTreeMap;
use std::mem::size_of;
use std::ops::Bound;
use std::sync::Arc;

use crate::exchange::Exchange;
use crate::history::History;
use crate::tenant::TenantOptions;

/// How much a tenant's recorder keeps. When there is more, the oldest exchanges go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecorderLimits {
    /// Exchanges.
    pub exchanges: usize,
    /// Bytes of memory, for bodies, headers and paths and for keeping them apart.
    pub bytes: usize,
    /// Bytes of bodies on disk. The files of the tenant itself take no room twice.
    pub file_bytes: u64,
}

impl Default for RecorderLimits {
    /// 100 000 exchanges, 256 MiB, and of bodies on disk 8 GiB.
    fn default() -> Self {
        Self { exchanges: 100_000, bytes: 256 * 1024 * 1024, file_bytes: 8 << 30 }
    }
}

#[derive(Debug)]
pub(crate) struct Recorder {
    limits: RecorderLimits,
    history: Option<(History, Arc<str>)>,
    kept: BTreeMap<u64, Kept>,
    bytes: usize,
    file_bytes: u64,
    dropped: u64,
}

#[derive(Debug, Clone)]
struct Kept {
    exchange: Arc<Exchange>,
    /// In the history, if there is one.
    written: bool,
    bytes: usize,
    file_bytes: u64,
}

impl Recorder {
    pub(crate) fn new(options: &TenantOptions) -> Self {
        let history = options.history.clone().map(|history| (history, Arc::from(options.name.as_str())));
        let (limits, kept) = (options.recorder, BTreeMap::new());
        Self { limits, history, kept, bytes: 0, file_bytes: 0, dropped: 0 }
    }

    /// A recorder with other options that has kept the same.
    pub(crate) fn forked(&self, options: &TenantOptions) -> Self {
        let Self { limits, history, .. } = Self::new(options);
        let (kept, bytes, file_bytes) = (self.kept.clone(), self.bytes, self.file_bytes);
        Self { limits, history, kept, bytes, file_bytes, dropped: self.dropped }
    }

    /// Whether all answers have gone.
    pub(crate) fn is_idle(&self) -> bool {
        self.kept.values().all(|kept| kept.written)
    }

    pub(crate) fn record(&mut self, exchange: Exchange) {
        let (number, bytes, file_bytes) = (exchange.number, size(&exchange), file_size(&exchange));
        self.bytes += bytes;
        self.file_bytes += file_bytes;
        self.kept.insert(number, Kept { exchange: Arc::new(exchange), written: false, bytes, file_bytes });
        let limits = self.limits;
        while self.kept.len() > limits.exchanges
            || self.bytes > limits.bytes
            || self.file_bytes > limits.file_bytes
        {
            let Some((_, oldest)) = self.kept.pop_first() else { break };
            self.bytes -= oldest.bytes;
            self.file_bytes -= oldest.file_bytes;
            self.dropped += 1;
            // Its answer is still under way.
            if !oldest.written {
                self.write(&oldest.exchange);
            }
        }
    }

    /// The answer to an exchange has gone, `whole` or broken off.
    pub(crate) fn ended(&mut self, number: u64, whole: bool) {
        let Some(kept) = self.kept.get_mut(&number) else { return };
        if whole {
            Arc::make_mut(&mut kept.exchange).delivered = true;
        }
        kept.written = true;
        if self.history.is_some() {
            let exchange = Arc::clone(&kept.exchange);
            self.write(&exchange);
        }
    }

    fn write(&self, exchange: &Arc<Exchange>) {
        if let Some((history, tenant)) = &self.history {
            history.write(tenant, exchange);
        }
    }

    /// Forgets what was kept.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        (self.bytes, self.file_bytes, self.dropped) = (0, 0, 0);
    }

    pub(crate) fn all(&self) -> Vec<Arc<Exchange>> {
        self.kept.values().map(|kept| Arc::clone(&kept.exchange)).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Exchange>> {
        self.kept.get(&number).map(|kept| Arc::clone(&kept.exchange))
    }

    /// The exchanges with a greater number, oldest first, at most `limit`.
    pub(crate) fn after(&self, number: u64, limit: usize) -> Vec<Arc<Exchange>> {
        let later = self.kept.range((Bound::Excluded(number), Bound::Unbounded));
        later.take(limit).map(|(_, kept)| Arc::clone(&kept.exchange)).collect()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// What an exchange takes in memory, about.
pub(crate) fn size(exchange: &Exchange) -> usize {
    /// What the allocator adds to each piece.
    const PIECE: usize = 16;
    /// The exchange itself, its counters and its place among the others.
    const EXCHANGE: usize = size_of::<Exchange>() + size_of::<[usize; 8]>() + PIECE;
    const HEADER: usize = size_of::<(String, String)>() + 2 * PIECE;
    let headers = exchange.request_headers.iter().chain(&exchange.response_headers);
    let headers: usize = headers.map(|(name, value)| HEADER + name.len() + value.len()).sum();
    let bodies = exchange.request_body.len() + exchange.response_body.len() + 4 * PIECE;
    EXCHANGE + exchange.path.len() + exchange.query.len() + headers + bodies
}

fn file_size(exchange: &Exchange) -> u64 {
    let files = exchange.request_file.iter().chain(&exchange.response_file);
    files.map(|content| content.len() - content.held()).sum()
}
