//! Keeps the exchanges of a tenant, within bounds.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::exchange::Exchange;
use crate::history::History;
use crate::record::Record;
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
    /// In the order of the numbers.
    kept: VecDeque<Kept>,
    bytes: usize,
    file_bytes: u64,
    dropped: u64,
}

#[derive(Debug)]
struct Kept {
    number: u64,
    form: Form,
    /// In the history, if there is one.
    written: bool,
    bytes: usize,
    file_bytes: u64,
}

impl Kept {
    /// The same exchange for another recorder.
    fn shared(&mut self) -> Self {
        let form = Form::Exchange(self.form.look());
        Self { form, ..*self }
    }
}

#[expect(clippy::large_enum_variant, reason = "nearly all are records: a box for each would cost more")]
#[derive(Debug)]
enum Form {
    Record(Record),
    /// Somebody has looked at it.
    Exchange(Arc<Exchange>),
}

impl Recorder {
    pub(crate) fn new(options: &TenantOptions) -> Self {
        let history = options.history.clone().map(|history| (history, Arc::from(options.name.as_str())));
        let (limits, kept) = (options.recorder, VecDeque::new());
        Self { limits, history, kept, bytes: 0, file_bytes: 0, dropped: 0 }
    }

    /// A recorder with other options that has kept the same.
    pub(crate) fn forked(&mut self, options: &TenantOptions) -> Self {
        let Self { limits, history, .. } = Self::new(options);
        let kept = self.kept.iter_mut().map(Kept::shared).collect();
        Self { limits, history, kept, bytes: self.bytes, file_bytes: self.file_bytes, dropped: self.dropped }
    }

    /// Whether all answers have gone.
    pub(crate) fn is_idle(&self) -> bool {
        self.kept.iter().all(|kept| kept.written)
    }

    pub(crate) fn record(&mut self, record: Record) {
        let (number, bytes, file_bytes) = (record.number, record.bytes(), record.file_bytes());
        self.bytes += bytes;
        self.file_bytes += file_bytes;
        let form = Form::Record(record);
        // Requests that are under way at once come almost in the order of their numbers.
        let later = self.kept.iter().rev().take_while(|kept| kept.number > number).count();
        let kept = Kept { number, form, written: false, bytes, file_bytes };
        self.kept.insert(self.kept.len() - later, kept);
        let limits = self.limits;
        while self.kept.len() > limits.exchanges
            || self.bytes > limits.bytes
            || self.file_bytes > limits.file_bytes
        {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.bytes;
            self.file_bytes -= oldest.file_bytes;
            self.dropped += 1;
            // Its answer is still under way.
            if !oldest.written {
                self.write(&oldest);
            }
        }
    }

    /// The answer to an exchange has gone, `whole` or broken off.
    pub(crate) fn ended(&mut self, number: u64, whole: bool) {
        let Some(at) = self.find(number) else { return };
        let kept = &mut self.kept[at];
        kept.written = true;
        if whole {
            kept.form.deliver();
        }
        self.write(&self.kept[at]);
    }

    fn write(&self, kept: &Kept) {
        if let Some((history, tenant)) = &self.history {
            history.write(tenant, kept.form.exchange(), kept.bytes);
        }
    }

    /// Forgets what was kept.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        (self.bytes, self.file_bytes, self.dropped) = (0, 0, 0);
    }

    pub(crate) fn all(&mut self) -> Vec<Arc<Exchange>> {
        self.kept.iter_mut().map(|kept| kept.form.look()).collect()
    }

    /// The number of the newest that is kept.
    pub(crate) fn last(&self) -> Option<u64> {
        self.kept.back().map(|kept| kept.number)
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn get(&mut self, number: u64) -> Option<Arc<Exchange>> {
        self.find(number).map(|at| self.kept[at].form.look())
    }

    /// The exchanges with a greater number, oldest first, at most `limit`.
    pub(crate) fn after(&mut self, number: u64, limit: usize) -> Vec<Arc<Exchange>> {
        let start = self.kept.partition_point(|kept| kept.number <= number);
        self.kept.range_mut(start..).take(limit).map(|kept| kept.form.look()).collect()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    fn find(&self, number: u64) -> Option<usize> {
        // Hardly any number is left out.
        let behind = usize::try_from(self.kept.back()?.number.checked_sub(number)?).ok()?;
        let guess = (self.kept.len() - 1).checked_sub(behind);
        guess
            .filter(|at| self.kept[*at].number == number)
            .or_else(|| self.kept.binary_search_by_key(&number, |kept| kept.number).ok())
    }
}

impl Form {
    fn exchange(&self) -> Arc<Exchange> {
        match self {
            Self::Record(record) => Arc::new(record.exchange()),
            Self::Exchange(exchange) => Arc::clone(exchange),
        }
    }

    /// The same, and keeps it for others who look.
    fn look(&mut self) -> Arc<Exchange> {
        let exchange = self.exchange();
        *self = Self::Exchange(Arc::clone(&exchange));
        exchange
    }

    fn deliver(&mut self) {
        match self {
            Self::Record(record) => record.delivered = true,
            Self::Exchange(exchange) => Arc::make_mut(exchange).delivered = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use e2ee_reference::authority::Authority;

    use super::*;
    use crate::exchange::Endpoint;
    use crate::record::{Said, Texts};
    use crate::test_keys::test_key;

    fn record(number: u64) -> Record {
        let headers = http::HeaderMap::from_iter([
            (http::header::ACCEPT, http::HeaderValue::from_bytes(b"caf\xe9").unwrap()),
            (http::header::AUTHORIZATION, http::HeaderValue::from_static("Basic secret")),
        ]);
        let texts = Texts::of(&Said {
            user: None,
            device: Some("laptop"),
            method: "PUT",
            path: &["a b".to_owned(), "c".to_owned()],
            query: "",
            request_headers: &headers,
            response_headers: &[("etag", "\"1\"".into())],
        });
        Record {
            number,
            micros: 0,
            endpoint: Endpoint::Other,
            texts,
            request: bytes::Bytes::from_static(b"asked").into(),
            status: 200,
            response_body: bytes::Bytes::from_static(b"told"),
            response_file: None,
            delivered: false,
            tampered_by: Vec::new(),
        }
    }

    fn recorder(exchanges: usize) -> Recorder {
        let mut options = TenantOptions::new("", Authority::from_private_key(test_key(0).unwrap()));
        options.recorder.exchanges = exchanges;
        Recorder::new(&options)
    }

    #[test]
    fn exchanges_are_in_order_and_found() {
        let mut recorder = recorder(4);
        // 4 is left out, as the first of two attempts is.
        [1, 3, 2, 6, 5].into_iter().for_each(|number| recorder.record(record(number)));
        recorder.ended(2, true);
        recorder.ended(5, false);
        let shown = |kept: Vec<Arc<Exchange>>| -> Vec<(u64, bool)> {
            kept.iter().map(|exchange| (exchange.number, exchange.delivered)).collect()
        };
        assert_eq!(shown(recorder.all()), [(2, true), (3, false), (5, false), (6, false)]);
        recorder.ended(6, true);
        assert_eq!(shown(recorder.after(3, 9)), [(5, false), (6, true)]);
        assert_eq!(shown(recorder.after(0, 1)), [(2, true)]);
        for number in 0..9 {
            let found = recorder.get(number).map(|exchange| exchange.number);
            assert_eq!(found, Some(number).filter(|number| [2, 3, 5, 6].contains(number)));
        }
    }

    #[test]
    fn an_exchange_is_made_whole_again() {
        let mut recorder = recorder(1);
        recorder.record(record(1));
        let exchange = recorder.get(1).unwrap();
        assert_eq!((exchange.user.as_deref(), exchange.device.as_deref()), (None, Some("laptop")));
        assert_eq!((&*exchange.method, &*exchange.path, &*exchange.query), ("PUT", "/a b/c", ""));
        assert_eq!(exchange.request_headers, [("accept", "caf\u{fffd}")].into());
        assert_eq!(exchange.response_headers, [("etag", "\"1\"")].into());
        assert_eq!((&*exchange.request_body, &*exchange.response_body), (&b"asked"[..], &b"told"[..]));
        // Those who look get the same one.
        assert!(Arc::ptr_eq(&exchange, &recorder.get(1).unwrap()));
    }
}
