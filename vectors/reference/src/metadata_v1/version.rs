//! The version of a document.

use std::fmt;

use serde_json::Value;

use crate::dialect::VersionForm;

/// A metadata version before signatures; later versions are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 1.0: several metadata keys, an index at each file (R1-MD-01).
    V1_0,
    /// 1.1: one metadata key.
    V1_1,
    /// 1.2: one metadata key and a checksum (R12-CHK-01).
    V1_2,
}

impl Version {
    /// The number, with one decimal place.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        }
    }

    /// Reads `metadata.version`: a number, or a string as some writers have it.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let number = match value {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) if matches!(&text[..], "1" | "1.0" | "1.1" | "1.2") => text.parse().ok()?,
            _ => return None,
        };
        [Self::V1_0, Self::V1_1, Self::V1_2].into_iter().find(|version| version.number() == number)
    }

    pub(super) fn to_json(self, form: VersionForm) -> Value {
        match (form, self) {
            (VersionForm::String, _) => Value::from(self.as_str()),
            // Servers compare with the integer 1 and turn 1.0 away.
            (VersionForm::Number, Self::V1_0) => Value::from(1),
            (VersionForm::Number, _) => Value::from(self.number()),
        }
    }

    fn number(self) -> f64 {
        match self {
            Self::V1_0 => 1.0,
            Self::V1_1 => 1.1,
            Self::V1_2 => 1.2,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
