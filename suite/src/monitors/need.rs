//! What a monitor has to have, and what it says when it has not: nothing found by who could not look is no good news.

mod keys;
mod traffic;

use super::finding::Evidence;

/// What a monitor has to have beside the exchanges. In a play it has everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// What stands in metadata: the private keys of members.
    Metadata,
    /// The private key of each member of a root folder.
    Members,
    /// The mnemonic of whoever stores a private key.
    Mnemonics,
    /// The mnemonic of whoever writes metadata of 1.2, which are bound to it.
    Authors,
    /// The words of public links.
    Links,
    /// What must not be seen: canaries, mnemonics, private keys.
    Needles,
    /// The bodies of all requests, and no more files than it looks at.
    Bodies,
    /// The exchanges from the first one on.
    Beginning,
    /// Where encrypted folders lie.
    Places,
    /// That nobody is at work when the recording ends.
    Rest,
    /// What lies on devices.
    Disks,
    /// What users have asked their clients for.
    Wishes,
    /// The same, for this part of what it looks at.
    WishesFor(&'static str),
}

/// Something that is missing.
pub(super) struct Missing {
    /// What was not looked at, and why.
    pub(super) text: String,
    /// Whether the monitor cannot look at all.
    pub(super) blinds: bool,
    /// Whether somebody who records or tells more gets an answer.
    pub(super) remediable: bool,
}

impl Need {
    /// One word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Members => "members",
            Self::Mnemonics => "mnemonics",
            Self::Authors => "authors",
            Self::Links => "links",
            Self::Needles => "needles",
            Self::Bodies => "bodies",
            Self::Beginning => "beginning",
            Self::Places => "places",
            Self::Rest => "rest",
            Self::Disks => "disks",
            Self::Wishes => "wishes",
            Self::WishesFor(_) => "some wishes",
        }
    }

    /// What of it is missing in a recording.
    pub(super) fn missing(self, evidence: &Evidence<'_>) -> Vec<Missing> {
        let part = |text| Missing { text, blinds: false, remediable: true };
        let blind = |text| Missing { blinds: true, ..part(text) };
        let wishes = "what users have asked for is not in a recording";
        let found: Vec<Missing> = match self {
            Self::Metadata => keys::closed(evidence).into_iter().map(part).collect(),
            Self::Members => keys::members(evidence).into_iter().map(part).collect(),
            Self::Mnemonics => keys::mnemonics(evidence).into_iter().map(part).collect(),
            Self::Authors => keys::authors(evidence).into_iter().map(part).collect(),
            Self::Links => keys::links(evidence).into_iter().map(part).collect(),
            Self::Needles => keys::needles(evidence).into_iter().map(part).collect(),
            Self::Bodies => traffic::bodies(evidence).into_iter().map(part).collect(),
            Self::Beginning => traffic::beginning(evidence).into_iter().map(blind).collect(),
            Self::Places => traffic::places(evidence).into_iter().map(part).collect(),
            Self::Rest => traffic::rest(evidence).into_iter().map(blind).collect(),
            Self::Disks => {
                let text = "what lies on devices is not in a recording".to_owned();
                vec![Missing { remediable: false, ..blind(text) }]
            }
            Self::Wishes => vec![Missing { remediable: false, ..blind(wishes.to_owned()) }],
            Self::WishesFor(what) => {
                vec![Missing { remediable: false, ..part(format!("{what}: {wishes}")) }]
            }
        };
        found
    }
}
