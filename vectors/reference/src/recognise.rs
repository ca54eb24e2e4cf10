//! Which version a document is of, including those that never were released.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::error::Error;
use crate::json::{Members, shortened};
use crate::metadata::{self, Limits};
use crate::metadata_v1;

/// A document of a version that is read here.
#[derive(Debug, Clone)]
pub enum Recognised {
    /// 1.0, 1.1 or 1.2.
    V1(metadata_v1::Document),
    /// 2.0 or 2.1.
    V2(metadata::Document),
}

impl Recognised {
    /// The version.
    #[must_use]
    pub fn version(&self) -> AnyVersion {
        match self {
            Self::V1(document) => AnyVersion::V1(document.version()),
            Self::V2(document) => AnyVersion::V2(document.version()),
        }
    }
}

/// Any version that is read here; later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnyVersion {
    /// 1.0, 1.1 or 1.2.
    V1(metadata_v1::Version),
    /// 2.0 or 2.1.
    V2(metadata::Version),
}

impl AnyVersion {
    /// All of them, oldest first.
    pub const ALL: [Self; 5] = [
        Self::V1(metadata_v1::Version::V1_0),
        Self::V1(metadata_v1::Version::V1_1),
        Self::V1(metadata_v1::Version::V1_2),
        Self::V2(metadata::Version::V2_0),
        Self::V2(metadata::Version::V2_1),
    ];

    /// The number before the point, by which interfaces of the server are named, too (R2-API-01).
    #[must_use]
    pub const fn major(self) -> u32 {
        match self {
            Self::V1(_) => 1,
            Self::V2(_) => 2,
        }
    }
}

/// Reads what `Display` writes.
impl FromStr for AnyVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|version| version.to_string() == text);
        found.ok_or_else(|| Error::UnknownVersion { found: shortened(&Value::from(text)) })
    }
}

impl fmt::Display for AnyVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V1(version) => version.fmt(formatter),
            Self::V2(version) => version.fmt(formatter),
        }
    }
}

/// A form that was in development and that no released client wrote. Such documents are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prerelease {
    /// Version "2" at the top, as a string or as a number: desktop and Android in July 2023.
    Development2,
    /// "1.7", the stage of 2.0 made for filedrop: version 1.7, or 2 as a number with an `encryptedFiledropKey`
    /// at the users or the whole filedrop as one ciphertext.
    Stage1_7,
    /// The prototype of 2019: version 1 at the top, with `recipients`.
    Prototype2019,
}

impl fmt::Display for Prerelease {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Development2 => "version \"2\", a development state of 2.0 from 2023",
            Self::Stage1_7 => "version 1.7, a development state of 2.0 made for filedrop",
            Self::Prototype2019 => "version 1 with recipients, the prototype of 2019",
        })
    }
}

/// Recognises a document by its shape and parses it, with the default limits.
///
/// # Errors
/// [`Error::Prerelease`] for a form that was never released; [`Error::UnknownVersion`] for a version at the
/// top that is not known, for none at all, and for two that contradict each other;
/// [`Error::UnknownVersion1`] for one inside `metadata`; and those of [`metadata::Document::parse`] and
/// [`metadata_v1::Document::parse`].
pub fn recognise(text: &str) -> Result<Recognised, Error> {
    recognise_with(text, &Limits::default())
}

/// As [`recognise`], with other limits.
///
/// # Errors
/// As [`recognise`].
pub fn recognise_with(text: &str, limits: &Limits) -> Result<Recognised, Error> {
    let value = limits.parse(text)?;
    let members = Members::of(&value, "")?;
    let outer = members.get("version");
    let inner =
        members.get("metadata").and_then(|metadata| metadata.get("version")).filter(|inner| !inner.is_null());
    if let Some(stage) = prerelease(members, outer, inner) {
        return Err(Error::Prerelease(stage));
    }
    match (outer, inner) {
        (Some(outer), Some(inner)) => {
            let found = format!("{} and metadata.version {}", shortened(outer), shortened(inner));
            Err(Error::UnknownVersion { found })
        }
        (None, Some(_)) => metadata_v1::Document::from_value(value, limits).map(Recognised::V1),
        (_, None) => metadata::Document::from_value(value, limits).map(Recognised::V2),
    }
}

fn prerelease(members: Members<'_>, outer: Option<&Value>, inner: Option<&Value>) -> Option<Prerelease> {
    let is = |version: Option<&Value>, text: &str, number: f64| {
        version.is_some_and(|version| version.as_str() == Some(text) || version.as_f64() == Some(number))
    };
    let is_1_7 = is(outer, "1.7", 1.7) || is(inner, "1.7", 1.7);
    let is_2 = is(outer, "2", 2.0);
    if is_1_7 || is_2 && has_marks_of_1_7(members) {
        Some(Prerelease::Stage1_7)
    } else if is_2 {
        Some(Prerelease::Development2)
    } else if outer.and_then(Value::as_f64) == Some(1.0)
        && members.get("recipients").is_some_and(Value::is_array)
    {
        Some(Prerelease::Prototype2019)
    } else {
        None
    }
}

fn has_marks_of_1_7(members: Members<'_>) -> bool {
    let users = members.get("users").and_then(Value::as_array);
    let keys = users.into_iter().flatten().any(|user| user.get("encryptedFiledropKey").is_some());
    keys || members
        .get("filedrop")
        .and_then(|filedrop| filedrop.get("ciphertext"))
        .is_some_and(Value::is_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_written_and_rise() {
        for version in AnyVersion::ALL {
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        assert!(AnyVersion::ALL.is_sorted());
        for text in ["", "1", "2", "3.0", "1.20", " 2.0"] {
            assert!(matches!(text.parse::<AnyVersion>(), Err(Error::UnknownVersion { .. })), "{text:?}");
        }
    }
}
