//! Bytes as they were sent, and as they are once undone: percent, base64, gzip, in any order.

use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use flate2::read::MultiGzDecoder;

/// How many encodings are undone one inside the other.
const DEPTH: usize = 4;
/// What is undone of one piece altogether, in bytes.
const BUDGET: usize = 64 * 1024 * 1024;
/// What is taken out of one gzip member, in bytes.
const INFLATED: u64 = 8 * 1024 * 1024;
/// A run of base64 that is shorter is left alone.
const SHORTEST_RUN: usize = 16;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Shows the bytes in every form to `look`, with the encodings that were undone. `look` ends it by `true`.
pub(super) fn each_view(bytes: &[u8], mut look: impl FnMut(&[u8], &[&'static str]) -> bool) {
    let mut waiting: Vec<(Vec<u8>, Vec<&'static str>)> = Vec::new();
    if look(bytes, &[]) {
        return;
    }
    undo(bytes, &[], &mut waiting);
    let mut spent = 0;
    while let Some((view, undone)) = waiting.pop() {
        spent += view.len();
        if spent > BUDGET || look(&view, &undone) {
            return;
        }
        if undone.len() < DEPTH {
            undo(&view, &undone, &mut waiting);
        }
    }
}

fn undo(bytes: &[u8], undone: &[&'static str], waiting: &mut Vec<(Vec<u8>, Vec<&'static str>)>) {
    let mut push = |name: &'static str, view: Vec<u8>| {
        let mut names = undone.to_vec();
        names.push(name);
        waiting.push((view, names));
    };
    for member in gzip_members(bytes) {
        push("gzip", member);
    }
    if !bytes.is_ascii() {
        return;
    }
    if bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) && undone.last() != Some(&"percent") {
        let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        push("percent", percent_encoding::percent_decode(bytes).collect());
        push("percent", percent_encoding::percent_decode(&spaced).collect());
    }
    if undone.last() != Some(&"line breaks") {
        let joined = without_breaks(bytes);
        if joined.len() < bytes.len() {
            push("line breaks", joined);
        }
    }
    for run in base64_runs(bytes) {
        push("base64", run);
    }
}

fn gzip_members(bytes: &[u8]) -> Vec<Vec<u8>> {
    let starts = bytes.windows(3).enumerate().filter(|(_, window)| *window == [0x1f, 0x8b, 0x08]);
    let mut members = Vec::new();
    for (start, _) in starts.take(16) {
        let mut member = Vec::new();
        let rest = bytes.get(start..).unwrap_or_default();
        // What came out before the data turned out to be broken counts as well.
        let _ = MultiGzDecoder::new(rest).take(INFLATED).read_to_end(&mut member);
        if !member.is_empty() {
            members.push(member);
        }
    }
    members
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
        let mut standard: Vec<u8> = run
            .iter()
            .map(|byte| match byte {
                b'-' => b'+',
                b'_' => b'/',
                other => *other,
            })
            .collect();
        if standard.len() % 4 == 1 {
            standard.pop();
        }
        LENIENT.decode(standard).ok()
    };
    runs.filter_map(decode).collect()
}
