//! A checksum of the plaintext lets the server confirm a guess, and a type says what is inside.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use e2ee_mock_server::{Endpoint, adler32, uploaded_files};
use e2ee_reference::file_cipher;
use flate2::Crc;
use openssl::hash::{MessageDigest, hash};

use super::finding::{Evidence, Monitor, Observed};
use super::key_reuse::MOST;
use super::need::Need;
use super::taken_out::{secret_until, taken_out};
use crate::hash::sha256_hex;
use crate::transcript::Transcript;

pub(super) const MONITOR: Monitor = Monitor {
    name: "plaintext-traces",
    summary: "no checksum of a plaintext and no type of a file in any header",
    requirements: &["LEAK-03", "R2-SEC-01"],
    catches: &["sends-plaintext-checksum", "sends-content-md5", "sends-adler32", "sends-mimetype"],
    honest_only: false,
    needs: &[Need::Metadata, Need::Bodies],
    check,
};

/// What says nothing about a file.
const NEUTRAL: &[&str] = &["application/octet-stream", "application/x-www-form-urlencoded"];

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let digests = LazyCell::new(|| of_canaries(transcript));
    let opened = LazyCell::new(|| of_opened_uploads(evidence));
    let mut observed = Vec::new();
    for exchange in transcript.subject_exchanges() {
        for (name, value) in exchange.request_headers.iter() {
            let has_digest = || {
                let lower = value.to_ascii_lowercase();
                let is_digest = |digest: &String| match digest.len() {
                    SUM => words(&lower).any(|word| word == digest),
                    _ => lower.contains(digest),
                };
                let is_secret = |content: &&(u64, Vec<String>)| exchange.number <= content.0;
                let known = digests.iter().filter(is_secret).flat_map(|(_, digests)| digests);
                known.chain(opened.get(&exchange.number).into_iter().flatten()).any(is_digest)
            };
            let what = if may_have_digest(name, value) && has_digest() {
                "the checksum of a plaintext"
            } else if exchange.endpoint == Endpoint::PutFile
                && name.eq_ignore_ascii_case("content-type")
                && !NEUTRAL.iter().any(|neutral| value.to_ascii_lowercase().starts_with(neutral))
                && exchange.request_header("e2e-token").is_some()
            {
                "the type of a file"
            } else {
                continue;
            };
            observed.push(Observed {
                text: format!(
                    "{} (exchange {}) has {what} in the header {name}",
                    exchange.endpoint, exchange.number
                ),
                exchanges: vec![exchange.number],
                canary: None,
            });
        }
    }
    observed
}

/// The length of a checksum of 32 bits, in hex digits.
const SUM: usize = 8;
/// The lengths of MD5, SHA-1, SHA-256 and SHA-512 in base64 without padding, which is how HTTP writes them.
const BASE64: &[usize] = &[22, 27, 43, 86];

/// Whether there may be a digest in a header. In hex MD5 has 32 digits, and all others more but the short checksums, which
/// are met by chance where nobody speaks of checksums.
fn may_have_digest(name: &str, value: &str) -> bool {
    let in_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let is_named = || {
        let name = name.to_ascii_lowercase();
        ["checksum", "digest", "md5"].iter().any(|part| name.contains(part))
    };
    words(value).any(|word| word.len() >= 32 || (word.len() == SUM && is_named()))
        || value.split(|c| !in_base64(c)).any(|run| BASE64.contains(&run.len()))
}

/// Runs of hex digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_hexdigit())
}

/// Digests of each random content, in lower case, with the number of the last exchange in which it is a secret.
fn of_canaries(transcript: &Transcript) -> Vec<(u64, Vec<String>)> {
    let taken = taken_out(transcript);
    let canaries = transcript.canaries.contents.iter().filter(|content| content.token.is_some());
    let digested = canaries.map(|content| {
        let until = secret_until(&taken, |taken| taken.contents.contains(&content.sha256));
        (until, digests(&content.bytes, content.sha256.clone()).collect())
    });
    digested.collect()
}

/// In a recording, of which nobody knows the contents: by exchange, the digests of what was sent in it, as far as it opens.
fn of_opened_uploads(evidence: &Evidence<'_>) -> BTreeMap<u64, Vec<String>> {
    if evidence.recorded.is_none() {
        return BTreeMap::new();
    }
    let contents = evidence.uploads.iter().filter_map(|upload| upload.opened.as_ref());
    let entries: Vec<_> = contents.flat_map(|(_, contents)| &contents.files).collect();
    let files = uploaded_files(&evidence.transcript.exchanges);
    let opened = files.into_iter().take(MOST).filter_map(|file| {
        let bytes = file.content.to_bytes().ok()?;
        let mut own = entries.iter().filter(|(id, _)| **id == file.name);
        let plain = own.find_map(|(_, entry)| file_cipher::decrypt(&entry.key, &entry.nonce, &bytes).ok())?;
        (!plain.is_empty()).then(|| (file.exchange, digests(&plain, sha256_hex(&plain)).collect()))
    });
    opened.collect()
}

/// In hex and in base64, both in lower case.
fn digests(plain: &[u8], sha256: String) -> impl Iterator<Item = String> {
    let kinds =
        [MessageDigest::md5(), MessageDigest::sha1(), MessageDigest::sha512(), MessageDigest::sha3_256()];
    let mut all: Vec<Vec<u8>> =
        kinds.into_iter().filter_map(|kind| Some(hash(kind, plain).ok()?.to_vec())).collect();
    all.extend(hex::decode(&sha256));
    let mut crc = Crc::new();
    crc.update(plain);
    let sums = [adler32(plain), crc.sum()].map(|sum| format!("{sum:08x}"));
    let forms =
        |digest: Vec<u8>| [hex::encode(&digest), STANDARD_NO_PAD.encode(&digest).to_ascii_lowercase()];
    all.into_iter().flat_map(forms).chain(sums)
}
