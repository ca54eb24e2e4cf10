//! The version of a document.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, shortened};

/// A metadata version that this crate reads and writes; later versions are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Version {
    /// "2.0".
    #[default]
    V2_0,
    /// "2.1": user ids may be `s:TOKEN`, for public shares (R2-PUB-04).
    V2_1,
}

impl Version {
    /// The member `version` of a document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "2.0" => Ok(Self::V2_0),
            "2.1" => Ok(Self::V2_1),
            other => Err(Error::UnknownVersion { found: format!("{:?}", shortened(other)) }),
        }
    }
}
