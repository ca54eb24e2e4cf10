//! Why nothing checks an id.

use serde::Serialize;

/// On each line an id, a [`ReasonKind`] and a sentence, separated by blanks.
const REASONS: &str = include_str!("reasons.txt");

/// Why nothing checks an entry or a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The kind.
    pub kind: ReasonKind,
    /// One clause.
    pub text: &'static str,
}

impl Reason {
    /// A [`ReasonKind`], a blank, and the clause.
    pub(super) fn parse(line: &'static str) -> Option<Self> {
        let (kind, text) = line.split_once(' ')?;
        let kind = ReasonKind::ALL.iter().find(|known| known.as_str() == kind)?;
        Some(Self { kind: *kind, text })
    }
}

/// What kind of reason there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonKind {
    /// It binds the server, and no client.
    Server,
    /// It shows on the client's screen or in its own store only.
    ClientReport,
    /// Nothing could fail: nobody has implemented it, or the text does not say enough.
    Untestable,
    /// Another rule stands in its place.
    Superseded,
    /// It can be tested, and is not yet.
    Open,
}

impl ReasonKind {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Server, Self::ClientReport, Self::Untestable, Self::Superseded, Self::Open];

    /// The word in the list and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::ClientReport => "client-report",
            Self::Untestable => "untestable",
            Self::Superseded => "superseded",
            Self::Open => "open",
        }
    }
}

/// All reasons, by id. A line that is none is left out, which a test would notice.
pub fn reasons() -> impl Iterator<Item = (&'static str, Reason)> {
    REASONS.lines().filter_map(|line| {
        let (id, reason) = line.split_once(' ')?;
        Some((id, Reason::parse(reason)?))
    })
}
