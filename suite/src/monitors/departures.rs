//! What the specification wants and released clients do otherwise, harming nobody: a warning where a scenario is about
//! it, and no finding elsewhere.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::file_cipher::FileKey;
use e2ee_reference::metadata::{Contents, FileEntry, MetadataKey, User};
use e2ee_reference::metadata_v1::Version;
use e2ee_reference::recognise::Recognised;

use serde_json::Value;

use super::bias;
use super::finding::{Evidence, Finding};
use super::odd_changes::odd_changes;
use super::odd_files::odd_files;
use super::uploads::Upload;
use crate::transcript::Mode;

/// Something that the specification wants otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// The requirement.
    pub requirement: &'static str,
    /// One clause; no secrets.
    pub text: String,
}

impl Departure {
    /// As it stands in a report.
    pub fn as_finding(&self, play: Mode) -> Finding {
        Finding {
            monitor: "departures".to_owned(),
            requirements: vec![self.requirement.to_owned()],
            play,
            text: self.text.clone(),
            exchanges: Vec::new(),
            canary: None,
        }
    }
}

/// All of one play.
pub(super) fn departures(evidence: &Evidence<'_>) -> Vec<Departure> {
    let mut found = new_identifiers(evidence);
    found.extend(other_interfaces(evidence));
    found.extend(kept_keys(evidence));
    found.extend(odd_documents(evidence));
    found.extend(repeated_nonce(evidence));
    found.extend(patterned_identifiers(evidence));
    found.extend(odd_files(evidence));
    found.extend(odd_changes(evidence));
    found
}

/// A file has another identifier than in the document before, and its old entry is gone (R2-MOD-13, R1-FILE-04). What
/// was removed and made again looks the same, so that it is no error in general.
fn new_identifiers(evidence: &Evidence<'_>) -> Vec<Departure> {
    let mut last: BTreeMap<&str, &Contents> = BTreeMap::new();
    let mut found = Vec::new();
    for document in &evidence.documents {
        let Some((_, contents)) = &document.opened else { continue };
        let before = last.insert(&document.folder, contents);
        let Some(before) = before.filter(|_| document.uploaded && document.by_subject) else { continue };
        let is_new = |filename: &str| {
            let mut new = contents.files.iter().filter(|(id, _)| !before.files.contains_key(*id));
            new.any(|(_, entry)| entry.filename == filename)
        };
        let gone = before.files.iter().filter(|(id, _)| !contents.files.contains_key(*id));
        if gone.map(|(_, entry)| &entry.filename).any(|filename| is_new(filename)) {
            found.push(Departure {
                requirement: if document.older { "R1-FILE-04" } else { "R2-MOD-13" },
                text: format!(
                    "the document in exchange {} has a file under another identifier than before",
                    document.exchange
                ),
            });
        }
    }
    found
}

/// A request goes to another version of the interface than the metadata have, or to the older form of OCS (R2-API-01).
/// For the metadata of a folder that goes the text itself names version 1.
fn other_interfaces(evidence: &Evidence<'_>) -> Option<Departure> {
    let transcript = evidence.transcript;
    let wanted = format!("/ocs/v2.php/apps/end_to_end_encryption/api/v{}/", transcript.version.major());
    let mut sent = transcript.subject_exchanges().filter(|exchange| {
        exchange.path.contains("/apps/end_to_end_encryption/api/")
            && exchange.endpoint != Endpoint::DeleteMetadata
    });
    let other = sent.find(|exchange| !exchange.path.starts_with(&wanted))?;
    let (number, endpoint) = (other.number, other.endpoint);
    Some(Departure {
        requirement: "R2-API-01",
        text: format!("{endpoint} in exchange {number} does not go to {wanted}"),
    })
}

/// A member came, and the metadata key stayed (R2-SHR-08). Nobody learns more than the files that are there.
fn kept_keys(evidence: &Evidence<'_>) -> Vec<Departure> {
    let mut last: BTreeMap<&str, (&[User], &MetadataKey)> = BTreeMap::new();
    let mut found = Vec::new();
    for upload in &evidence.uploads {
        let (Recognised::V2(document), Some((key, _))) = (&*upload.document, &upload.opened) else {
            continue;
        };
        let Some(exchange) = exchange(evidence, upload).filter(|_| document.is_root()) else { continue };
        let folder = exchange.path.rsplit('/').next().unwrap_or_default();
        let Some((before, old)) = last.insert(folder, (document.users(), key)) else { continue };
        let was_there = |user: &User| before.iter().any(|other| other.user_id == user.user_id);
        if by_subject(evidence, upload) && old == key && !document.users().iter().all(was_there) {
            let number = upload.exchange;
            let text = format!("the document in exchange {number} has a new member and the old metadata key");
            found.push(Departure { requirement: "R2-SHR-08", text });
        }
    }
    found
}

/// What readers get along with: members that the outer document does not have (R2-MD-01), mimetypes that are none
/// (R2-MD-13, R1-MD-06), files of 1.0 that do not say under which key they are (R1-MD-07), documents of 1.x that say more
/// than their version in the clear (R1-MD-11), or have new files under older metadata keys (R1-MD-09).
fn odd_documents(evidence: &Evidence<'_>) -> Vec<Departure> {
    let mut found = Vec::new();
    for upload in &evidence.uploads {
        if !by_subject(evidence, upload) {
            continue;
        }
        let number = upload.exchange;
        let mut departs = |requirement, what: &str| {
            let text = format!("the document in exchange {number} has {what}");
            found.push(Departure { requirement, text });
        };
        let mimetype = match &*upload.document {
            Recognised::V1(document) => {
                let mut files = document.value()["files"].as_object().into_iter().flatten();
                if document.version() == Version::V1_0 && files.any(|(_, file)| file["metadataKey"].is_null())
                {
                    departs("R1-MD-07", "a file that does not name its metadata key");
                }
                if document.version() == Version::V1_0 && names_older_key(evidence, upload, document.value())
                {
                    departs("R1-MD-09", "a new file under an older metadata key than the newest");
                }
                if tells_more(document.value()) {
                    departs("R1-MD-11", "a member that can be read without a key, and is not the version");
                }
                "R1-MD-06"
            }
            Recognised::V2(document) => {
                let mut members = document.value().as_object().into_iter().flat_map(|members| members.keys());
                if members.any(|member| !OUTER.contains(&member.as_str())) {
                    departs("R2-MD-01", "a member that the specification does not know");
                }
                "R2-MD-13"
            }
        };
        let mut files = upload.opened.iter().flat_map(|(_, contents)| contents.files.values());
        if files.any(|entry| !entry.mimetype.contains('/')) {
            departs(mimetype, "a file without a mimetype");
        }
    }
    found
}

/// Two files have one nonce under different keys, as with a counter, or a nonce that is always the same (R2-MOD-06,
/// R1-FILE-01). A key that encrypts one file needs no other (NIST SP 800-38D, 8.2.1).
fn repeated_nonce(evidence: &Evidence<'_>) -> Option<Departure> {
    let mut keys: HashMap<&[u8], &FileKey> = HashMap::new();
    evidence.uploads.iter().filter(|upload| by_subject(evidence, upload)).find_map(|upload| {
        let mut files = upload.opened.iter().flat_map(|(_, contents)| contents.files.values());
        let differs = |entry: &FileEntry, key: &FileKey| key.as_bytes() != entry.key.as_bytes();
        files.find(|entry| differs(entry, keys.entry(&entry.nonce).or_insert(&entry.key)))?;
        let older = matches!(*upload.document, Recognised::V1(_));
        Some(Departure {
            requirement: if older { "R1-FILE-01" } else { "R2-MOD-06" },
            text: format!(
                "the document in exchange {} has a file under a nonce that another file has, too",
                upload.exchange
            ),
        })
    })
}

/// Identifiers are UUIDs, but not random ones (ATK-IV-03): some tell the time, and on which device a file was made.
fn patterned_identifiers(evidence: &Evidence<'_>) -> Option<Departure> {
    let uploads = evidence.uploads.iter().filter(|upload| by_subject(evidence, upload));
    let contents = uploads.filter_map(|upload| Some(&upload.opened.as_ref()?.1));
    let ids = contents.flat_map(|contents| contents.files.keys().chain(contents.folders.keys()));
    let digits: Vec<[u8; 14]> = ids.filter_map(|id| random_of_uuid(id)).collect();
    let pattern = bias::pattern(digits.iter().map(<[u8; 14]>::as_slice).collect())?;
    Some(Departure { requirement: "ATK-IV-03", text: format!("identifiers are not random: {pattern}") })
}

/// The bytes of a UUID that are random in one of version 4, where nothing but others stand before it.
fn random_of_uuid(id: &str) -> Option<[u8; 14]> {
    let uuid = id.get(id.len().checked_sub(32)?..)?;
    let bytes: [u8; 16] = hex::decode(uuid).ok()?.try_into().ok()?;
    let [a, b, c, d, e, f, _, g, _, h, i, j, k, l, m, n] = bytes;
    Some([a, b, c, d, e, f, g, h, i, j, k, l, m, n])
}

fn by_subject(evidence: &Evidence<'_>, upload: &Upload) -> bool {
    let device = exchange(evidence, upload).and_then(|exchange| exchange.device.as_deref());
    device.is_some_and(|device| evidence.transcript.is_subject(device))
}

/// Whether a file of 1.0 that nobody has seen before names another metadata key than the newest.
fn names_older_key(evidence: &Evidence<'_>, upload: &Upload, document: &Value) -> bool {
    let keys = document["metadata"]["metadataKeys"].as_object().into_iter().flatten();
    let newest = keys.filter_map(|(index, _)| index.parse::<u32>().ok()).max();
    let before = evidence.documents.iter().filter(|seen| seen.exchange < upload.exchange);
    let opened = before.filter_map(|seen| seen.opened.as_ref());
    let before: Vec<&FileEntry> = opened.flat_map(|(_, contents)| contents.files.values()).collect();
    let mut files = upload.opened.iter().flat_map(|(_, contents)| &contents.files);
    files.any(|(id, entry)| {
        let known = before.iter().any(|old| old.key == entry.key && old.nonce == entry.nonce);
        let named = document["files"][id]["metadataKey"].as_f64();
        !known && named.is_some() && named != newest.map(f64::from)
    })
}

/// Whether a document of 1.x has members beside those that are encrypted, and those without which nobody can decrypt.
fn tells_more(document: &Value) -> bool {
    let others = |value: &Value, known: &[&str]| {
        let mut members = value.as_object().into_iter().flatten();
        members.any(|(name, _)| !known.contains(&name.as_str()))
    };
    let mut files = document["files"].as_object().into_iter().flatten();
    others(document, &["metadata", "files", "filedrop"])
        || others(&document["metadata"], &["metadataKeys", "metadataKey", "sharing", "checksum", "version"])
        || files.any(|(_, file)| {
            others(file, &["encrypted", "initializationVector", "authenticationTag", "metadataKey"])
        })
}

/// The members of an outer document of 2.x.
const OUTER: &[&str] = &["metadata", "users", "version", "filedrop"];

fn exchange<'e>(evidence: &Evidence<'e>, upload: &Upload) -> Option<&'e Exchange> {
    let mut all = evidence.transcript.exchanges.iter();
    all.find(|exchange| exchange.number == upload.exchange).map(Arc::as_ref)
}
