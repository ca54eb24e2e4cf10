//! The keys that an attacker holds.

use std::fmt;

use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::MetadataKey;
use serde::{Deserialize, Serialize};

/// A private key that opens what is wrapped for `user`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldPrivateKey {
    pub(super) user: String,
    pub(super) origin: Origin,
    #[serde(with = "pem")]
    pub(super) key: PrivateKey,
}

/// How the attacker came by a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::adversary) enum Origin {
    /// It is the user's own.
    Corrupted,
    /// The attacker made it, for a user who never was.
    Phantom,
    /// The attacker made it, for a certificate that stands in the place of the user's own.
    Substitute,
}

impl fmt::Display for HeldPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, origin, .. } = self;
        match origin {
            Origin::Corrupted => write!(f, "private key of the corrupted user `{user}`"),
            Origin::Phantom => write!(f, "private key of the phantom `{user}`"),
            Origin::Substitute => write!(f, "private key of a certificate made in the place of `{user}`'s"),
        }
    }
}

/// A metadata key that the attacker knows without unwrapping it from an upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldMetadataKey {
    /// The path of the folder.
    pub(super) folder: String,
    /// How the attacker came by it, for people.
    pub(super) origin: String,
    #[serde(with = "hex_key")]
    pub(super) key: MetadataKey,
}

impl fmt::Display for HeldMetadataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "metadata key of `{}`, {}", self.folder, self.origin)
    }
}

mod pem {
    use e2ee_reference::identity::PrivateKey;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(key: &PrivateKey, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&key.to_pem())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PrivateKey, D::Error> {
        PrivateKey::from_pem(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

mod hex_key {
    use e2ee_reference::metadata::MetadataKey;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(key: &MetadataKey, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(key.as_bytes()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MetadataKey, D::Error> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes).map_err(D::Error::custom)?;
        Ok(MetadataKey::from_bytes(bytes))
    }
}
