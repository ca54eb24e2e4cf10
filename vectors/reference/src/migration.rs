//! From metadata 1.x to 2.x: everything comes along, or nothing happens.

use serde_json::Value;

use crate::error::Error;
use crate::identity::PrivateKey;
use crate::metadata::{Contents, MAX_COUNTER, MetadataKey};
use crate::metadata_v1::{self, Version, take_in};

/// The document to migrate, and what it takes to open and to check it.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The document of 1.0, 1.1 or 1.2.
    pub document: &'a metadata_v1::Document,
    /// The user's private key.
    pub private_key: &'a PrivateKey,
    /// The mnemonic, blanks or not; `None` when the device does not keep it. Then the checksum of 1.2 can only
    /// be seen to be there.
    pub mnemonic: Option<&'a str>,
}

/// What a folder has become.
#[derive(Debug, Clone, PartialEq)]
pub struct Migrated {
    /// The contents, to be sealed as those of a root folder or of a subfolder.
    pub contents: Contents,
    /// The recipients of a shared 1.0 folder, whom 2.x cannot name without their certificates: the user has to
    /// add them again.
    pub sharing: Option<Value>,
}

/// The contents of 2.x for a document of 1.x (ROB-MIG-01): mimetypes of directories become folders, dropped
/// files become files, nonces and file keys stay as the stored files have them.
///
/// `key` is the new metadata key of the root folder, used for its subfolders too; each of them is migrated by
/// itself. `stored_counter` is what the server has for this folder, 0 if it was never locked with one; the
/// contents get its successor. Names are not judged here: [`trust::judge`](crate::trust::judge) does that
/// with the new document, as with any.
///
/// # Errors
/// Nothing is left out, so whatever cannot be taken along is an error:
/// [`Error::Checksum`] when a 1.2 document is not bound to the mnemonic (ATK-DOWN-03);
/// [`Error::DamagedEntry`] for a file or a filedrop entry that cannot be read (ROB-META-02);
/// [`Error::EntryClash`] for a filedrop entry with the id of a file; [`Error::KeyReuse`] when `key` is the
/// document's own, which the server may have chosen; [`Error::Member`] when the counter is exhausted; and the
/// errors of opening.
pub fn migrate(source: &Source<'_>, key: &MetadataKey, stored_counter: u64) -> Result<Migrated, Error> {
    check(source)?;
    let keys = source.document.unwrap_keys(source.private_key)?;
    if keys.iter().any(|(_, old)| old == key) {
        return Err(Error::KeyReuse);
    }
    let mut old = source.document.open(&keys)?;
    old.intact()?;
    let left = take_in(&mut old, source.document.filedrop(), source.private_key, &keys);
    if let Some((id, error)) = left.into_iter().next() {
        return Err(match error {
            clash @ Error::EntryClash { .. } => clash,
            other => Error::damaged(&id, other),
        });
    }
    let counter = stored_counter.checked_add(1).filter(|counter| *counter <= MAX_COUNTER);
    let counter = counter.ok_or_else(|| Error::member("counter", "a number below 2^53 - 1"))?;
    let sharing = old.sharing.take();
    let (folders, files) = old.split(|id| source.document.filedrop().contains_key(id));
    let contents =
        Contents { key_checksums: vec![key.checksum()], counter, folders, files, ..Contents::default() };
    Ok(Migrated { contents, sharing })
}

fn check(source: &Source<'_>) -> Result<(), Error> {
    let document = source.document;
    let bound = match (document.version(), source.mnemonic) {
        (Version::V1_0 | Version::V1_1, _) => true,
        (Version::V1_2, Some(mnemonic)) => document.checksum_matches(mnemonic),
        (Version::V1_2, None) => !document.checksum().is_empty(),
    };
    if bound { Ok(()) } else { Err(Error::Checksum) }
}
