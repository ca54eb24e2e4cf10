//! Files that somebody without an account left in a root folder (R2-MD-14).
//!
//! Anyone can make an entry, the server included, and no signature covers it: a client must treat what it
//! finds here as a stranger's, and an entry that does not open must not spoil the folder.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::backend::backend;
use crate::canonical_json;
use crate::envelope::Envelope;
use crate::error::Error;
use crate::identity::PrivateKey;
use crate::json::{self, Members};
use crate::metadata::{FileEntry, Limits, Recipient, file_from_json, file_to_json, new_nonce, wrap};
use crate::secret::key_type;

const WHAT: &str = "filedrop entry";

key_type! {
    /// The AES-128 key of one entry.
    FiledropKey, "filedrop key"
}

/// One entry, not looked into before it is opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry(Value);

impl Entry {
    /// An entry as it stands in a document, or something else.
    #[must_use]
    pub fn from_value(value: Value) -> Self {
        Self(value)
    }

    /// The entry as it stands in a document.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The ids of the users for whom the entry is.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        let users = self.0.get("users").and_then(Value::as_array);
        users.into_iter().flatten().filter_map(|user| user.get("userId")?.as_str())
    }

    /// Opens the entry with the user's own key, wherever in `users` it stands.
    ///
    /// # Errors
    /// [`Error::NoEntryFor`], [`Error::Unwrap`], [`Error::Authentication`], or one that tells which member
    /// is misshapen. Chunked entries of the web client are such.
    pub fn open(&self, user_id: &str, key: &PrivateKey) -> Result<FileEntry, Error> {
        self.open_with(user_id, key, &Limits::default())
    }

    /// [`Entry::open`] with other bounds.
    ///
    /// # Errors
    /// As [`Entry::open`].
    pub fn open_with(&self, user_id: &str, key: &PrivateKey, limits: &Limits) -> Result<FileEntry, Error> {
        let members = Members::of(&self.0, WHAT)?;
        let envelope = Envelope::read(members)?;
        let key = self.unwrap_key(members.array("users", limits.entries)?, user_id, key)?;
        let plain = envelope.open(key.as_bytes(), WHAT, limits.inflated_bytes)?;
        file_from_json(&json::parse(&plain, WHAT, limits.depth)?)
    }

    fn unwrap_key(&self, users: &[Value], user_id: &str, key: &PrivateKey) -> Result<FiledropKey, Error> {
        let own = users.iter().find(|user| user.get("userId").and_then(Value::as_str) == Some(user_id));
        let own = own.ok_or_else(|| Error::NoEntryFor { user_id: user_id.to_owned() })?;
        let wrapped = Members::of(own, "filedrop entry: users")?.base64("encryptedFiledropKey")?;
        FiledropKey::from_slice(&Zeroizing::new(backend().oaep_unwrap(key, &wrapped)?))
    }
}

/// Seals a file's entry for all members of a folder (R2-FD-01), with a new filedrop key and a 12-byte nonce.
///
/// # Errors
/// [`Error::Backend`] when a certificate holds an unusable key.
pub fn seal(entry: &FileEntry, recipients: &[Recipient]) -> Result<Entry, Error> {
    let key = FiledropKey::generate();
    let plain = canonical_json::to_string(&file_to_json(entry));
    let mut members = Envelope::seal(key.as_bytes(), &new_nonce(), plain.as_bytes())?;
    let users = recipients.iter().map(|recipient| {
        let wrapped = wrap(recipient.certificate.public_key(), key.as_bytes())?;
        Ok(json!({ "userId": recipient.user_id, "encryptedFiledropKey": wrapped }))
    });
    members.insert("users".to_owned(), users.collect::<Result<Value, Error>>()?);
    Ok(Entry(Value::Object(members)))
}
