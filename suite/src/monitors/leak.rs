//! No plaintext, mnemonic or private key goes over the wire, however it is dressed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use e2ee_mock_server::Exchange;

use super::finding::{Evidence, Monitor, Observed};
use super::haystack::{Clean, each_view};
use super::list::LEAK;
use super::logged;
use super::needle::{Needle, SHORTEST, needles};
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
    let Some(search) = search_for(&needles) else { return Vec::new() };
    let mut search = search.lock().unwrap_or_else(PoisonError::into_inner);
    let sent = evidence.transcript.exchanges.iter();
    sent.filter(|exchange| !by_peer(evidence.transcript, exchange))
        .filter_map(|exchange| search.exchange(&needles, exchange))
        .collect()
}

/// A search for these needles, which is kept with what it finds to be clean: plays that begin alike look for the same, and
/// say the same for a long while.
fn search_for(needles: &[Needle]) -> Option<Arc<Mutex<Search>>> {
    static SEARCHES: Mutex<BTreeMap<[u8; 32], Arc<Mutex<Search>>>> = Mutex::new(BTreeMap::new());
    const MOST: usize = 64;
    let key = sha256(needles.iter().map(Needle::text).collect::<String>().as_bytes());
    let mut searches = SEARCHES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(search) = searches.get(&key) {
        return Some(Arc::clone(search));
    }
    let search = Arc::new(Mutex::new(Search::new(needles)?));
    if searches.len() >= MOST {
        searches.clear();
    }
    searches.insert(key, Arc::clone(&search));
    Some(search)
}

/// Requests without valid credentials may be the client's, too.
fn by_peer(transcript: &Transcript, exchange: &Exchange) -> bool {
    let Some(label) = exchange.device.as_deref() else { return false };
    transcript.devices.iter().any(|device| device.actor == label && device.role == Role::Peer)
}

struct Search {
    patterns: Patterns,
    clean: Clean,
}

/// What is searched for.
struct Patterns {
    /// Of beginnings of patterns, which are enough to tell that most things have none in them.
    automaton: AhoCorasick,
    /// The patterns that have each beginning.
    of_beginning: Vec<Vec<Pattern>>,
}

/// One form of a needle, in lower case, so that letter case does not matter.
struct Pattern {
    /// Which needle.
    needle: usize,
    form: &'static str,
    bytes: Vec<u8>,
}

/// How much of a pattern is searched for: no pattern is shorter than the shortest needle.
const BEGINNING: usize = SHORTEST;

impl Search {
    fn new(needles: &[Needle]) -> Option<Self> {
        Some(Self { patterns: Patterns::of(needles)?, clean: Clean::default() })
    }

    /// Searches an exchange for the needles that it was made for.
    fn exchange(&mut self, needles: &[Needle], exchange: &Exchange) -> Option<Observed> {
        let line = format!("{} {}?{}", exchange.method, exchange.path, exchange.query);
        let mut pieces = vec![(logged::REQUEST_LINE.to_owned(), line.into_bytes())];
        for (name, value) in &exchange.request_headers {
            pieces.push((logged::header(name), value.clone().into_bytes()));
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
        all.filter_map(|(place, bytes)| self.piece(needles, exchange, (place, bytes))).next()
    }

    fn piece(
        &mut self,
        needles: &[Needle],
        exchange: &Exchange,
        (place, bytes): (&str, &[u8]),
    ) -> Option<Observed> {
        let mut hit = None;
        let mut folded = Vec::new();
        let Self { patterns, clean } = self;
        each_view(bytes, clean, |view, undone| {
            folded.clear();
            folded.extend_from_slice(view);
            folded.make_ascii_lowercase();
            hit = patterns.find(&folded).map(|pattern| {
                let mut dress: Vec<&str> = undone.to_vec();
                if pattern.form != "plain" {
                    dress.push(pattern.form);
                }
                (pattern.needle, dress.join(" + "))
            });
            hit.is_some()
        });
        let (index, dress) = hit?;
        let needle = needles.get(index)?;
        let dress = if dress.is_empty() { "in the clear".to_owned() } else { format!("as {dress}") };
        Some(Observed {
            text: format!("{} stands in {place} of {} {dress}", needle.what, named(exchange)),
            exchanges: vec![exchange.number],
            canary: needle.canary.clone(),
        })
    }
}

impl Patterns {
    fn of(needles: &[Needle]) -> Option<Self> {
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let (mut beginnings, mut of_beginning) = (Vec::new(), Vec::new());
        for (needle, it) in needles.iter().enumerate() {
            for (form, bytes) in it.forms() {
                let bytes = bytes.to_ascii_lowercase();
                let beginning: Vec<u8> = bytes.iter().copied().take(BEGINNING).collect();
                let place = *places.entry(beginning).or_insert_with_key(|beginning| {
                    beginnings.push(beginning.clone());
                    of_beginning.push(Vec::new());
                    of_beginning.len() - 1
                });
                if let Some(patterns) = of_beginning.get_mut(place) {
                    patterns.push(Pattern { needle, form, bytes });
                }
            }
        }
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(beginnings);
        Some(Self { automaton: automaton.ok()?, of_beginning })
    }

    /// The first pattern in a text, which is in lower case.
    fn find(&self, text: &[u8]) -> Option<&Pattern> {
        let mut from = 0;
        while let Some(begun) = self.automaton.find(text.get(from..)?) {
            from += begun.start();
            let rest = text.get(from..)?;
            let patterns = self.of_beginning.get(begun.pattern().as_usize())?;
            if let Some(pattern) = patterns.iter().find(|pattern| rest.starts_with(&pattern.bytes)) {
                return Some(pattern);
            }
            from += 1;
        }
        None
    }
}

fn named(exchange: &Exchange) -> String {
    format!("{} (exchange {})", exchange.endpoint, exchange.number)
}
