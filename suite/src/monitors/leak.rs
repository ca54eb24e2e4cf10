//! No plaintext, mnemonic or private key goes over the wire, however it is dressed.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use e2ee_mock_server::Exchange;

use super::finding::{Evidence, Monitor, Observed};
use super::haystack::each_view;
use super::list::LEAK;
use super::needle::{Needle, needles};
use crate::hash::sha256;
use crate::scenario::Role;
use crate::transcript::Transcript;

pub(super) const MONITOR: Monitor = Monitor {
    name: LEAK,
    summary: "no canary name or content, no mnemonic and no private key in any request, in any common encoding",
    requirements: &["R2-SEC-01", "LEAK-01", "LEAK-07"],
    catches: &["sends-name-in-clear", "leaks-mnemonic"],
    honest_only: false,
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let needles = needles(evidence.transcript);
    let Some(mut search) = Search::new(&needles) else { return Vec::new() };
    let sent = evidence.transcript.exchanges.iter();
    sent.filter(|exchange| !by_peer(evidence.transcript, exchange))
        .filter_map(|exchange| search.exchange(exchange))
        .collect()
}

/// Requests without valid credentials may be the client's, too.
fn by_peer(transcript: &Transcript, exchange: &Exchange) -> bool {
    let Some(label) = exchange.device.as_deref() else { return false };
    transcript.devices.iter().any(|device| device.actor == label && device.role == Role::Peer)
}

struct Search<'a> {
    needles: &'a [Needle],
    /// For each pattern the needle and the name of the form.
    patterns: Vec<(usize, &'static str)>,
    automaton: AhoCorasick,
    /// Pieces in which nothing stands, by their SHA-256: clients say most things many times.
    clean: HashSet<[u8; 32]>,
}

impl<'a> Search<'a> {
    fn new(needles: &'a [Needle]) -> Option<Self> {
        let mut patterns = Vec::new();
        let mut bytes = Vec::new();
        for (index, needle) in needles.iter().enumerate() {
            for (form, form_bytes) in needle.forms() {
                patterns.push((index, form));
                bytes.push(form_bytes.to_ascii_lowercase());
            }
        }
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::LeftmostFirst)
            .build(bytes)
            .ok()?;
        Some(Self { needles, patterns, automaton, clean: HashSet::new() })
    }

    fn exchange(&mut self, exchange: &Exchange) -> Option<Observed> {
        let line = format!("{} {}?{}", exchange.method, exchange.path, exchange.query);
        let mut pieces = vec![("the request line".to_owned(), line.into_bytes())];
        for (name, value) in &exchange.request_headers {
            pieces.push((format!("the header {name}"), value.clone().into_bytes()));
        }
        let Ok(body) = exchange.request_content().to_bytes() else {
            return Some(Observed {
                text: format!(
                    "the body of {} cannot be read: nobody knows what stands in it",
                    named(exchange)
                ),
                exchanges: vec![exchange.number],
                canary: None,
            });
        };
        let headers_and_line = pieces.iter().map(|(place, bytes)| (place.as_str(), bytes.as_slice()));
        let all = headers_and_line.chain([("the body", body.as_ref())]);
        all.filter_map(|(place, bytes)| self.piece(exchange, place, bytes)).next()
    }

    fn piece(&mut self, exchange: &Exchange, place: &str, bytes: &[u8]) -> Option<Observed> {
        let piece = sha256(bytes);
        if self.clean.contains(&piece) {
            return None;
        }
        let mut hit = None;
        let mut folded = Vec::new();
        each_view(bytes, |view, undone| {
            // Patterns are in lower case, so that letter case does not matter.
            folded.clear();
            folded.extend(view.iter().map(u8::to_ascii_lowercase));
            hit = self.automaton.find(&folded).map(|found| {
                let mut dress: Vec<&str> = undone.to_vec();
                let (index, form) = self.patterns.get(found.pattern().as_usize()).copied().unwrap_or((0, ""));
                if form != "plain" {
                    dress.push(form);
                }
                (index, dress.join(" + "))
            });
            hit.is_some()
        });
        let Some((index, dress)) = hit else {
            self.clean.insert(piece);
            return None;
        };
        let needle = self.needles.get(index)?;
        let dress = if dress.is_empty() { "in the clear".to_owned() } else { format!("as {dress}") };
        Some(Observed {
            text: format!("{} stands in {place} of {} {dress}", needle.what, named(exchange)),
            exchanges: vec![exchange.number],
            canary: needle.canary.clone(),
        })
    }
}

fn named(exchange: &Exchange) -> String {
    format!("{} (exchange {})", exchange.endpoint, exchange.number)
}
