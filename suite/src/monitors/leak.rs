//! No plaintext, mnemonic or private key goes over the wire, however it is dressed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use e2ee_mock_server::Exchange;

use super::finding::{Evidence, Monitor, Observed};
use super::haystack::{Clean, Looked, each_view};
use super::list::LEAK;
use super::logged;
use super::need::Need;
use super::needle::{Needle, keys, needles};
use crate::hash::sha256;
use crate::scenario::Role;
use crate::transcript::Transcript;

pub(super) const MONITOR: Monitor = Monitor {
    name: LEAK,
    summary: "no canary name or content, no mnemonic and no key that is not wrapped in any request, in any common encoding",
    requirements: &["R2-SEC-01", "LEAK-01", "LEAK-07"],
    catches: &["sends-name-in-clear", "leaks-mnemonic", "leaks-words-as-list", "sends-file-key"],
    honest_only: false,
    needs: &[Need::Needles, Need::Bodies],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let mut needles = needles(evidence.transcript);
    needles.extend(keys(&evidence.uploads));
    let search = search_for(&needles);
    let sent = evidence.transcript.exchanges.iter();
    let mut unlooked = evidence.unlooked.borrow_mut();
    sent.filter(|exchange| !by_peer(evidence.transcript, exchange))
        .filter_map(|exchange| search.exchange(&needles, exchange, &mut unlooked))
        .collect()
}

/// A search for these needles, which is kept with what it finds to be clean: plays that begin alike look for the same, and
/// say the same for a long while.
fn search_for(needles: &[Needle]) -> Arc<Search> {
    static SEARCHES: Mutex<BTreeMap<[u8; 32], Arc<Search>>> = Mutex::new(BTreeMap::new());
    const MOST: usize = 64;
    let key = sha256(needles.iter().map(Needle::text).collect::<String>().as_bytes());
    let mut searches = SEARCHES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(search) = searches.get(&key) {
        return Arc::clone(search);
    }
    let search = Arc::new(Search { patterns: Patterns::of(needles), clean: Clean::default() });
    if searches.len() >= MOST {
        searches.clear();
    }
    searches.insert(key, Arc::clone(&search));
    search
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

/// What is searched for, by its first bytes.
struct Patterns {
    /// A bit for each hash of first bytes: most places of a text can be told by it to be no beginning.
    begins: Box<[bool; HASHES]>,
    /// The patterns with these first bytes.
    by_beginning: HashMap<Beginning, Vec<Pattern>>,
}

/// The first bytes of a pattern: no needle, and so no pattern, is as short.
type Beginning = [u8; 4];

/// One form of a needle, in lower case, so that letter case does not matter.
struct Pattern {
    /// Which needle.
    needle: usize,
    form: &'static str,
    bytes: Vec<u8>,
}

impl Search {
    /// Searches an exchange for the needles that it was made for.
    fn exchange(
        &self,
        needles: &[Needle],
        exchange: &Exchange,
        unlooked: &mut Vec<String>,
    ) -> Option<Observed> {
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
        for piece in all {
            let (found, looked) = self.piece(needles, exchange, piece);
            if found.is_some() {
                return found;
            }
            if looked == Looked::InPart {
                let text = "more comes out of it than is undone of one piece";
                unlooked.push(format!("{} of {}: {text}", piece.0, named(exchange)));
            }
        }
        None
    }

    fn piece(
        &self,
        needles: &[Needle],
        exchange: &Exchange,
        (place, bytes): (&str, &[u8]),
    ) -> (Option<Observed>, Looked) {
        let mut hit = None;
        let mut folded = Vec::new();
        let Self { patterns, clean } = self;
        let looked = each_view(bytes, clean, |view, undone| {
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
        let found =
            hit.and_then(|(index, dress)| Some((needles.get(index)?, dress))).map(|(needle, dress)| {
                let dress = if dress.is_empty() { "in the clear".to_owned() } else { format!("as {dress}") };
                Observed {
                    text: format!("{} stands in {place} of {} {dress}", needle.what, named(exchange)),
                    exchanges: vec![exchange.number],
                    canary: needle.canary.clone(),
                }
            });
        (found, looked)
    }
}

impl Patterns {
    fn of(needles: &[Needle]) -> Self {
        let mut patterns = Self { begins: Box::new([false; HASHES]), by_beginning: HashMap::new() };
        for (needle, it) in needles.iter().enumerate() {
            for (form, bytes) in it.forms() {
                let bytes = bytes.to_ascii_lowercase();
                let Some(beginning) = bytes.first_chunk() else { continue };
                if let Some(begins) = patterns.begins.get_mut(hash(beginning)) {
                    *begins = true;
                }
                let same = patterns.by_beginning.entry(*beginning).or_default();
                same.push(Pattern { needle, form, bytes });
            }
        }
        patterns
    }

    /// The first pattern in a text, which is in lower case.
    fn find(&self, text: &[u8]) -> Option<&Pattern> {
        let mut rest = text;
        while let Some(beginning) = rest.first_chunk() {
            if self.begins.get(hash(beginning)).is_some_and(|begins| *begins) {
                let patterns = self.by_beginning.get(beginning).into_iter().flatten();
                let found = patterns.into_iter().find(|pattern| rest.starts_with(&pattern.bytes));
                if found.is_some() {
                    return found;
                }
            }
            rest = rest.split_first()?.1;
        }
        None
    }
}

/// How many hashes there are: some hundred patterns leave nearly all of them free.
const HASHES: usize = 1 << HASH_BITS;
const HASH_BITS: u32 = 14;

/// Multiplies by the golden ratio, as Fibonacci hashing does.
fn hash(beginning: &Beginning) -> usize {
    (u32::from_le_bytes(*beginning).wrapping_mul(0x9e37_79b9) >> (u32::BITS - HASH_BITS)) as usize
}

fn named(exchange: &Exchange) -> String {
    format!("{} (exchange {})", exchange.endpoint, exchange.number)
}
