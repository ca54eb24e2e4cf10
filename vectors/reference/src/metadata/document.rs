//! The outer document, kept as received: an unknown member belongs to what was signed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{Contents, MetadataKey, Recipient, Version, wrap};
use crate::backend::backend;
use crate::base64;
use crate::canonical_json;
use crate::certificate::Certificate;
use crate::dialect::Layout;
use crate::envelope::Envelope;
use crate::error::Error;
use crate::filedrop;
use crate::identity::PrivateKey;
use crate::json::{self, Members, shortened};

const WHAT: &str = "metadata";

/// How much of a document is taken from a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Length of the outer document in bytes.
    pub document_bytes: usize,
    /// Nesting of objects and arrays.
    pub depth: usize,
    /// Length of the inflated contents in bytes.
    pub inflated_bytes: usize,
    /// Number of users, of files, of folders, of filedrop entries, of key checksums: each.
    pub entries: usize,
}

impl Default for Limits {
    /// 64 MiB of document, depth 32, 64 MiB of contents, 100000 entries.
    fn default() -> Self {
        Self { document_bytes: 64 << 20, depth: 32, inflated_bytes: 64 << 20, entries: 100_000 }
    }
}

impl Limits {
    /// For documents of our own making, which may be as large as the caller wants.
    pub(crate) fn unbounded() -> Self {
        Self { entries: usize::MAX, ..Self::default() }
    }

    /// Parses the text of an outer document of any version.
    pub(crate) fn parse(&self, text: &str) -> Result<Value, Error> {
        if text.len() > self.document_bytes {
            return Err(Error::TooLarge { what: "metadata in bytes", limit: self.document_bytes });
        }
        json::parse(text.as_bytes(), WHAT, self.depth)
    }
}

/// A member of a root folder, as the document names him (R2-MD-06).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user id, or `s:TOKEN` for a public share.
    pub user_id: String,
    /// The certificate in PEM, as received.
    pub certificate: String,
    /// The metadata key under the certificate's key: base64 of RSA-OAEP (R2-MD-05).
    pub encrypted_metadata_key: String,
}

impl User {
    /// The certificate, parsed.
    ///
    /// # Errors
    /// [`Error::Pem`] or [`Error::Encoding`].
    pub fn certificate(&self) -> Result<Certificate, Error> {
        Certificate::from_pem(&self.certificate)
    }

    /// The entry that gives a recipient the metadata key (R2-MD-05, R2-MD-06).
    ///
    /// # Errors
    /// [`Error::Backend`] when the certificate holds an unusable key.
    pub fn wrap(recipient: &Recipient, key: &MetadataKey) -> Result<Self, Error> {
        Ok(Self {
            user_id: recipient.user_id.clone(),
            certificate: recipient.certificate.to_pem(),
            encrypted_metadata_key: wrap(recipient.certificate.public_key(), key.as_bytes())?,
        })
    }

    /// Opens the metadata key of this entry.
    ///
    /// # Errors
    /// [`Error::Base64`], [`Error::Unwrap`] or [`Error::KeyLength`].
    pub fn unwrap_key(&self, key: &PrivateKey) -> Result<MetadataKey, Error> {
        let wrapped = base64::decode(&self.encrypted_metadata_key, "users.encryptedMetadataKey")?;
        MetadataKey::from_slice(&Zeroizing::new(backend().oaep_unwrap(key, &wrapped)?))
    }

    fn from_json(value: &Value) -> Result<Self, Error> {
        let members = Members::of(value, "users")?;
        let user_id = members.string("userId")?;
        if user_id.is_empty() {
            return Err(Error::member("users.userId", "a name"));
        }
        Ok(Self {
            user_id: user_id.to_owned(),
            certificate: members.string("certificate")?.to_owned(),
            encrypted_metadata_key: members.string("encryptedMetadataKey")?.to_owned(),
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "userId": self.user_id,
            "certificate": self.certificate,
            "encryptedMetadataKey": self.encrypted_metadata_key,
        })
    }
}

/// An outer document, parsed once; cheap to clone.
#[derive(Debug, Clone)]
pub struct Document(Arc<Parsed>);

#[derive(Debug, Clone)]
struct Parsed {
    value: Value,
    version: Version,
    users: Vec<User>,
    filedrop: BTreeMap<String, filedrop::Entry>,
    metadata: Envelope,
}

impl Document {
    /// Parses a document with the default limits.
    ///
    /// # Errors
    /// [`Error::UnknownVersion`] for every other version, a 1.x document included; [`Error::Json`],
    /// [`Error::Member`], [`Error::Base64`], [`Error::NonceLength`] or [`Error::TooLarge`], which name the
    /// member.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_with(text, &Limits::default())
    }

    /// Parses a document with other limits.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: &str, limits: &Limits) -> Result<Self, Error> {
        Self::from_value(limits.parse(text)?, limits)
    }

    /// The member `version`.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The members of a root folder; empty in a subfolder.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.0.users
    }

    /// Whether the document has members, so claims to be of a root folder (R2-MD-16, R2-MD-17).
    #[must_use]
    pub fn is_root(&self) -> bool {
        !self.0.users.is_empty()
    }

    /// Entries that strangers left in a file drop. No signature covers them.
    #[must_use]
    pub fn filedrop(&self) -> &BTreeMap<String, filedrop::Entry> {
        &self.0.filedrop
    }

    /// The document as JSON text, canonical, for the field `metaData`.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_json_as(Layout::Canonical)
    }

    /// The document as JSON text of another layout. Signatures stay valid.
    #[must_use]
    pub fn to_json_as(&self, layout: Layout) -> String {
        layout.text(&self.0.value)
    }

    /// The document as received, members unknown to this crate included.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// What the signature covers; see [`canonical_json::signed_content`].
    #[must_use]
    pub fn signed_content(&self) -> String {
        canonical_json::signed_content(&self.0.value)
    }

    /// Opens the metadata key with the entry of this user (R2-VER-02).
    ///
    /// # Errors
    /// [`Error::NoEntryFor`], [`Error::Base64`], [`Error::Unwrap`] or [`Error::KeyLength`].
    pub fn unwrap_key(&self, user_id: &str, key: &PrivateKey) -> Result<MetadataKey, Error> {
        let user = self.0.users.iter().find(|user| user.user_id == user_id);
        user.ok_or_else(|| Error::NoEntryFor { user_id: user_id.to_owned() })?.unwrap_key(key)
    }

    /// Decrypts the contents with the default limits. That they can be trusted is a question for
    /// [`trust::judge`](crate::trust::judge).
    ///
    /// # Errors
    /// [`Error::Authentication`] when the key is another one or the ciphertext was changed; [`Error::Gzip`],
    /// [`Error::Json`], [`Error::Member`] or [`Error::TooLarge`] when something odd was sealed. A single
    /// misshapen file entry is no error; see [`Contents::damaged`].
    pub fn open(&self, key: &MetadataKey) -> Result<Contents, Error> {
        self.open_with(key, &Limits::default())
    }

    /// Decrypts the contents with other limits.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(&self, key: &MetadataKey, limits: &Limits) -> Result<Contents, Error> {
        let plain = self.0.metadata.open(key.as_bytes(), WHAT, limits.inflated_bytes)?;
        Contents::from_json(&plain, limits)
    }

    /// Whether the member `authenticationTag` is missing or not the tag at the end of the ciphertext. Most
    /// clients ignore the member.
    #[must_use]
    pub fn tag_differs(&self) -> bool {
        self.0.metadata.tag_differs()
    }

    pub(crate) fn from_value(value: Value, limits: &Limits) -> Result<Self, Error> {
        let members = Members::of(&value, "")?;
        let version = version(members)?;
        let metadata = members.get("metadata").ok_or_else(|| Error::member("metadata", "an object"))?;
        let metadata = Envelope::read(Members::of(metadata, "metadata")?)?;
        let users = members.array("users", limits.entries)?.iter().map(User::from_json);
        let users = users.collect::<Result<_, _>>()?;
        let filedrop = members.map("filedrop", limits.entries)?.into_iter().flatten();
        let filedrop = filedrop.map(|(id, entry)| (id.clone(), filedrop::Entry::from_value(entry.clone())));
        Ok(Self(Arc::new(Parsed { version, users, filedrop: filedrop.collect(), metadata, value })))
    }

    /// A copy in which one member is another.
    fn altered(&self, member: &str, to: Value) -> Parsed {
        let mut parsed = Parsed::clone(&self.0);
        if let Value::Object(members) = &mut parsed.value {
            members.insert(member.to_owned(), to);
        }
        parsed
    }
}

/// The same document with other users, which an attacker can make without the metadata key. A signature made
/// before does not fit it.
#[must_use]
pub fn with_users(document: &Document, users: Vec<User>) -> Document {
    let mut parsed = document.altered("users", users.iter().map(User::to_json).collect());
    parsed.users = users;
    Document(Arc::new(parsed))
}

/// The same document with other filedrop entries, as the server makes it; signatures stay valid.
#[must_use]
pub fn with_filedrop(document: &Document, filedrop: BTreeMap<String, filedrop::Entry>) -> Document {
    let entries = filedrop.iter().map(|(id, entry)| (id.clone(), entry.value().clone()));
    let mut parsed = document.altered("filedrop", Value::Object(entries.collect::<Map<_, _>>()));
    parsed.filedrop = filedrop;
    Document(Arc::new(parsed))
}

/// 1.x documents have their version, a number, inside `metadata`.
fn version(members: Members<'_>) -> Result<Version, Error> {
    match members.get("version") {
        Some(Value::String(text)) => text.parse(),
        Some(other) => Err(Error::UnknownVersion { found: shortened(other) }),
        None => {
            let inner = members.get("metadata").and_then(|metadata| metadata.get("version"));
            let found =
                inner.map_or("none".to_owned(), |version| format!("metadata.version {}", shortened(version)));
            Err(Error::UnknownVersion { found })
        }
    }
}
