//! What somebody knows who looks at a recording.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_reference::identity::PrivateKey;
use e2ee_reference::mnemonic::Mnemonic;
use toml::{Table, Value};

use super::error::RecordedError;
use crate::monitors::SHORTEST_CANARY;

/// How many canaries are looked for, and how long they are at most, in bytes.
const MOST_CANARIES: usize = 1000;
const LONGEST_CANARY: usize = 1000;

/// What somebody knows who looks at a recording. Without it the monitors see only what stands there in the clear.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// By user id; a public link is called `s:` and its token.
    pub users: BTreeMap<String, KnownUser>,
    /// Parts of names and of contents that must not be seen. They are shown when they are.
    pub canaries: BTreeSet<String>,
}

/// The secrets of one user.
#[derive(Debug, Clone, Default)]
pub struct KnownUser {
    /// The words that the user was shown. They open the private-key blob that was stored or fetched.
    pub mnemonic: Option<Mnemonic>,
    /// A private key of the user.
    pub private_key: Option<PrivateKey>,
}

impl Known {
    /// Reads a file of secrets. Who has no mnemonic may have a `private_key` in PEM.
    ///
    /// ```
    /// # use e2ee_suite::recorded::Known;
    /// let known = Known::from_toml(r#"
    ///     canaries = ["report-5eed5eed0badcafe"]
    ///     [users.alice]
    ///     mnemonic = "farm toilet escape army regular funny board consider same leaf fiction lemon"
    /// "#)?;
    /// assert!(known.users["alice"].mnemonic.is_some() && known.canaries.len() == 1);
    /// # Ok::<(), e2ee_suite::recorded::RecordedError>(())
    /// ```
    ///
    /// # Errors
    /// With the line or the member; what stands there is not told.
    pub fn from_toml(text: &str) -> Result<Self, RecordedError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            RecordedError::new(format!("line {line}"), "expected TOML; what stands there is not shown")
        })?;
        let mut known = Self::default();
        for (name, value) in &table {
            match (name.as_str(), value) {
                ("canaries", Value::Array(canaries)) => {
                    for (position, canary) in canaries.iter().enumerate() {
                        let place = format!("canaries[{position}]");
                        known.add_canary(&place, string(&place, canary)?)?;
                    }
                }
                ("canaries", _) => return Err(RecordedError::new(name, "expected a list of strings")),
                ("users", Value::Table(users)) => {
                    for (user, value) in users {
                        known.users.insert(user.clone(), KnownUser::of(user, value)?);
                    }
                }
                ("users", _) => return Err(RecordedError::new(name, "expected a table of users")),
                _ => {
                    return Err(RecordedError::new(
                        "top level",
                        "expected no members but `canaries` and `users`",
                    ));
                }
            }
        }
        Ok(known)
    }

    /// Adds a canary. `place` is where it was given, for the error.
    ///
    /// # Errors
    /// If it is so short that it would be met by chance, or very long, or if there are very many.
    pub fn add_canary(&mut self, place: &str, canary: &str) -> Result<(), RecordedError> {
        let length = canary.len();
        if !(SHORTEST_CANARY..=LONGEST_CANARY).contains(&length) {
            let what = format!("expected {SHORTEST_CANARY} to {LONGEST_CANARY} bytes, found {length}");
            return Err(RecordedError::new(place, what));
        }
        self.canaries.insert(canary.to_owned());
        if self.canaries.len() > MOST_CANARIES {
            return Err(RecordedError::new(place, format!("expected at most {MOST_CANARIES} canaries")));
        }
        Ok(())
    }
}

impl KnownUser {
    fn of(user: &str, value: &Value) -> Result<Self, RecordedError> {
        let place = format!("users.{}", user.chars().take(64).collect::<String>());
        let Value::Table(members) = value else { return Err(RecordedError::new(place, "expected a table")) };
        let mut known = Self::default();
        for (name, value) in members {
            let member = format!("{place}.{name}");
            let wrong = |error: e2ee_reference::Error| RecordedError::new(&member, error.to_string());
            match name.as_str() {
                "mnemonic" => {
                    known.mnemonic = Some(Mnemonic::parse(string(&member, value)?).map_err(wrong)?);
                }
                "private_key" => {
                    known.private_key = Some(PrivateKey::from_pem(string(&member, value)?).map_err(wrong)?);
                }
                // What stands there may be a secret in the wrong place.
                _ => {
                    return Err(RecordedError::new(
                        place,
                        "expected no members but `mnemonic` and `private_key`",
                    ));
                }
            }
        }
        Ok(known)
    }
}

fn string<'v>(place: &str, value: &'v Value) -> Result<&'v str, RecordedError> {
    value.as_str().ok_or_else(|| RecordedError::new(place, "expected a string"))
}
