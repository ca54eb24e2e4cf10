//! The rules about a document of 1.x, which carries no signature.

use super::candidate::{Notice, Refusal};
use super::certificates::ensure;
use super::entries::check_entry;
use super::exceptions::Exceptions;
use super::rule::{Check, Level, Outcome, Rule};
use crate::metadata_v1::{Contents, Document, Version};
use crate::recognise::AnyVersion;

/// What a document of 1.x has to pass, in this order.
pub const V1_RULES: &[Rule] = &[
    Rule {
        name: "version-1-not-lower",
        requirements: &["ATK-DOWN-01"],
        summary: "a folder known as 2.x is not answered with 1.x, nor one known as 1.2 with 1.0 or 1.1",
        level: Level::Refuse,
        check: Check::V1(version_not_lower),
    },
    Rule {
        name: "checksum-required",
        requirements: &["R12-CHK-02", "ATK-DOWN-01"],
        summary: "a document of 1.2 has a checksum",
        level: Level::Refuse,
        check: Check::V1(checksum_required),
    },
    Rule {
        name: "checksum-matches",
        requirements: &["R12-CHK-01", "ATK-META-02", "ATK-DOWN-03"],
        summary: "the checksum of 1.2 is that of mnemonic, file ids and metadata key",
        level: Level::Refuse,
        check: Check::V1(checksum_matches),
    },
    Rule {
        name: "key-bound-to-mnemonic",
        requirements: &["ATK-META-02"],
        summary: "something that the server cannot make vouches for the metadata key; else it must not be written with",
        level: Level::Notice,
        check: Check::V1(key_bound),
    },
];

/// A document of 1.x as it came from the server, opened but not yet believed.
#[derive(Clone, Copy)]
pub struct CandidateV1<'a> {
    /// The document.
    pub document: &'a Document,
    /// The opened contents.
    pub contents: &'a Contents,
    /// The mnemonic, blanks or not; `None` when the device does not keep it, and then nothing vouches for the
    /// metadata key.
    pub mnemonic: Option<&'a str>,
    /// The highest version in which the device accepted this folder; `None` on first sight.
    pub known: Option<AnyVersion>,
}

/// A document of 1.x that may be believed, as far as such a one can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedV1 {
    /// The highest version now, to be remembered for this folder.
    pub known: AnyVersion,
    /// Files and subfolders that must not be used: their ids and the names of the rules that they break.
    pub set_aside: Vec<(String, &'static str)>,
    /// What the user should be told; with a notice of `key-bound-to-mnemonic` the folder should be migrated
    /// rather than written to.
    pub notices: Vec<Notice>,
}

/// Judges an opened document of 1.x. Rollback and removed files cannot be seen here: there is no counter, and
/// before 1.2 nothing binds the files together.
///
/// # Errors
/// The first rule that refuses.
pub fn judge_v1(candidate: &CandidateV1<'_>, exceptions: &Exceptions) -> Result<AcceptedV1, Refusal> {
    let mut notices = Vec::new();
    for rule in V1_RULES.iter().filter(|rule| !exceptions.contains(rule.name)) {
        let Check::V1(check) = rule.check else { continue };
        match (check(candidate), rule.level) {
            (Ok(()), _) => {}
            (Err(reason), Level::Notice) => notices.push(Notice { rule: rule.name, reason }),
            (Err(reason), Level::Refuse) => return Err(rule.refusal(reason)),
        }
    }
    let broken = |(id, name): (&String, &String)| {
        check_entry(id, name, exceptions).err().map(|refusal| (id.clone(), refusal.rule))
    };
    let names = candidate.contents.files.iter().map(|(id, file)| (id, &file.entry.filename));
    let version = AnyVersion::V1(candidate.document.version());
    Ok(AcceptedV1 {
        known: candidate.known.map_or(version, |known| known.max(version)),
        set_aside: names.filter_map(broken).collect(),
        notices,
    })
}

/// 1.1 to 1.0 loses nothing, and desktop does not tell them apart.
fn version_not_lower(candidate: &CandidateV1<'_>) -> Outcome {
    let version = candidate.document.version();
    let lower = candidate.known.is_some_and(|known| match known {
        AnyVersion::V2(_) => true,
        AnyVersion::V1(known) => known == Version::V1_2 && version < known,
    });
    let known = candidate.known.map(|known| known.to_string()).unwrap_or_default();
    ensure(!lower, || format!("the version fell from {known} to {version}"))
}

fn checksum_required(candidate: &CandidateV1<'_>) -> Outcome {
    let missing = candidate.document.version() == Version::V1_2 && candidate.document.checksum().is_empty();
    ensure(!missing, || "there is no checksum".to_owned())
}

fn checksum_matches(candidate: &CandidateV1<'_>) -> Outcome {
    let document = candidate.document;
    let checked = document.version() == Version::V1_2 && !document.checksum().is_empty();
    let matches = candidate.mnemonic.is_none_or(|mnemonic| document.checksum_matches(mnemonic));
    ensure(!checked || matches, || "the checksum is another".to_owned())
}

fn key_bound(candidate: &CandidateV1<'_>) -> Outcome {
    let bound = candidate.document.version() == Version::V1_2 && candidate.mnemonic.is_some();
    ensure(bound, || "the server may have made the metadata key".to_owned())
}
