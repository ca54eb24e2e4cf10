//! Bytes as they were sent, and as they are once undone: percent, base64, gzip, in any order.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, RandomState};
use std::io::Read as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use flate2::read::MultiGzDecoder;
use memchr::{memchr, memmem};

use crate::remembered::First;

/// How many encodings are undone one inside the other.
const DEPTH: usize = 4;
/// What is undone of one piece altogether, in bytes.
const BUDGET: usize = 64 * 1024 * 1024;
/// What is taken out of one gzip member, in bytes.
const INFLATED: u64 = 8 * 1024 * 1024;
/// How many gzip members are looked for in one piece: by chance one begins in 16 MiB.
const MEMBERS: usize = 64;
/// A run of base64 that is shorter is left alone.
const SHORTEST_RUN: usize = 16;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Pieces in which nothing was found, and all that was undone in them: clients say most things many times, and what is
/// undone in two orders comes to the same.
#[derive(Default)]
pub(super) struct Clean {
    /// By a hash with a random key.
    views: Mutex<Views>,
    hashes: RandomState,
}

/// The hashes need not be hashed again.
type Views = HashMap<u64, Reached, BuildHasherDefault<First>>;

/// How a view was come by: what follows from it depends on nothing else.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Reached {
    /// How many encodings were undone.
    depth: usize,
    /// The last of them, if it is one of [`NOT_TWICE`].
    restricting: Option<&'static str>,
}

impl Reached {
    fn by(undone: &[&'static str]) -> Self {
        let restricting = undone.last().copied().filter(|step| NOT_TWICE.contains(step));
        Self { depth: undone.len(), restricting }
    }

    /// Whether all that follows from the other follows from this one.
    fn covers(self, other: Self) -> bool {
        self.depth <= other.depth && (self.restricting.is_none() || self.restricting == other.restricting)
    }
}

impl Clean {
    fn covers(&self, hash: u64, reached: Reached) -> bool {
        self.lock().get(&hash).is_some_and(|before| before.covers(reached))
    }

    fn learn(&self, seen: Views) {
        let mut views = self.lock();
        for (hash, reached) in seen {
            if !views.get(&hash).is_some_and(|before| before.covers(reached)) {
                views.insert(hash, reached);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Views> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much of a piece was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    /// All of it, or as much as was asked for.
    Whole,
    /// More could be undone in it than is.
    InPart,
}

/// Shows the bytes in every form to `look`, with the encodings that were undone, but for what is known to be clean.
/// `look` ends it by `true`; otherwise what was shown whole is clean from then on.
pub(super) fn each_view(
    bytes: &[u8],
    clean: &Clean,
    mut look: impl FnMut(&[u8], &[&'static str]) -> bool,
) -> Looked {
    if clean.covers(clean.hashes.hash_one(bytes), Reached::by(&[])) {
        return Looked::Whole;
    }
    let mut waiting: Vec<(Cow<'_, [u8]>, Vec<&'static str>)> = vec![(bytes.into(), Vec::new())];
    let (mut spent, mut seen, mut looked) = (0, Views::default(), Looked::Whole);
    while let Some((view, undone)) = waiting.pop() {
        let (hash, reached) = (clean.hashes.hash_one(&view), Reached::by(&undone));
        let seen_here = seen.get(&hash).is_some_and(|before: &Reached| before.covers(reached));
        if seen_here || clean.covers(hash, reached) {
            continue;
        }
        seen.insert(hash, reached);
        // The piece itself is there already.
        spent += if undone.is_empty() { 0 } else { view.len() };
        if look(&view, &undone) {
            return Looked::Whole;
        }
        if spent > BUDGET {
            return Looked::InPart;
        }
        if undone.len() < DEPTH && !undo(&view, &undone, &mut waiting) {
            looked = Looked::InPart;
        }
    }
    if looked == Looked::Whole {
        clean.learn(seen);
    }
    looked
}

/// Once undone these leave nothing of their kind.
const NOT_TWICE: [&str; 2] = [PERCENT, LINE_BREAKS];
const PERCENT: &str = "percent";
const LINE_BREAKS: &str = "line breaks";

/// Undoes each encoding once, and tells whether nothing of it was left out.
fn undo(
    bytes: &[u8],
    undone: &[&'static str],
    waiting: &mut Vec<(Cow<'_, [u8]>, Vec<&'static str>)>,
) -> bool {
    let mut push = |name: &'static str, view: Vec<u8>| {
        let mut names = undone.to_vec();
        names.push(name);
        waiting.push((view.into(), names));
    };
    let (members, whole) = gzip_members(bytes);
    for member in members {
        push("gzip", member);
    }
    if !bytes.is_ascii() {
        return whole;
    }
    if undone.last() != Some(&PERCENT) {
        if memchr(b'%', bytes).is_some() {
            push(PERCENT, percent_encoding::percent_decode(bytes).collect());
        }
        // Only what is not decoded yet writes blanks so.
        if !undone.contains(&PERCENT) && memchr(b'+', bytes).is_some() {
            let mut spaced = bytes.to_vec();
            replace(&mut spaced, b'+', b' ');
            push(PERCENT, percent_encoding::percent_decode(&spaced).collect());
        }
    }
    if undone.last() != Some(&LINE_BREAKS) {
        let joined = without_breaks(bytes);
        if joined.len() < bytes.len() {
            push(LINE_BREAKS, joined);
        }
    }
    for run in base64_runs(bytes) {
        push("base64", run);
    }
    whole
}

/// What is compressed in it, and whether that is all.
fn gzip_members(bytes: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let (mut members, mut whole) = (Vec::new(), true);
    for (position, start) in memmem::find_iter(bytes, &[0x1f, 0x8b, 0x08]).enumerate() {
        if position == MEMBERS {
            return (members, false);
        }
        let mut member = Vec::new();
        let rest = bytes.get(start..).unwrap_or_default();
        // What came out before the data turned out to be broken counts as well.
        let _ = MultiGzDecoder::new(rest).take(INFLATED).read_to_end(&mut member);
        whole &= (member.len() as u64) < INFLATED;
        if !member.is_empty() {
            members.push(member);
        }
    }
    (members, whole)
}

/// Without line ends and blanks, also where JSON writes them as `\n`.
fn without_breaks(bytes: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'\\', [b'n' | b'r' | b't', after @ ..]) => after,
            // PHP and others write `/` as `\/`, which splits base64.
            (b'\\', [b'/', ..]) => tail,
            (byte, _) if byte.is_ascii_whitespace() => tail,
            (byte, _) => {
                joined.push(*byte);
                tail
            }
        };
    }
    joined
}

fn base64_runs(bytes: &[u8]) -> Vec<Vec<u8>> {
    let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let runs = bytes.split(|byte| !in_alphabet(byte)).filter(|run| run.len() >= SHORTEST_RUN);
    let decode = |run: &[u8]| {
        let mut standard = run.to_vec();
        replace(&mut standard, b'-', b'+');
        replace(&mut standard, b'_', b'/');
        if standard.len() % 4 == 1 {
            standard.pop();
        }
        LENIENT.decode(standard).ok()
    };
    runs.filter_map(decode).collect()
}

fn replace(bytes: &mut [u8], from: u8, to: u8) {
    for byte in bytes {
        *byte = if *byte == from { to } else { *byte };
    }
}
