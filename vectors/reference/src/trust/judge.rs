//! All rules about a document, one after the other.

use std::collections::BTreeMap;

use super::candidate::{Accepted, Candidate, Known, Notice, Pins, Refusal};
use super::case::Case;
use super::entries::check_entry;
use super::exceptions::Exceptions;
use super::rule::{Check, Level};
use super::rules::RULES;

/// Judges an opened document: against itself, against whom the device trusts, and against what it last
/// accepted for this folder (`None` on first sight). Nothing is remembered here; the caller stores what
/// [`Accepted`] holds.
///
/// # Errors
/// The first rule that refuses.
pub fn judge(
    candidate: &Candidate<'_>,
    pins: &Pins,
    known: Option<&Known>,
    exceptions: &Exceptions,
) -> Result<Accepted, Refusal> {
    let case = Case::new(candidate, pins, known);
    let mut notices = Vec::new();
    for rule in RULES.iter().filter(|rule| !exceptions.contains(rule.name)) {
        let Check::Document(check) = rule.check else { continue };
        match (check(&case), rule.level) {
            (Ok(()), _) => {}
            (Err(reason), Level::Notice) => notices.push(Notice { rule: rule.name, reason }),
            (Err(reason), Level::Refuse) => return Err(rule.refusal(reason)),
        }
    }
    let known = now_known(&case);
    let met = |(user_id, _): &(&String, _)| !pins.certificates.contains_key(*user_id);
    let new_pins = known.members.iter().filter(met).map(|(user, pin)| (user.clone(), *pin)).collect();
    let signer = case.signer().map(|member| member.user_id.to_owned());
    Ok(Accepted { new_pins, set_aside: set_aside(candidate, exceptions), notices, signer, known })
}

fn now_known(case: &Case<'_>) -> Known {
    let Candidate { document, contents, metadata_key, .. } = case.candidate;
    let version = case.known.map_or(document.version(), |known| known.version.max(document.version()));
    let certified = case.listed.iter().filter_map(|member| {
        Some((member.user_id.to_owned(), member.certificate.as_ref().ok()?.fingerprint()))
    });
    let members: BTreeMap<_, _> = certified.collect();
    Known {
        version,
        counter: contents.counter,
        content_digest: case.content_digest,
        key_checksums: contents.key_checksums.iter().cloned().collect(),
        key_checksum: metadata_key.checksum(),
        members,
        is_root: case.is_root(),
    }
}

fn set_aside(candidate: &Candidate<'_>, exceptions: &Exceptions) -> Vec<(String, &'static str)> {
    let files = candidate.contents.files.iter().map(|(id, file)| (id, &file.filename));
    let entries = files.chain(&candidate.contents.folders);
    let broken = |(id, name): (&String, &String)| {
        check_entry(id, name, exceptions).err().map(|refusal| (id.clone(), refusal.rule))
    };
    entries.filter_map(broken).collect()
}
