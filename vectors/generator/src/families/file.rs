//! Encrypted files.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::file_cipher::{self, FileKey};
use e2ee_reference::random;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, base64, bytes, inputs};
use crate::error::Error;
use crate::make::text::to_base64;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};

mod broken;
mod large;

pub(crate) const FAMILY: Family =
    Family { name: "file", summary: "an encrypted file with its entry in the metadata", generate, evaluate };

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    key: String,
    nonce: String,
    /// What the metadata have, if they have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_tag: Option<String>,
    /// Hex; or else there is a rule to make it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_by_rule: Option<ByRule>,
}

/// A large stored file: a ciphertext in which some bytes are repeated, and the tag behind it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ByRule {
    /// Hex.
    repeat: String,
    /// Length of the ciphertext in bytes.
    length: usize,
    /// Hex.
    tag: String,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let inputs: Inputs = inputs(of)?;
    let key = FileKey::from_base64(&inputs.key)?;
    let nonce = base64(&inputs.nonce)?;
    match (&inputs.stored, &inputs.stored_by_rule) {
        (Some(stored), None) => Ok(output(&file_cipher::decrypt(&key, &nonce, &bytes(stored)?)?)),
        (None, Some(rule)) => {
            let stored = [repeated(&bytes(&rule.repeat)?, rule.length), bytes(&rule.tag)?].concat();
            Ok(large::output(&file_cipher::decrypt(&key, &nonce, &stored)?))
        }
        _ => Err(Stop::Failed("inputs: expected stored or storedByRule".to_owned())),
    }
}

fn output(plain: &[u8]) -> Value {
    json!({ "plain": hex::encode(plain) })
}

/// A file before it is written down.
#[derive(Clone)]
struct Parts {
    key: Vec<u8>,
    nonce: Vec<u8>,
    tag: Option<Vec<u8>>,
    stored: Vec<u8>,
}

impl Parts {
    fn new(key: &FileKey, nonce: &[u8], plain: &[u8]) -> Result<Self, CryptoError> {
        let sealed = file_cipher::encrypt(key, nonce, plain)?;
        Ok(Self {
            key: key.as_bytes().to_vec(),
            nonce: nonce.to_vec(),
            tag: Some(sealed.tag.to_vec()),
            stored: sealed.bytes,
        })
    }

    /// Random key and nonce.
    fn random(nonce_length: usize, length: usize) -> Result<(Self, Vec<u8>), CryptoError> {
        let (plain, nonce) = (text(length), &random::array::<16>()[..nonce_length]);
        Ok((Self::new(&FileKey::generate(), nonce, &plain)?, plain))
    }

    fn inputs(self) -> Inputs {
        Inputs {
            key: to_base64(self.key),
            nonce: to_base64(self.nonce),
            authentication_tag: self.tag.map(to_base64),
            stored: Some(hex::encode(self.stored)),
            stored_by_rule: None,
        }
    }
}

/// A text that shows where one is in it.
fn text(length: usize) -> Vec<u8> {
    repeated(b"All happy folders are alike. ", length)
}

fn repeated(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(length).collect()
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for nonce_length in [12, 16] {
        let (requirements, flags): (&[_], &[_]) = match nonce_length {
            12 => (&["R2-READ-07", "R2-MOD-06", "R2-MOD-07"], &[]),
            _ => (&["R1-READ-02", "R1-FILE-01", "R1-FILE-05"], &["LongNonce"]),
        };
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 1000, 4096] {
            let name = format!("nonce{nonce_length}-{length}-bytes");
            let comment = format!("{length} bytes, nonce of {nonce_length} bytes");
            set.add(about(name, comment, requirements, flags), |_| {
                let (parts, plain) = Parts::random(nonce_length, length)?;
                Ok((parts.inputs(), Expect::Valid(output(&plain))))
            })?;
        }
    }
    for (name, comment, flags, key, nonce, plain) in KNOWN {
        set.add(about(*name, *comment, &["R2-MOD-07"], flags), |_| {
            let parts = Parts::new(&FileKey::from_bytes(**key), nonce, plain)?;
            Ok((parts.inputs(), Expect::Valid(output(plain))))
        })?;
    }
    for (name, comment, flags, tag) in TAGS {
        set.add(about(*name, *comment, &["R2-READ-08", "R2-MD-12"], flags), |_| {
            let (parts, plain) = Parts::random(16, 40)?;
            let expect = Expect::Acceptable(output(&plain), "metadata-tag-matches");
            Ok((Parts { tag: tag(&parts), ..parts }.inputs(), expect))
        })?;
    }
    large::generate(set)?;
    broken::generate(set)
}

/// Name, comment, flags, key, nonce, plaintext.
type Known =
    (&'static str, &'static str, &'static [&'static str], &'static [u8; 16], &'static [u8], &'static [u8]);

const KNOWN: &[Known] = &[
    ("gcm-test-case-1", "test case 1 of the submission of GCM to NIST", &[], &[0; 16], &[0; 12], &[]),
    ("gcm-test-case-2", "test case 2 of the submission of GCM to NIST", &[], &[0; 16], &[0; 12], &[0; 16]),
    (
        "long-nonce-of-zeros",
        "a nonce of 16 zeros, which is not the one of 12",
        &["LongNonce"],
        &[0; 16],
        &[0; 16],
        &[0; 16],
    ),
    (
        "long-nonce-that-ends-in-one",
        "16 bytes that are the counter block of a nonce of 12 bytes, and must be hashed all the same",
        &["LongNonce"],
        &[0; 16],
        &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        &[0; 16],
    ),
    ("ones", "key, nonce and text of ones", &[], &[0xff; 16], &[0xff; 12], &[0xff; 48]),
    (
        "not-text",
        "bytes that are not UTF-8",
        &[],
        b"YELLOW SUBMARINE",
        b"twelve bytes",
        &[0xff, 0xfe, 0x00, 0x80, 0xc0],
    ),
    ("counter-wraps", COUNTER_WRAPS, &["LongNonce", "CounterWrap"], &[0; 16], WRAPPING_NONCE, &[0; 48]),
];

const COUNTER_WRAPS: &str = "a nonce of 16 bytes whose hash ends in ffffffff, so that the block counter starts again from 0 in the text";
/// Computed backwards from the counter block: GHASH can be inverted by who knows the key.
const WRAPPING_NONCE: &[u8] =
    &[0x01, 0x6c, 0x2a, 0x42, 0x9b, 0xfd, 0xf3, 0x34, 0x41, 0x9c, 0x68, 0x9b, 0x03, 0x4c, 0x9a, 0x56];

/// Name, comment, flags, the tag in the metadata.
type Tag = (&'static str, &'static str, &'static [&'static str], fn(&Parts) -> Option<Vec<u8>>);

const TAGS: &[Tag] = &[
    (
        "tag-is-nonce",
        "the metadata hold the nonce in place of the tag, as Android writes them",
        &["MetadataTagIsNonce"],
        |parts| Some(parts.nonce.clone()),
    ),
    ("tag-absent", "the metadata hold no tag", &["MetadataTagMissing"], |_| None),
    ("tag-empty", "the metadata hold an empty tag", &["MetadataTagMissing"], |_| Some(Vec::new())),
    (
        "tag-differs",
        "the metadata hold another tag, the one in the file fits",
        &["MetadataTagDiffers"],
        |_| Some(vec![0x5a; 16]),
    ),
    (
        "metadata-tag-cut-to-12",
        "the metadata hold the first 12 bytes of the tag",
        &["MetadataTagDiffers"],
        |parts| parts.tag.as_deref().map(|tag| tag[..12].to_vec()),
    ),
];
