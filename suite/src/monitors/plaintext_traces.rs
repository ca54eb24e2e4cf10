//! A checksum of the plaintext lets the server confirm a guess, and a type says what is inside.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use e2ee_mock_server::{Endpoint, uploaded_files};
use e2ee_reference::file_cipher;
use openssl::hash::{MessageDigest, hash};

use super::finding::{Evidence, Monitor, Observed};
use super::key_reuse::MOST;
use super::need::Need;
use crate::hash::sha256_hex;
use crate::transcript::Transcript;

pub(super) const MONITOR: Monitor = Monitor {
    name: "plaintext-traces",
    summary: "no checksum of a plaintext and no type of a file in any header",
    requirements: &["LEAK-03", "R2-SEC-01"],
    catches: &["sends-plaintext-checksum", "sends-mimetype"],
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
        for (name, value) in &exchange.request_headers {
            let lower = value.to_ascii_lowercase();
            let is_digest = |digest: &String| lower.contains(digest);
            let what = if has_digest(&lower)
                && (digests.iter().any(is_digest)
                    || opened.get(&exchange.number).into_iter().flatten().any(is_digest))
            {
                "the checksum of a plaintext"
            } else if exchange.endpoint == Endpoint::PutFile
                && name.eq_ignore_ascii_case("content-type")
                && !NEUTRAL.iter().any(|neutral| lower.starts_with(neutral))
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

/// Whether there may be a digest in it: MD5 has 32 hex digits, all others more.
fn has_digest(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= 32)
}

/// Digests of all random contents, in lower-case hex.
fn of_canaries(transcript: &Transcript) -> Vec<String> {
    let canaries = transcript.canaries.contents.iter().filter(|content| content.token.is_some());
    canaries.flat_map(|content| digests(&content.bytes, content.sha256.clone())).collect()
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

fn digests(plain: &[u8], sha256: String) -> impl Iterator<Item = String> {
    let weak = [MessageDigest::md5(), MessageDigest::sha1()].map(|kind| hash(kind, plain).ok());
    let weak = weak.into_iter().flatten().map(|digest| hex::encode(&*digest));
    weak.chain([sha256])
}
