//! Dialects by their names.

use std::str::FromStr;

use super::Dialect;

/// A name that no dialect has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown dialect `{name}`: expected one of {}", Dialect::ALL.map(|dialect| dialect.name).join(", "))]
pub struct UnknownDialect {
    /// As given.
    pub name: String,
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, UnknownDialect> {
        let known = Self::ALL.into_iter().find(|dialect| dialect.name == name);
        known.ok_or_else(|| UnknownDialect { name: name.to_owned() })
    }
}

/// [`Dialect::SPECIFIED`].
impl Default for Dialect {
    fn default() -> Self {
        Self::SPECIFIED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_dialects() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.name.parse(), Ok(dialect));
        }
        let error = "klingon".parse::<Dialect>().unwrap_err().to_string();
        assert_eq!(error, "unknown dialect `klingon`: expected one of specified, desktop, android, ios, web");
    }
}
