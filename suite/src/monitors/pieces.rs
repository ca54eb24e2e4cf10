//! Chunks that never became a file: what lies in them was encrypted all the same.

use std::collections::BTreeMap;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::metadata::FileEntry;
use e2ee_reference_client::unauthenticated;

use crate::transcript::Transcript;

/// What of a content must be in a chunk to know it again.
const SHORTEST: usize = 32;
/// Behind every encrypted file.
const TAG: usize = 16;

/// A part of an encrypted file.
pub(super) struct Piece {
    /// The number of the exchange.
    pub(super) exchange: u64,
    /// Zeros in the place of what is before it in the file, the bytes, and zeros in the place of the tag.
    padded: Vec<u8>,
    offset: usize,
}

/// All chunks that were sent, also those that others have taken the place of.
pub(super) fn pieces(transcript: &Transcript) -> Vec<Piece> {
    let sent = || transcript.exchanges.iter().filter(|exchange| exchange.endpoint == Endpoint::PutChunk);
    let mut lengths: BTreeMap<(&str, u64), usize> = BTreeMap::new();
    for exchange in sent() {
        if let Some(place) = place(exchange) {
            lengths.insert(place, usize::try_from(exchange.request_content().len()).unwrap_or(0));
        }
    }
    let piece = |exchange: &Exchange| {
        let (upload, number) = place(exchange)?;
        let offset = lengths.range((upload, 0)..(upload, number)).map(|(_, length)| length).sum();
        let mut padded = vec![0; offset];
        padded.extend_from_slice(&exchange.request_content().to_bytes().ok()?);
        padded.extend_from_slice(&[0; TAG]);
        Some(Piece { exchange: exchange.number, padded, offset })
    };
    sent().filter_map(|exchange| piece(exchange)).collect()
}

/// The upload, and the number of the chunk in it.
fn place(exchange: &Exchange) -> Option<(&str, u64)> {
    let (upload, number) = exchange.path.rsplit_once('/')?;
    Some((upload, number.parse().ok()?))
}

impl Piece {
    /// Whether a key and nonce that have encrypted `plain` have encrypted a part of another content here, which a device
    /// was asked to write.
    pub(super) fn holds_another(&self, entry: &FileEntry, plain: &[u8], transcript: &Transcript) -> bool {
        let Ok(opened) = unauthenticated(entry, &self.padded) else { return false };
        let here = |content: &[u8]| {
            let theirs = content.get(self.offset..).unwrap_or_default();
            let ours = opened.get(self.offset..).unwrap_or_default();
            let length = theirs.len().min(ours.len());
            length >= SHORTEST && theirs[..length] == ours[..length]
        };
        !here(plain) && transcript.canaries.contents.iter().any(|content| here(&content.bytes))
    }
}
