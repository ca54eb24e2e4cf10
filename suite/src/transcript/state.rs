//! What lay where.

use std::collections::BTreeMap;

use bytes::Bytes;
use e2ee_adapter::protocol::Listing;
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskFile {
    /// `/`-separated.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

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
