//! Uploaded metadata, opened with the judge's ground-truth keys.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::Error;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Contents, Document, MetadataKey};
use e2ee_reference::metadata_v1::{self, Keys};
use e2ee_reference::recognise::Recognised;
use serde::Deserialize;

use super::properties::told_as_properties;
use crate::remembered::{inside, recognised};
use crate::transcript::{Secrets, Transcript};

/// A metadata document that a device has sent.
pub(crate) struct Upload {
    /// The exchange's number.
    pub(crate) exchange: u64,
    /// The document.
    pub(crate) document: Arc<Recognised>,
    /// Its text.
    text: String,
    /// What is in it and the key that opened it, if the judge can open it.
    pub(crate) opened: Option<Opened>,
}

/// What is in a document and the key that opened it.
pub(crate) type Opened = (MetadataKey, Arc<Contents>);

/// Every upload of metadata, those included that the server refused.
pub(super) fn open(transcript: &Transcript, ring: &mut Ring) -> Vec<Upload> {
    let mut uploads = Vec::new();
    for exchange in &transcript.exchanges {
        if !matches!(exchange.endpoint, Endpoint::PostMetadata | Endpoint::PutMetadata) {
            continue;
        }
        let Some(text) = exchange.parameter("metaData") else { continue };
        if let Ok(document) = recognised(&text) {
            let opened = ring.open_once(&text, &document);
            uploads.push(Upload { exchange: exchange.number, document, text, opened });
        }
    }
    uploads
}

/// A metadata document that a device was shown or has sent.
pub(crate) struct Seen {
    /// The exchange's number.
    pub(crate) exchange: u64,
    /// The device.
    pub(crate) device: String,
    /// Whether the device is judged.
    pub(crate) by_subject: bool,
    /// The folder's number, as it stands in the address.
    pub(crate) folder: String,
    /// Whether it was sent.
    pub(crate) uploaded: bool,
    /// Whether it is of 1.x, which has no counter and no word for deleted folders.
    pub(crate) older: bool,
    /// As in [`Upload::opened`].
    pub(crate) opened: Option<Opened>,
}

/// Every document that devices were shown whole, or have stored; these are among the uploads.
pub(super) fn documents(transcript: &Transcript, uploads: &[Upload], ring: &mut Ring) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut uploads = uploads.iter().peekable();
    for exchange in &transcript.exchanges {
        let upload = uploads.next_if(|upload| upload.exchange == exchange.number);
        let Some(device) = exchange.device.as_deref() else { continue };
        for (folder, text) in carried(exchange, upload) {
            let document = recognised(&text).ok();
            let older = document.as_deref().is_some_and(|document| matches!(document, Recognised::V1(_)));
            let opened = document.and_then(|document| ring.open_once(&text, &document));
            seen.push(Seen {
                exchange: exchange.number,
                device: device.to_owned(),
                by_subject: transcript.is_subject(device),
                folder,
                uploaded: matches!(exchange.endpoint, Endpoint::PostMetadata | Endpoint::PutMetadata),
                older,
                opened,
            });
        }
    }
    seen
}

/// The documents that an exchange has carried whole and with success, each with the number of its folder.
fn carried<'a>(exchange: &Exchange, upload: Option<&'a Upload>) -> Vec<(String, Cow<'a, str>)> {
    let text = match (exchange.endpoint, exchange.status) {
        (Endpoint::PostMetadata | Endpoint::PutMetadata, 200) => match upload {
            Some(upload) => Some(upload.text.as_str().into()),
            None => exchange.parameter("metaData").map(Cow::from),
        },
        (Endpoint::GetMetadata, 200) if exchange.delivered => shown(exchange).map(Cow::from),
        (Endpoint::Propfind, _) if exchange.delivered => {
            let told = told_as_properties(exchange).into_iter();
            return told.map(|(folder, text)| (folder, text.into())).collect();
        }
        _ => None,
    };
    let folder = || exchange.path.rsplit('/').next().unwrap_or_default().to_owned();
    text.map(|text| (folder(), text)).into_iter().collect()
}

/// The document in an answer. XML answers are left out: nothing is compared with them then.
pub(super) fn shown(exchange: &Exchange) -> Option<String> {
    /// An answer as servers give it: nothing of it is kept but the document.
    #[derive(Deserialize)]
    struct Answer {
        ocs: Ocs,
    }
    #[derive(Deserialize)]
    struct Ocs {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        #[serde(rename = "meta-data")]
        document: String,
    }
    if let Ok(answer) = serde_json::from_slice::<Answer>(&exchange.response_body) {
        return Some(answer.ocs.data.document);
    }
    // One with members that come twice, for example.
    let answer: serde_json::Value = serde_json::from_slice(&exchange.response_body).ok()?;
    answer.pointer("/ocs/data/meta-data")?.as_str().map(str::to_owned)
}

/// The judge's keys: those of the users, and the metadata keys that were found with them.
pub(crate) struct Ring {
    users: HashMap<String, Vec<PrivateKey>>,
    unwrapped: HashMap<String, Option<MetadataKey>>,
    found: Vec<MetadataKey>,
    /// What was opened, by its text; what was not, with the number of metadata keys that had been found until then.
    opened: HashMap<String, Result<Opened, usize>>,
}

impl Ring {
    /// The keys of the laboratory.
    pub(crate) fn new(secrets: &Secrets) -> Self {
        let keys = |(user, secrets): (&String, &crate::transcript::UserSecrets)| {
            let keys = secrets.private_keys().filter_map(|pem| PrivateKey::from_pem(pem).ok());
            (user.clone(), keys.collect())
        };
        Self {
            users: secrets.users.iter().map(keys).collect(),
            unwrapped: HashMap::new(),
            found: Vec::new(),
            opened: HashMap::new(),
        }
    }

    /// Opens a document with any user's key, a subfolder of 2.x with any metadata key found so far. Of 1.x there is the
    /// newest key, and the contents in the form of 2.x.
    fn open(&mut self, text: &str, document: &Recognised) -> Option<Opened> {
        match document {
            Recognised::V1(document) => self.open_older(document),
            Recognised::V2(document) => self.open_newer(text, document),
        }
    }

    /// Opens what stands in a text, if it is a document.
    pub(crate) fn open_text(&mut self, text: &str) -> Option<Opened> {
        self.open_once(text, &*recognised(text).ok()?)
    }

    /// Opens the document that stands in a text. What did not open is tried again when other keys have been found.
    fn open_once(&mut self, text: &str, document: &Recognised) -> Option<Opened> {
        match self.opened.get(text) {
            Some(Ok(opened)) => return Some(opened.clone()),
            Some(Err(tried)) if *tried == self.found.len() => return None,
            _ => {}
        }
        let opened = self.open(text, document);
        self.opened.insert(text.to_owned(), opened.clone().ok_or(self.found.len()));
        opened
    }

    fn open_older(&mut self, document: &metadata_v1::Document) -> Option<Opened> {
        let mut keys = BTreeMap::new();
        for (index, wrapped) in document.wrapped_keys() {
            let users = &self.users;
            let unwrap = || {
                let mut keys = users.values().flatten();
                keys.find_map(|private| metadata_v1::unwrap_key(private, wrapped, "metadataKey").ok())
            };
            let key = self.unwrapped.entry(wrapped.clone()).or_insert_with(unwrap);
            keys.insert(*index, key.clone()?);
        }
        let keys = Keys::several(keys).ok()?;
        let contents = document.open(&keys).ok()?;
        let damaged =
            contents.damaged.iter().map(|(id, damaged)| (id.clone(), damaged.entry.clone())).collect();
        let (folders, files) = contents.split(|_| false);
        let contents = Contents { folders, files, damaged, ..Contents::default() };
        Some((keys.newest().1.clone(), Arc::new(contents)))
    }

    fn open_newer(&mut self, text: &str, document: &Document) -> Option<Opened> {
        for user in document.users() {
            let Some(private) = self.users.get(&user.user_id) else { continue };
            let unwrap =
                || private.iter().find_map(|private| document.unwrap_key(&user.user_id, private).ok());
            // Unwrapping is an RSA operation, and clients send the same wrapped key again and again.
            let key = self.unwrapped.entry(user.encrypted_metadata_key.clone()).or_insert_with(unwrap);
            let Some(key) = key.clone() else { continue };
            match inside(text, document, &key) {
                Ok(contents) => {
                    if !self.found.contains(&key) {
                        self.found.push(key.clone());
                    }
                    return Some((key, contents));
                }
                Err(Error::Authentication { .. }) => {}
                // It is the key, and what is inside is bad: no other key mends that.
                Err(_) => return None,
            }
        }
        let newest_first = self.found.iter().rev();
        newest_first.filter_map(|key| Some((key.clone(), inside(text, document, key).ok()?))).next()
    }
}
