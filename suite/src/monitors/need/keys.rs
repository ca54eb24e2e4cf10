//! Which keys, words and canaries nobody has given.

use std::collections::BTreeSet;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata_v1::Version;
use e2ee_reference::recognise::Recognised;

use crate::monitors::finding::Evidence;
use crate::transcript::{Transcript, UserSecrets};

/// Metadata that do not open.
pub(super) fn closed(evidence: &Evidence<'_>) -> Option<String> {
    let transcript = evidence.transcript;
    let mut places = Vec::new();
    let mut lacking: BTreeSet<&str> = BTreeSet::new();
    for upload in evidence.uploads.iter().filter(|upload| upload.opened.is_none()) {
        places.push(format!("exchange {}", upload.exchange));
        lacking.extend(members_of(&upload.document).filter(|user| !has_key(transcript, user)));
        let author = exchange(transcript, upload.exchange).and_then(|exchange| exchange.user.as_deref());
        lacking.extend(author.filter(|user| !has_key(transcript, user)));
    }
    for shown in evidence.documents.iter().filter(|seen| seen.opened.is_none() && !seen.uploaded) {
        places.push(format!("exchange {}", shown.exchange));
        let reader = exchange(transcript, shown.exchange).and_then(|exchange| exchange.user.as_deref());
        lacking.extend(reader.filter(|user| !has_key(transcript, user)));
    }
    for folder in &transcript.stored {
        let Some(text) = &folder.metadata else { continue };
        if evidence.ring.borrow_mut().open_text(text).is_none() {
            places.push(format!("folder {}", folder.id));
            lacking.extend([folder.owner.as_str()].into_iter().filter(|user| !has_key(transcript, user)));
        }
    }
    let first = places.first()?;
    let why = if lacking.is_empty() {
        "no key that was given opens them".to_owned()
    } else {
        let mut why = format!("needs the private key of {}", list(&lacking, " or "));
        if lacking.iter().any(|user| has_mnemonic(transcript, user)) {
            why.push_str("; the mnemonic that was given opens none in the recording");
        }
        why
    };
    Some(match places.len() {
        1 => format!("what stands in the metadata of {first}: {why}"),
        number => format!("what stands in {number} metadata documents, the first in {first}: {why}"),
    })
}

/// Members for whom nobody can look.
pub(super) fn members(evidence: &Evidence<'_>) -> Option<String> {
    let secrets = evidence.transcript.secrets.users.values();
    let keys: Vec<PrivateKey> = secrets
        .flat_map(UserSecrets::private_keys)
        .filter_map(|pem| PrivateKey::from_pem(pem).ok())
        .collect();
    let mut lacking: BTreeSet<&str> = BTreeSet::new();
    for upload in &evidence.uploads {
        let Recognised::V2(document) = &*upload.document else { continue };
        for user in document.users() {
            let certificate = user.certificate().ok();
            let known = certificate.is_none_or(|certificate| {
                keys.iter().any(|key| key.public_key() == *certificate.public_key())
            });
            if !known {
                lacking.insert(&user.user_id);
            }
        }
    }
    let lacking = (!lacking.is_empty()).then_some(lacking)?;
    Some(format!("whether documents open for {0}: needs the private key of {0}", list(&lacking, ", ")))
}

/// Private-key blobs whose mnemonic nobody knows.
pub(super) fn mnemonics(evidence: &Evidence<'_>) -> Vec<String> {
    let transcript = evidence.transcript;
    let own = stored_keys(transcript).filter(|exchange| exchange.parameter("shareToken").is_none());
    let unknown = own.filter_map(|exchange| {
        let user = exchange.user.as_deref().filter(|user| !has_mnemonic(transcript, user))?;
        Some(format!(
            "the private-key blob stored in exchange {}: needs the mnemonic of {user}",
            exchange.number
        ))
    });
    unknown.collect()
}

/// The same for public links.
pub(super) fn links(evidence: &Evidence<'_>) -> Vec<String> {
    let transcript = evidence.transcript;
    let unknown = stored_keys(transcript).filter_map(|exchange| {
        let link = exchange.parameter("shareToken").map(|token| format!("s:{token}"))?;
        let unknown = !has_mnemonic(transcript, &link);
        unknown.then(|| {
            let number = exchange.number;
            format!(
                "the private key of a public link, stored in exchange {number}: needs the mnemonic of {link}"
            )
        })
    });
    unknown.collect()
}

/// Documents of 1.2 that nobody can check against the words of their authors.
pub(super) fn authors(evidence: &Evidence<'_>) -> Option<String> {
    let transcript = evidence.transcript;
    let bound = evidence.uploads.iter().filter(
        |upload| matches!(&*upload.document, Recognised::V1(document) if document.version() == Version::V1_2),
    );
    let authors = bound.filter_map(|upload| exchange(transcript, upload.exchange)?.user.as_deref());
    let lacking: BTreeSet<&str> = authors.filter(|user| !has_mnemonic(transcript, user)).collect();
    let lacking = (!lacking.is_empty()).then_some(lacking)?;
    Some(format!("the checksums in metadata: needs the mnemonic of {}", list(&lacking, ", ")))
}

/// What nobody looks for because nobody has told it.
pub(super) fn needles(evidence: &Evidence<'_>) -> Vec<String> {
    let transcript = evidence.transcript;
    let mut missing = Vec::new();
    if transcript.canaries.names.is_empty() {
        missing.push("names and contents: needs canaries".to_owned());
    }
    let encrypting =
        transcript.exchanges.iter().filter(|exchange| exchange.path.contains("/apps/end_to_end_encryption/"));
    let users: BTreeSet<&str> = encrypting.filter_map(|exchange| exchange.user.as_deref()).collect();
    let without: BTreeSet<&str> =
        users.iter().copied().filter(|user| !has_mnemonic(transcript, user)).collect();
    if !without.is_empty() {
        missing.push(format!("the mnemonic of {0}: needs the mnemonic of {0}", list(&without, ", ")));
    }
    let without: BTreeSet<&str> = users.into_iter().filter(|user| !has_key(transcript, user)).collect();
    if !without.is_empty() {
        missing.push(format!("the private key of {0}: needs the private key of {0}", list(&without, ", ")));
    }
    missing
}

fn stored_keys(transcript: &Transcript) -> impl Iterator<Item = &Exchange> {
    let stored = transcript.exchanges.iter().filter(|exchange| exchange.endpoint == Endpoint::PostPrivateKey);
    stored.filter(|exchange| exchange.status == 200).map(AsRef::as_ref)
}

fn exchange(transcript: &Transcript, number: u64) -> Option<&Exchange> {
    let all = &transcript.exchanges;
    let at = all.binary_search_by_key(&number, |exchange| exchange.number).ok()?;
    all.get(at).map(AsRef::as_ref)
}

/// The user ids in a document that says them.
fn members_of(document: &Recognised) -> impl Iterator<Item = &str> {
    let users = match document {
        Recognised::V1(_) => &[],
        Recognised::V2(document) => document.users(),
    };
    users.iter().map(|user| user.user_id.as_str())
}

fn has_key(transcript: &Transcript, user: &str) -> bool {
    transcript.secrets.users.get(user).is_some_and(|secrets| secrets.private_keys().next().is_some())
}

fn has_mnemonic(transcript: &Transcript, user: &str) -> bool {
    transcript.secrets.users.get(user).is_some_and(|secrets| secrets.mnemonic.is_some())
}

fn list(users: &BTreeSet<&str>, between: &str) -> String {
    users.iter().copied().collect::<Vec<_>>().join(between)
}
