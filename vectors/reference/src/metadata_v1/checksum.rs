//! The checksum of 1.2, which binds metadata key and file ids to the mnemonic (R12-CHK-01).

use zeroize::Zeroizing;

use crate::backend::backend;
use crate::canonical_json::by_code_unit;

/// `hex(SHA-256(mnemonic without blanks || ids of files, sorted by UTF-16 code unit || metadataKey))`.
///
/// `mnemonic` is the text as the device keeps it, blanks or not; `metadata_key` the wrapped key as it stands
/// in the document. Ids of filedrop entries do not count.
#[must_use]
pub fn checksum<'a>(mnemonic: &str, ids: impl IntoIterator<Item = &'a str>, metadata_key: &str) -> String {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_by(|left, right| by_code_unit(left, right));
    let length = mnemonic.len() + ids.iter().map(|id| id.len()).sum::<usize>() + metadata_key.len();
    // As long as it gets, so that growing leaves no copy of the mnemonic behind.
    let mut text = Zeroizing::new(String::with_capacity(length));
    text.extend(mnemonic.split(' ').chain(ids).chain([metadata_key]));
    hex::encode(backend().sha256(text.as_bytes()))
}
