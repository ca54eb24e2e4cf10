//! No plaintext, mnemonic or private key goes over the wire, however it is dressed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use e2ee_mock_server::Exchange;

use super::finding::{Evidence, Monitor, Observed};
use super::haystack::{Clean, Looked, each_view};
use super::list::LEAK;
use super::logged;
use super::need::Need;
use super::needle::{Needle, forms, keys, needles};
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
    let mut unlooked = evidence.unlooked.borrow_mut();
    let mut observed = Vec::new();
    // What the user takes out is no secret any more: up to each such step others are looked for than after it.
    let ends = needles.iter().map(|needle| needle.until).chain([u64::MAX]);
    let mut after = 0;
    for until in ends.collect::<BTreeSet<u64>>() {
        needles.retain(|needle| needle.until >= until);
        let search = search_for(&needles);
        let during = |exchange: &&Arc<Exchange>| (after..=until).contains(&exchange.number);
        let sent = evidence.transcript.exchanges.iter().filter(during);
        let sent = sent.filter(|exchange| !by_peer(evidence.transcript, exchange));
        observed.extend(sent.filter_map(|exchange| search.exchange(&needles, exchange, &mut unlooked)));
        after = until.saturating_add(1);
    }
    observed
}

/// Whether one of these stands in bytes, however it is dressed: what it is.
pub(super) fn stands_in<'n>(needles: &'n [Needle], bytes: &[u8]) -> Option<&'n Needle> {
    let (found, _) = search_for(needles).first(bytes);
    found.and_then(|(index, _)| needles.get(index))
}

/// A search for these needles, which is kept with what it finds to be clean: plays that begin alike look for the same, and
/// say the same for a long while.
fn search_for(needles: &[Needle]) -> Arc<Search> {
    static SEARCHES: Mutex<BTreeMap<[u8; 32], Arc<Search>>> = Mutex::new(BTreeMap::new());
    const MOST: usize = 64;
    let mut all = Vec::new();
    needles.iter().for_each(|needle| needle.describe(&mut all));
    let key = sha256(&all);
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
    /// The patterns in the order of their first bytes.
    by_beginning: Vec<(Beginning, Pattern)>,
}

/// The first bytes of a pattern: no needle, and so no pattern, is as short.
type Beginning = [u8; 4];

/// One form of a needle, in lower case, so that letter case does not matter.
struct Pattern {
    /// Which needle.
    needle: usize,
    form: &'static str,
    bytes: Arc<[u8]>,
}

/// Where something stands in a request.
#[derive(Clone, Copy)]
enum Place<'a> {
    Line,
    Header(&'a str),
    Body,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => f.write_str(logged::REQUEST_LINE),
            Self::Header(name) => f.write_str(&logged::header(name)),
            Self::Body => f.write_str("the body"),
        }
    }
}

impl Search {
    /// Searches an exchange for the needles that it was made for.
    fn exchange(
        &self,
        needles: &[Needle],
        exchange: &Exchange,
        unlooked: &mut Vec<String>,
    ) -> Option<Observed> {
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
        let line = format!("{} {}?{}", exchange.method, exchange.path, exchange.query);
        let headers = exchange.request_headers.iter();
        let headers = headers.map(|(name, value)| (Place::Header(name), value.as_bytes()));
        let line = std::iter::once((Place::Line, line.as_bytes()));
        for (place, bytes) in line.chain(headers).chain([(Place::Body, body.as_ref())]) {
            let (found, looked) = self.piece(needles, exchange, place, bytes);
            if found.is_some() {
                return found;
            }
            if looked == Looked::InPart {
                let text = "more comes out of it than is undone of one piece";
                unlooked.push(format!("{place} of {}: {text}", named(exchange)));
            }
        }
        None
    }

    fn piece(
        &self,
        needles: &[Needle],
        exchange: &Exchange,
        place: Place<'_>,
        bytes: &[u8],
    ) -> (Option<Observed>, Looked) {
        let (hit, looked) = self.first(bytes);
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

    /// The first needle in bytes, as a position, and its dress.
    fn first(&self, bytes: &[u8]) -> (Option<(usize, String)>, Looked) {
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
        (hit, looked)
    }
}

impl Patterns {
    fn of(needles: &[Needle]) -> Self {
        let mut patterns = Self { begins: Box::new([false; HASHES]), by_beginning: Vec::new() };
        for (needle, it) in needles.iter().enumerate() {
            for (form, bytes) in forms(it).iter() {
                let Some(beginning) = bytes.first_chunk() else { continue };
                if let Some(begins) = patterns.begins.get_mut(hash(beginning)) {
                    *begins = true;
                }
                let pattern = Pattern { needle, form, bytes: Arc::clone(bytes) };
                patterns.by_beginning.push((*beginning, pattern));
            }
        }
        // Those that begin alike stay in their order.
        patterns.by_beginning.sort_by_key(|(beginning, _)| *beginning);
        patterns
    }

    /// The first pattern in a text, which is in lower case.
    fn find(&self, text: &[u8]) -> Option<&Pattern> {
        let mut rest = text;
        while let Some(beginning) = rest.first_chunk() {
            if self.begins.get(hash(beginning)).is_some_and(|begins| *begins) {
                let start = self.by_beginning.partition_point(|(other, _)| other < beginning);
                let patterns = self.by_beginning.iter().skip(start);
                let mut alike = patterns.take_while(|(other, _)| other == beginning);
                if let Some((_, found)) = alike.find(|(_, pattern)| rest.starts_with(&pattern.bytes)) {
                    return Some(found);
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
