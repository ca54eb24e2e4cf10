//! How a private-key blob is sealed.

use e2ee_reference::private_key_blob::Kdf;
use serde::{Deserialize, Serialize};

/// PBKDF2 with HMAC, by hash and rounds, in scenario spelling.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Derivation {
    /// What clients write today (R2-KEY-12).
    #[default]
    #[serde(rename = "sha256-600000")]
    Sha256Rounds600000,
    /// R2-KEY-23.
    #[serde(rename = "sha1-600000")]
    Sha1Rounds600000,
    /// What clients of the years of 1.x have written.
    #[serde(rename = "sha1-1024")]
    Sha1Rounds1024,
    /// R2-KEY-22.
    #[serde(rename = "sha1-1000")]
    Sha1Rounds1000,
}

impl Derivation {
    /// All of them in scenario spelling.
    pub const NAMES: &[&str] = &["sha256-600000", "sha1-600000", "sha1-1024", "sha1-1000"];

    /// The function.
    pub fn kdf(self) -> Kdf {
        match self {
            Self::Sha256Rounds600000 => Kdf::Sha256Rounds600000,
            Self::Sha1Rounds600000 => Kdf::Sha1Rounds600000,
            Self::Sha1Rounds1024 => Kdf::Sha1Rounds1024,
            Self::Sha1Rounds1000 => Kdf::Sha1Rounds1000,
        }
    }

    /// The name of a function, if a scenario can name it.
    pub fn of(kdf: Kdf) -> Option<Self> {
        let all =
            [Self::Sha256Rounds600000, Self::Sha1Rounds600000, Self::Sha1Rounds1024, Self::Sha1Rounds1000];
        all.into_iter().find(|derivation| derivation.kdf() == kdf)
    }
}

impl std::fmt::Display for Derivation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hash = if *self == Self::default() { "SHA-256" } else { "SHA-1" };
        write!(f, "PBKDF2 with HMAC-{hash} of {} rounds", self.kdf().rounds())
    }
}
