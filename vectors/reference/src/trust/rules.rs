//! The rules about a document.

use std::collections::BTreeSet;

use super::case::{Case, Examined, Member};
use super::certificates::{self, Presented, ensure};
use super::rule::{Check, Level, Outcome, Rule};

/// What a document has to pass, in this order.
pub const RULES: &[Rule] = &[
    refusing(
        "root-stays-root",
        &["ATK-SUB-04"],
        "a folder known as a root stays one, and a known subfolder never becomes one",
        root_stays_root,
    ),
    refusing(
        "subfolder-without-users",
        &["R2-MD-17", "ATK-META-07"],
        "the document of a subfolder lists no users",
        subfolder_without_users,
    ),
    refusing(
        "signature-present",
        &["R2-VER-01", "R2-VER-04", "ATK-SIG-02"],
        "a document comes with a signature",
        signature_present,
    ),
    refusing(
        "signature-valid",
        &["R2-VER-04", "R2-SIG-08", "R2-SIG-09", "ATK-SIG-04", "ATK-SIG-05"],
        "the signature is well formed and was made over this document",
        signature_valid,
    ),
    refusing(
        "signer-is-member",
        &["R2-VER-04", "R2-SEC-06", "ATK-SIG-03", "ATK-SUB-01"],
        "the signer is a member of the folder",
        signer_is_member,
    ),
    refusing(
        "signer-bound-to-key",
        &["R2-VER-04", "R2-SEC-06", "ATK-SIG-01"],
        "the signature was made with the key of the member whom it names",
        signer_bound_to_key,
    ),
    refusing("members-unique", &["ATK-META-07"], "no member is listed twice", members_unique),
    refusing(
        "members-certificates-issued",
        &["R2-VER-07", "R2-KEY-03"],
        "the certificate of every member is signed by the server key that the device knows",
        members_certificates_issued,
    ),
    refusing(
        "members-certificates-named",
        &["R2-KEY-05", "ATK-CERT-02"],
        "the common name of every member's certificate is his user id",
        |case| each_listed(case, certificates::names_user),
    ),
    refusing(
        "members-keys-strong",
        &["ATK-KEY-07"],
        "the certificate of every member holds an RSA key that may be used",
        |case| each_listed(case, certificates::is_strong),
    ),
    refusing(
        "members-certificates-pinned",
        &["R2-SHR-01", "ATK-TOFU-01", "ATK-KEY-06"],
        "a member whose certificate is known keeps it",
        |case| each_listed(case, certificates::is_pinned),
    ),
    refusing(
        "own-entry-present",
        &["R2-VER-02", "ATK-META-07"],
        "the own user is a member",
        own_entry_present,
    ),
    refusing(
        "signer-was-member",
        &["R2-SEC-06", "R2-ATK-03", "ATK-USERS-01", "ATK-META-01", "ATK-SIG-06"],
        "the signer was a member when the device last accepted the folder: members are added by members",
        signer_was_member,
    ),
    refusing(
        "key-checksum-present",
        &["R2-VER-05", "R2-ATK-02", "ATK-META-06"],
        "the checksum of the metadata key is listed",
        key_checksum_present,
    ),
    refusing(
        "key-history-kept",
        &["R2-VER-06", "R2-ATK-02", "ATK-META-05"],
        "every checksum known before is still listed",
        key_history_kept,
    ),
    refusing(
        "key-not-returned",
        &["R2-SEC-02", "R2-ATK-02", "ATK-SIG-06"],
        "a metadata key that was replaced does not come back",
        key_not_returned,
    ),
    refusing(
        "counter-not-lower",
        &["R2-VER-03", "R2-ATK-01", "R2-SEC-07", "ATK-CTR-01", "ATK-SUB-02"],
        "the counter is not lower than the one known before",
        counter_not_lower,
    ),
    refusing(
        "counter-not-reused",
        &["R2-VER-03", "R2-ATK-03", "ATK-CTR-03"],
        "a document that differs from the known one has a greater counter",
        counter_not_reused,
    ),
    refusing(
        "listing-belongs",
        &["ATK-SUB-03"],
        "the files that the server lists in a folder are not all strangers to its metadata",
        listing_belongs,
    ),
    noticing(
        "version-not-lower",
        &["R2-GOAL-10", "ATK-DOWN-01"],
        "the version is not lower than one accepted before; the major one cannot be",
        version_not_lower,
    ),
    noticing(
        "metadata-tag-matches",
        &["R2-SEC-04", "ATK-FILE-05"],
        "the member authenticationTag repeats the tag at the end of the ciphertext",
        metadata_tag_matches,
    ),
    noticing(
        "members-certificates-in-time",
        &["ATK-CERT-02"],
        "no member's certificate has expired",
        |case| each_listed(case, certificates::is_in_time),
    ),
];

type DocumentCheck = fn(&Case<'_>) -> Outcome;

const fn refusing(
    name: &'static str,
    requirements: &'static [&'static str],
    summary: &'static str,
    check: DocumentCheck,
) -> Rule {
    Rule { name, requirements, summary, level: Level::Refuse, check: Check::Document(check) }
}

const fn noticing(
    name: &'static str,
    requirements: &'static [&'static str],
    summary: &'static str,
    check: DocumentCheck,
) -> Rule {
    Rule { name, requirements, summary, level: Level::Notice, check: Check::Document(check) }
}

fn root_stays_root(case: &Case<'_>) -> Outcome {
    let same = case.known.is_none_or(|known| known.is_root == case.is_root());
    ensure(same, || "the folder changed between root folder and subfolder".to_owned())
}

fn subfolder_without_users(case: &Case<'_>) -> Outcome {
    ensure(case.is_root() || case.listed.is_empty(), || "a subfolder lists users".to_owned())
}

fn signature_present(case: &Case<'_>) -> Outcome {
    ensure(!matches!(case.signature, Examined::Absent), || "there is no signature".to_owned())
}

fn signature_valid(case: &Case<'_>) -> Outcome {
    match &case.signature {
        Examined::Invalid(error) => Err(error.to_string()),
        Examined::Fitting { by_key: None, by_embedded: false, .. } => {
            Err("the signature was made with nobody's key".to_owned())
        }
        _ => Ok(()),
    }
}

fn signer_is_member(case: &Case<'_>) -> Outcome {
    let stranger = matches!(case.signature, Examined::Fitting { by_name: None, by_embedded: true, .. });
    ensure(!stranger, || "somebody signed who is not a member".to_owned())
}

fn signer_bound_to_key(case: &Case<'_>) -> Outcome {
    let forged = matches!(case.signature, Examined::Fitting { by_name: Some(_), by_embedded: true, .. });
    ensure(!forged, || "somebody signed with another key in a member's name".to_owned())
}

fn members_unique(case: &Case<'_>) -> Outcome {
    let mut met = BTreeSet::new();
    let twice = case.listed.iter().find(|member| !met.insert(member.user_id));
    twice.map_or(Ok(()), |member| Err(format!("{} is listed twice", member.user_id)))
}

fn own_entry_present(case: &Case<'_>) -> Outcome {
    let own = &case.pins.user_id;
    let present = !case.is_root() || case.listed.iter().any(|member| member.user_id == own);
    ensure(present, || format!("{own} is not a member"))
}

fn signer_was_member(case: &Case<'_>) -> Outcome {
    let (true, Some(known), Some(signer)) = (case.is_root(), case.known, case.signer()) else {
        return Ok(());
    };
    let was = known.members.contains_key(signer.user_id);
    ensure(was, || format!("{} signed, who was not a member before", signer.user_id))
}

fn key_checksum_present(case: &Case<'_>) -> Outcome {
    let checksum = case.candidate.metadata_key.checksum();
    let listed = !case.is_root() || case.candidate.contents.key_checksums.contains(&checksum);
    ensure(listed, || "the metadata key is not in its history".to_owned())
}

fn key_history_kept(case: &Case<'_>) -> Outcome {
    let (true, Some(known)) = (case.is_root(), case.known) else { return Ok(()) };
    let listed: BTreeSet<_> = case.candidate.contents.key_checksums.iter().collect();
    let gone = known.key_checksums.iter().filter(|checksum| !listed.contains(checksum)).count();
    ensure(gone == 0, || format!("{gone} checksums vanished from the history of metadata keys"))
}

fn key_not_returned(case: &Case<'_>) -> Outcome {
    let (true, Some(known)) = (case.is_root(), case.known) else { return Ok(()) };
    let checksum = case.candidate.metadata_key.checksum();
    let returned = checksum != known.key_checksum && known.key_checksums.contains(&checksum);
    ensure(!returned, || "a metadata key that had been replaced is in use again".to_owned())
}

fn counter_not_lower(case: &Case<'_>) -> Outcome {
    let counter = case.candidate.contents.counter;
    let known = case.known.map_or(0, |known| known.counter);
    ensure(counter >= known, || format!("the counter fell from {known} to {counter}"))
}

fn counter_not_reused(case: &Case<'_>) -> Outcome {
    let counter = case.candidate.contents.counter;
    let reused = case
        .known
        .is_some_and(|known| known.counter == counter && known.content_digest != case.content_digest);
    ensure(!reused, || format!("another document has the counter {counter} again"))
}

/// A folder with a single file is not judged: that the file was replaced looks the same.
fn listing_belongs(case: &Case<'_>) -> Outcome {
    let contents = case.candidate.contents;
    let ids = || contents.files.keys().chain(contents.folders.keys()).chain(contents.damaged.keys());
    let Some(listing) = case.candidate.listing.filter(|listing| !listing.is_empty()) else { return Ok(()) };
    let listing: BTreeSet<_> = listing.iter().collect();
    let strange = ids().count() > 1 && !ids().any(|id| listing.contains(id));
    ensure(!strange, || "none of the listed files is in the metadata".to_owned())
}

fn version_not_lower(case: &Case<'_>) -> Outcome {
    let version = case.candidate.document.version();
    let known = case.known.map_or(version, |known| known.version);
    ensure(version >= known, || format!("the version fell from {known} to {version}"))
}

fn metadata_tag_matches(case: &Case<'_>) -> Outcome {
    ensure(!case.candidate.document.tag_differs(), || {
        "the authentication tag beside the ciphertext differs".to_owned()
    })
}

/// A certificate that cannot be read is nobody's.
fn members_certificates_issued(case: &Case<'_>) -> Outcome {
    for Member { user_id, certificate } in &case.listed {
        if let Err(error) = certificate {
            return Err(format!("the certificate of {user_id}: {error}"));
        }
    }
    each_listed(case, certificates::is_issued)
}

/// Asks the same of every member that the document lists.
fn each_listed(case: &Case<'_>, check: fn(&Presented<'_>) -> Outcome) -> Outcome {
    for Member { user_id, certificate } in &case.listed {
        if let Ok(certificate) = certificate {
            check(&Presented { user_id, certificate, pins: case.pins, now: case.candidate.now })?;
        }
    }
    Ok(())
}
