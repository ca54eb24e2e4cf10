//! What lay where.

use std::collections::BTreeMap;

use bytes::Bytes;
use e2ee_adapter::protocol::Listing;
use serde::{Deserialize, Serialize};

use crate::hash::sha256_hex;

/// What lay on one device at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The device.
    pub actor: String,
    /// When.
    pub at: Moment,
    /// What the client says lies on the device; none if it did not say.
    pub tree: Option<Listing>,
    /// What the judge found on the disk, relative to the device's folder; what lies beside that folder
    /// begins with `../`.
    pub disk: Vec<DiskFile>,
}

/// When a snapshot was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Just before the first step of the attacker, or where that would have been.
    BeforeAttack,
    /// After the last step.
    End,
}

/// A file found on the disk.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskFile {
    /// `/`-separated.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// The permission bits of Unix, without those that a folder on the way to it takes away; none where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// What is in it, if others may read it and it lies outside of what the user sees, up to 4 MiB: it is
    /// searched for secrets. JSON: base64.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "in_base64")]
    pub content: Option<Bytes>,
}

/// Of longer files nothing is kept.
const MOST_KEPT: usize = 4 << 20;
/// The group, or everybody, may read.
const READ_BY_OTHERS: u32 = 0o044;

impl DiskFile {
    /// What is on record of a file with these bytes, if they were read.
    pub(crate) fn of(path: String, size: u64, mode: Option<u32>, bytes: Option<&[u8]>) -> Self {
        let sha256 = bytes.map(sha256_hex).unwrap_or_default();
        let is_open = mode.is_some_and(|mode| mode & READ_BY_OTHERS != 0);
        let kept = bytes.filter(|bytes| is_open && !path.starts_with(FILES) && bytes.len() <= MOST_KEPT);
        Self { path, size, sha256, mode, content: kept.map(Bytes::copy_from_slice) }
    }
}

impl std::fmt::Debug for DiskFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DiskFile({}, {} bytes, {:?})", self.path, self.size, self.mode)
    }
}

/// What the user sees, in a device's folder.
pub(crate) const FILES: &str = "files/";

/// An encrypted folder as the server has it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredFolder {
    /// The folder's number.
    pub id: u64,
    /// The number of the folder that it lies in, if that is encrypted, too.
    pub parent: Option<u64>,
    /// Its owner.
    pub owner: String,
    /// Its name on the server: a clear one for a root, an identifier for a subfolder.
    pub name: String,
    /// The metadata document.
    pub metadata: Option<String>,
    /// The files by their names on the server. JSON: lists of numbers are avoided by base64.
    #[serde(with = "blobs")]
    pub files: BTreeMap<String, Bytes>,
}

impl std::fmt::Debug for StoredFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredFolder({}, {} files)", self.id, self.files.len())
    }
}

mod in_base64 {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Option<Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => serializer.serialize_some(&STANDARD.encode(bytes)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let decode = |text: String| STANDARD.decode(text).map(Bytes::from).map_err(serde::de::Error::custom);
        text.map(decode).transpose()
    }
}

mod blobs {
    use std::collections::BTreeMap;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        files: &BTreeMap<String, Bytes>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(files.iter().map(|(name, bytes)| (name, STANDARD.encode(bytes))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Bytes>, D::Error> {
        let files = BTreeMap::<String, String>::deserialize(deserializer)?;
        let decode = |(name, text): (String, String)| {
            STANDARD.decode(text).map(|bytes| (name, Bytes::from(bytes))).map_err(serde::de::Error::custom)
        };
        files.into_iter().map(decode).collect()
    }
}
