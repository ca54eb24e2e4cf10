//! Rules that are switched off.

use std::collections::BTreeSet;

use super::{CERTIFICATE_RULES, ENTRY_RULES, RULES, Rule, V1_RULES};
use crate::error::Error;

/// Rules that are not applied: for clients that are faulty on purpose, and for lax readers. By default none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions(BTreeSet<&'static str>);

impl Exceptions {
    /// Switches off the rules of these names.
    ///
    /// # Errors
    /// [`Error::UnknownRule`], since a misspelt exception would be none.
    pub fn of<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let find = |name: S| {
            let rule = all().find(|rule| rule.name == name.as_ref()).map(|rule| rule.name);
            rule.ok_or_else(|| Error::UnknownRule(name.as_ref().to_owned()))
        };
        names.into_iter().map(find).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this rule is switched off.
    #[must_use]
    pub fn contains(&self, rule: &str) -> bool {
        self.0.contains(rule)
    }
}

fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(CERTIFICATE_RULES).chain(ENTRY_RULES).chain(V1_RULES)
}
