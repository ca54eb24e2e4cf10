//! What the attacker can open of all that was uploaded: the proof of an exploit.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use e2ee_reference::metadata::{Contents, Document, FileEntry, MetadataKey};
use e2ee_reference::metadata_v1::{self, Keys};
use e2ee_reference::recognise::{Recognised, recognise};
use e2ee_reference::{file_cipher, filedrop};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Attacker;
use crate::exchange::{Endpoint, Exchange, base64_bytes};
use crate::uploaded::{UploadedFile, uploaded_files};

/// A file whose key a client gave away, opened with keys of the attacker only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The number of the exchange that carried the file key: an upload of metadata or of filedrop entries.
    pub exchange: u64,
    /// The file's id in the metadata.
    pub file_id: String,
    /// The clear name.
    pub filename: String,
    /// The clear bytes, if the file was uploaded in one of the exchanges. JSON: base64.
    #[serde(default, with = "optional_base64")]
    #[schemars(with = "Option<String>")]
    pub content: Option<Bytes>,
    /// The number of the exchange that carried the bytes.
    #[serde(default)]
    pub content_exchange: Option<u64>,
    /// Which key of the attacker did it, for people.
    pub with: String,
}

/// What the attacker reads in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The clear names of the files, by id.
    pub files: BTreeMap<String, String>,
    /// The clear names of the folders, by id.
    pub folders: BTreeMap<String, String>,
    /// The counter.
    pub counter: u64,
    /// Which key of the attacker opens it, for people.
    pub with: String,
}

impl Attacker {
    /// What the attacker reads in a metadata document of version 2.x, be it stored, told or sent: with a metadata key that it holds, or
    /// with one that is wrapped in `users` for a private key that it holds. `None`: nothing.
    ///
    /// ```
    /// use e2ee_mock_server::adversary::Attacker;
    ///
    /// assert_eq!(Attacker::default().reads("{}"), None);
    /// ```
    pub fn reads(&self, document: &str) -> Option<Reading> {
        let document = Document::parse(document).ok()?;
        let mut ring = KeyRing::of(self);
        ring.unwrap_newer(&document);
        let (with, contents) = ring.open(&document)?;
        let files = contents.files.into_iter().map(|(id, entry)| (id, entry.filename)).collect();
        Some(Reading { files, folders: contents.folders, counter: contents.counter, with: with.to_owned() })
    }

    /// Opens whatever can be opened of the uploads in these exchanges, those included that were refused. A pure
    /// function of the keys held and of the exchanges: every private key is tried on every wrapped key, every
    /// metadata key (held or unwrapped from any upload) on every document, and the file keys found on the uploaded
    /// files. The same file comes back once for each upload that gives it away.
    pub fn opens(&self, exchanges: &[Arc<Exchange>]) -> Vec<Opened> {
        if self.private_keys.is_empty() && self.metadata_keys.is_empty() {
            return Vec::new();
        }
        let uploads: Vec<Upload> = exchanges.iter().filter_map(|exchange| Upload::read(exchange)).collect();
        let mut ring = KeyRing::of(self);
        for document in uploads.iter().filter_map(|upload| upload.document.as_ref()) {
            ring.unwrap(document);
        }
        let mut blobs = Blobs::of(exchanges);
        let mut opened = Vec::new();
        for upload in &uploads {
            for (file_id, entry, with) in ring.files(upload) {
                let (content_exchange, content) = blobs.open(&file_id, &entry).unzip();
                let (exchange, filename) = (upload.number, entry.filename);
                opened.push(Opened { exchange, file_id, filename, content, content_exchange, with });
            }
        }
        opened
    }
}

/// File keys as a client has sent them: sealed in a metadata document, or as filedrop entries.
struct Upload {
    number: u64,
    document: Option<Recognised>,
    dropped: Vec<(String, filedrop::Entry)>,
}

impl Upload {
    fn read(exchange: &Exchange) -> Option<Self> {
        let number = exchange.number;
        match exchange.endpoint {
            Endpoint::PostMetadata | Endpoint::PutMetadata => {
                let document = recognise(&exchange.parameter("metaData")?).ok()?;
                let dropped = match &document {
                    Recognised::V1(_) => Vec::new(),
                    Recognised::V2(document) => {
                        document.filedrop().iter().map(|(id, entry)| (id.clone(), entry.clone())).collect()
                    }
                };
                Some(Self { number, document: Some(document), dropped })
            }
            Endpoint::PutFiledrop => {
                let entries: Map<String, Value> =
                    serde_json::from_str(&exchange.parameter("filedrop")?).ok()?;
                let dropped = entries.into_iter().map(|(id, entry)| (id, filedrop::Entry::from_value(entry)));
                Some(Self { number, document: None, dropped: dropped.collect() })
            }
            _ => None,
        }
    }
}

/// All keys that the attacker has, whichever way, with what tells people where each is from.
struct KeyRing<'a> {
    attacker: &'a Attacker,
    metadata_keys: Vec<(String, MetadataKey)>,
    // RSA is slow, and clients send the same wrapped keys again and again.
    tried: HashSet<String>,
    tried_drops: HashMap<String, Option<(FileEntry, String)>>,
}

impl<'a> KeyRing<'a> {
    fn of(attacker: &'a Attacker) -> Self {
        let held = attacker.metadata_keys.iter();
        let metadata_keys = held.map(|held| (held.to_string(), held.key.clone())).collect();
        Self { attacker, metadata_keys, tried: HashSet::new(), tried_drops: HashMap::new() }
    }

    /// Tries every private key on every wrapped metadata key, whomever it is for.
    fn unwrap(&mut self, document: &Recognised) {
        match document {
            Recognised::V1(document) => self.unwrap_older(document),
            Recognised::V2(document) => self.unwrap_newer(document),
        }
    }

    fn unwrap_older(&mut self, document: &metadata_v1::Document) {
        for wrapped in document.wrapped_keys().values() {
            if !self.tried.insert(wrapped.clone()) {
                continue;
            }
            for held in &self.attacker.private_keys {
                let Ok(key) = metadata_v1::unwrap_key(&held.key, wrapped, "metadataKey") else { continue };
                self.metadata_keys.push((held.to_string(), key));
            }
        }
    }

    fn unwrap_newer(&mut self, document: &Document) {
        for entry in document.users() {
            if !self.tried.insert(entry.encrypted_metadata_key.clone()) {
                continue;
            }
            for held in &self.attacker.private_keys {
                let Ok(key) = entry.unwrap_key(&held.key) else { continue };
                if self.metadata_keys.iter().all(|(_, known)| *known != key) {
                    self.metadata_keys.push((held.to_string(), key));
                }
            }
        }
    }

    /// The file entries of an upload that can be read, each with its id and the key that did it.
    fn files(&mut self, upload: &Upload) -> Vec<(String, FileEntry, String)> {
        let mut files = Vec::new();
        match &upload.document {
            Some(Recognised::V1(document)) => files.extend(self.open_older(document)),
            Some(Recognised::V2(document)) => {
                let opened = self.open(document).into_iter();
                files.extend(opened.flat_map(|(with, contents)| {
                    contents.files.into_iter().map(move |(id, entry)| (id, entry, with.to_owned()))
                }));
            }
            None => {}
        }
        for (id, drop) in &upload.dropped {
            files.extend(self.open_drop(drop).map(|(entry, with)| (id.clone(), entry, with)));
        }
        files
    }

    fn open(&self, document: &Document) -> Option<(&str, Contents)> {
        self.metadata_keys.iter().find_map(|(with, key)| Some((with.as_str(), document.open(key).ok()?)))
    }

    /// Whatever stands under any key that is held: in 1.0 each file names its own.
    fn open_older(&self, document: &metadata_v1::Document) -> Vec<(String, FileEntry, String)> {
        let mut files = Vec::new();
        for (with, key) in &self.metadata_keys {
            for index in document.wrapped_keys().keys() {
                let keys = Keys::several([(*index, key.clone())].into());
                let Ok(contents) = keys.and_then(|keys| document.open(&keys)) else { continue };
                let opened = contents.split(|_| false).1.into_iter();
                files.extend(opened.map(|(id, entry)| (id, entry, with.clone())));
            }
        }
        files
    }

    fn open_drop(&mut self, drop: &filedrop::Entry) -> Option<(FileEntry, String)> {
        let attacker = self.attacker;
        let open = || {
            drop.users().find_map(|id| {
                let mut held = attacker.private_keys.iter();
                held.find_map(|held| Some((drop.open(id, &held.key).ok()?, held.to_string())))
            })
        };
        self.tried_drops.entry(drop.value().to_string()).or_insert_with(open).clone()
    }
}

type KeyAndNonce = ([u8; 16], Vec<u8>);

/// The uploaded files.
#[derive(Default)]
struct Blobs {
    uploads: Vec<UploadedFile>,
    by_name: HashMap<String, Vec<usize>>,
    by_tag: HashMap<[u8; TAG], Vec<usize>>,
    /// What came of a key and nonce: the same entry stands in every later document of its folder.
    opened: HashMap<KeyAndNonce, Option<(u64, Bytes)>>,
}

/// Length of the authentication tag at the end of an uploaded file.
const TAG: usize = 16;

impl Blobs {
    fn of(exchanges: &[Arc<Exchange>]) -> Self {
        let mut blobs = Self::default();
        for file in uploaded_files(exchanges) {
            let Some(tag) = file.content.last_chunk::<TAG>() else { continue };
            let index = blobs.uploads.len();
            blobs.by_tag.entry(*tag).or_default().push(index);
            blobs.by_name.entry(file.name.clone()).or_default().push(index);
            blobs.uploads.push(file);
        }
        blobs
    }

    /// The clear bytes of a file: among the uploads that end in its authentication tag, under whatever name, and
    /// then among those under its id (clients write other things into the metadata's tag), the newest first.
    fn open(&mut self, file_id: &str, entry: &FileEntry) -> Option<(u64, Bytes)> {
        let key = (*entry.key.as_bytes(), entry.nonce.clone());
        if let Some(before) = self.opened.get(&key) {
            return before.clone();
        }
        let by_tag = self.by_tag.get(entry.authentication_tag.as_slice()).into_iter().flatten().rev();
        let by_name = self.by_name.get(file_id).into_iter().flatten().rev();
        let mut candidates = by_tag.chain(by_name).filter_map(|index| self.uploads.get(*index));
        let opened = candidates.find_map(|upload| {
            let plain = file_cipher::decrypt(&entry.key, &entry.nonce, &upload.content).ok()?;
            Some((upload.exchange, Bytes::from(plain)))
        });
        self.opened.insert(key, opened.clone());
        opened
    }
}

mod optional_base64 {
    use super::{Bytes, Deserialize, Serialize, base64_bytes};
    use serde::{Deserializer, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Text(#[serde(with = "base64_bytes")] Bytes);

    pub(super) fn serialize<S: Serializer>(bytes: &Option<Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.clone().map(Text).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
        Ok(Option::<Text>::deserialize(deserializer)?.map(|text| text.0))
    }
}
