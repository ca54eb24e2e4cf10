//! Random names and contents, by which a leak or a theft is recognised.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hash::sha256_hex;

/// The canaries of one play.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canaries {
    /// The tokens inside random names: 16 hex digits each.
    pub names: BTreeSet<String>,
    /// From a path of the scenario file to the path that was played.
    pub paths: BTreeMap<String, String>,
    /// What was written, in the order of the writes.
    pub contents: Vec<ContentCanary>,
}

/// What one step has written.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContentCanary {
    /// The position of the step.
    pub step: usize,
    /// The device.
    pub actor: String,
    /// The path as it was played.
    pub path: String,
    /// The random token that the content repeats; none for literal or very short contents.
    pub token: Option<String>,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// The content. JSON: base64.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub bytes: Vec<u8>,
}

impl Canaries {
    /// The path that was played for a path of the scenario file.
    pub fn played<'a>(&'a self, path: &'a str) -> &'a str {
        self.paths.get(path).map_or(path, String::as_str)
    }

    /// What a step of a device has written.
    pub fn content_of(&self, step: usize, actor: &str) -> Option<&ContentCanary> {
        self.contents.iter().find(|content| content.step == step && content.actor == actor)
    }

    /// SHA-256 of the bytes, lower-case hex: those of a content are known.
    pub(crate) fn sha256_of(&self, bytes: &[u8]) -> String {
        let written = self.contents.iter().find(|content| content.bytes == bytes);
        written.map_or_else(|| sha256_hex(bytes), |content| content.sha256.clone())
    }
}

impl std::fmt::Debug for ContentCanary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContentCanary({}, {} bytes)", self.path, self.bytes.len())
    }
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    STANDARD.decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}
