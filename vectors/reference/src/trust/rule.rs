//! What a rule is.

use super::candidate::Refusal;
use super::case::Case;
use super::certificates::Presented;
use super::v1::CandidateV1;

/// How much a rule weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What breaks it is refused.
    Refuse,
    /// What breaks it is accepted, with a notice.
    Notice,
}

/// One thing that a client has to look at.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, in kebab case; unique among all rules.
    pub name: &'static str,
    /// The requirements it stems from, or the attacks it is an answer to where the specification is silent.
    pub requirements: &'static [&'static str],
    /// What it demands, in one sentence.
    pub summary: &'static str,
    /// Whether to refuse or to notify.
    pub level: Level,
    pub(super) check: Check,
}

impl Rule {
    /// What breaks this rule is refused for this reason.
    pub(super) fn refusal(&self, reason: String) -> Refusal {
        Refusal { rule: self.name, requirements: self.requirements, reason }
    }
}

/// The reason why something breaks a rule.
pub(super) type Outcome = Result<(), String>;

/// The check behind a rule, by what it looks at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Check {
    Document(fn(&Case<'_>) -> Outcome),
    Certificate(fn(&Presented<'_>) -> Outcome),
    V1(fn(&CandidateV1<'_>) -> Outcome),
    /// Given an id and a name.
    Entry(fn(&str, &str) -> Outcome),
}
