//! Uploaded metadata, opened with the judge's ground-truth keys.

use std::collections::HashMap;

use e2ee_mock_server::{Endpoint, Exchange};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Contents, Document, MetadataKey};

use crate::transcript::{Secrets, Transcript};

/// A metadata document that a device has sent.
pub(crate) struct Upload {
    /// The exchange's number.
    pub(crate) exchange: u64,
    /// The document.
    pub(crate) document: Document,
    /// What is in it and the key that opened it, if the judge can open it.
    pub(crate) opened: Option<(MetadataKey, Contents)>,
}

/// Every upload of metadata, those included that the server refused.
pub(super) fn open(transcript: &Transcript) -> Vec<Upload> {
    let mut ring = Ring::new(&transcript.secrets);
    let mut uploads = Vec::new();
    for exchange in &transcript.exchanges {
        if let Some(document) = document(exchange) {
            let opened = ring.open(&document);
            uploads.push(Upload { exchange: exchange.number, document, opened });
        }
    }
    uploads
}

/// A metadata document that a judged device was shown or has sent.
pub(crate) struct Seen {
    /// The exchange's number.
    pub(crate) exchange: u64,
    /// The device.
    pub(crate) device: String,
    /// The folder's number, as it stands in the address.
    pub(crate) folder: String,
    /// Whether it was sent.
    pub(crate) uploaded: bool,
    /// As in [`Upload::opened`].
    pub(crate) opened: Option<(MetadataKey, Contents)>,
}

/// Every document that judged devices were shown whole, or have stored.
pub(super) fn documents(transcript: &Transcript) -> Vec<Seen> {
    let mut ring = Ring::new(&transcript.secrets);
    let mut memo: HashMap<String, Option<(MetadataKey, Contents)>> = HashMap::new();
    let mut seen = Vec::new();
    for exchange in transcript.exchanges.iter().filter(|exchange| exchange.status == 200) {
        let text = match exchange.endpoint {
            Endpoint::PostMetadata | Endpoint::PutMetadata => exchange.parameter("metaData"),
            Endpoint::GetMetadata if exchange.delivered => shown(exchange),
            _ => continue,
        };
        let (Some(text), Some(device)) = (text, exchange.device.as_deref()) else { continue };
        let open = || ring.open(&Document::parse(&text).ok()?);
        let opened = memo.entry(text.clone()).or_insert_with(open).clone();
        if transcript.is_subject(device) {
            seen.push(Seen {
                exchange: exchange.number,
                device: device.to_owned(),
                folder: exchange.path.rsplit('/').next().unwrap_or_default().to_owned(),
                uploaded: exchange.endpoint != Endpoint::GetMetadata,
                opened,
            });
        }
    }
    seen
}

/// The document in an answer. XML answers are left out: nothing is compared with them then.
fn shown(exchange: &Exchange) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(&exchange.response_body).ok()?;
    answer.pointer("/ocs/data/meta-data")?.as_str().map(str::to_owned)
}

fn document(exchange: &Exchange) -> Option<Document> {
    match exchange.endpoint {
        Endpoint::PostMetadata | Endpoint::PutMetadata => {
            Document::parse(&exchange.parameter("metaData")?).ok()
        }
        _ => None,
    }
}

/// The judge's keys: those of the users, and the metadata keys that were found with them.
pub(crate) struct Ring {
    users: HashMap<String, PrivateKey>,
    unwrapped: HashMap<String, Option<MetadataKey>>,
    found: Vec<MetadataKey>,
}

impl Ring {
    /// The keys of the laboratory.
    pub(crate) fn new(secrets: &Secrets) -> Self {
        let key = |(user, secrets): (&String, &crate::transcript::UserSecrets)| {
            let key = PrivateKey::from_pem(secrets.private_key.as_ref()?).ok()?;
            Some((user.clone(), key))
        };
        Self {
            users: secrets.users.iter().filter_map(key).collect(),
            unwrapped: HashMap::new(),
            found: Vec::new(),
        }
    }

    /// Opens a root with any user's key, a subfolder with any metadata key found so far.
    pub(crate) fn open(&mut self, document: &Document) -> Option<(MetadataKey, Contents)> {
        for user in document.users() {
            let Some(private) = self.users.get(&user.user_id) else { continue };
            let unwrap = || document.unwrap_key(&user.user_id, private).ok();
            // Unwrapping is an RSA operation, and clients send the same wrapped key again and again.
            let key = self.unwrapped.entry(user.encrypted_metadata_key.clone()).or_insert_with(unwrap);
            let Some(key) = key.clone() else { continue };
            if let Ok(contents) = document.open(&key) {
                if !self.found.contains(&key) {
                    self.found.push(key.clone());
                }
                return Some((key, contents));
            }
        }
        let newest_first = self.found.iter().rev();
        newest_first.filter_map(|key| Some((key.clone(), document.open(key).ok()?))).next()
    }
}
