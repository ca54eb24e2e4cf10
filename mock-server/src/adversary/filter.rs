//! Letting only a part of what the attacker forges through.

use e2ee_reference::authority::Authority;
use serde_json::Value;

use super::lie::SignedMetadata;
use crate::model::Content;

/// Decides what of a forgery is let through. A reviewer finds the smallest change with it that an attack needs.
pub trait ForgeryFilter: Send + Sync {
    /// What is stored or told in the place of `forged`; `honest` is what it replaces.
    fn metadata(&self, honest: &SignedMetadata, forged: SignedMetadata) -> SignedMetadata;

    /// What is stored in the place of the file `forged`; `honest` is what it replaces, if there is a file already. `None`:
    /// all stays as it is.
    fn file(&self, place: Place<'_>, honest: Option<&Content>, forged: Content) -> Option<Content>;

    /// What is told in the place of `forged`: a value of the same kind as `honest`, which it replaces. `null` is nothing
    /// at all.
    fn told(&self, fact: Fact<'_>, honest: &Value, forged: Value) -> Value;
}

/// Where a forged file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The path of the folder in its owner's files.
    pub folder: &'a str,
    /// The file's name on the server.
    pub name: &'a str,
}

/// What a server states beside metadata and files.
#[derive(Debug, Clone, Copy)]
pub enum Fact<'a> {
    /// The value under `end-to-end-encryption` in the capabilities.
    Capabilities,
    /// The server key in PEM.
    ServerKey,
    /// The certificate in PEM of a user.
    Certificate {
        /// The user id.
        of: &'a str,
        /// Who certifies the users, so that what is left of a forgery can be certified again.
        authority: &'a Authority,
    },
    /// All certificates of an answer: an object of PEM by user id.
    Certificates,
    /// The private-key blob of the user who asks.
    PrivateKey,
    /// Whether there are metadata at all: an object, or `null`.
    Metadata,
    /// Whether a node is encrypted: a boolean, or `null` if that is not told.
    EncryptedFlag,
    /// What a listing says of a node beside that: an object.
    Listing,
    /// Whose root is listed: a user id.
    Root,
    /// The fingerprint of the server's data: a text.
    DataFingerprint,
    /// The token of a lock.
    LockToken,
}
