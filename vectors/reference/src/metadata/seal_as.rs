//! Making documents in the manner of a client.

use serde_json::{Value, json};

use super::seal::{document, wrapped_for};
use super::{Contents, Document, MetadataKey, Recipient, Version};
use crate::dialect::{Dialect, MetadataForm, SubfolderChecksums, SubfolderUsers};
use crate::error::Error;
use crate::random;

/// As [`seal_root`](super::seal_root), in the manner of a client.
///
/// # Errors
/// As [`seal_root`](super::seal_root).
pub fn seal_root_as(
    contents: &Contents,
    key: &MetadataKey,
    recipients: &[Recipient],
    version: Version,
    dialect: &Dialect,
) -> Result<Document, Error> {
    let form = &dialect.metadata;
    let mut inner = inner_as(contents, form);
    inner["keyChecksums"] = history(contents, form).into();
    let users = Some(wrapped_for(recipients, key)?);
    document(&inner, key, version, &form.nonce.random(), form.nonce_suffix, users)
}

/// As [`seal_subfolder`](super::seal_subfolder), in the manner of a client.
///
/// # Errors
/// As [`seal_subfolder`](super::seal_subfolder).
pub fn seal_subfolder_as(
    contents: &Contents,
    key: &MetadataKey,
    version: Version,
    dialect: &Dialect,
) -> Result<Document, Error> {
    let form = &dialect.metadata;
    let mut inner = inner_as(contents, form);
    match form.subfolder_checksums {
        SubfolderChecksums::AsGiven => inner["keyChecksums"] = history(contents, form).into(),
        SubfolderChecksums::Absent => remove(&mut inner, "keyChecksums"),
        SubfolderChecksums::Empty => inner["keyChecksums"] = json!([]),
        SubfolderChecksums::OfUnusedKey => {
            inner["keyChecksums"] = json!([MetadataKey::generate().checksum()])
        }
    }
    let users = match form.subfolder_users {
        SubfolderUsers::Absent => None,
        SubfolderUsers::Empty => Some(Vec::new()),
    };
    document(&inner, key, version, &form.nonce.random(), form.nonce_suffix, users)
}

fn inner_as(contents: &Contents, form: &MetadataForm) -> Value {
    let mut inner = contents.to_value();
    if !contents.deleted && !form.deleted_when_false {
        remove(&mut inner, "deleted");
    }
    inner
}

fn remove(inner: &mut Value, name: &str) {
    if let Value::Object(members) = inner {
        members.remove(name);
    }
}

/// The checksums of metadata keys in the client's order.
fn history(contents: &Contents, form: &MetadataForm) -> Vec<String> {
    let mut checksums = contents.key_checksums.clone();
    if form.shuffled_checksums {
        checksums.sort_by_cached_key(|_| random::array::<8>());
    }
    checksums
}
