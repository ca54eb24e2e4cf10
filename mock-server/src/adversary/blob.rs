//! Private-key blobs: their parts, and the lie that tells another one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::MoveError;
use super::lie::{Asker, Lie};
use super::stage::Stage;
use crate::model::{KeyOwner, Model};

/// Length of the authentication tag at the end of the first part.
pub(super) const TAG: usize = 16;

/// What a blob consists of. Nothing in it says how its key is derived from the mnemonic.
pub(super) struct BlobParts {
    /// Ciphertext and authentication tag.
    pub(super) sealed: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) salt: Vec<u8>,
}

impl BlobParts {
    /// The parts of a blob as clients write it today; the error names the member of the move that says whose it is.
    pub(super) fn of(blob: &str) -> Result<Self, MoveError> {
        let parts: Option<Vec<Vec<u8>>> = blob.split('|').map(|part| STANDARD.decode(part).ok()).collect();
        match parts.map(<[Vec<u8>; 3]>::try_from) {
            Some(Ok([sealed, nonce, salt])) => Ok(Self { sealed, nonce, salt }),
            _ => Err(unfit()),
        }
    }

    /// The authentication tag, and the ciphertext before it.
    pub(super) fn tag(&self) -> Result<(&[u8], &[u8]), MoveError> {
        let ciphertext = self.sealed.len().checked_sub(TAG).ok_or_else(unfit)?;
        let (ciphertext, tag) = self.sealed.split_at(ciphertext);
        Ok((tag, ciphertext))
    }

    /// A blob of all parts as clients write it today.
    pub(super) fn joined(&self) -> String {
        joined(&[&self.sealed, &self.nonce, &self.salt], "|")
    }
}

/// Parts in base64 with something between them.
pub(super) fn joined(parts: &[&[u8]], separator: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|part| STANDARD.encode(part)).collect();
    parts.join(separator)
}

/// The error for a blob that is too strange to be forged.
pub(super) fn unfit() -> MoveError {
    MoveError::OutOfRange { member: "of", expected: "expected a user with a blob of three parts in base64" }
}

/// The blob that a user had stored in this state.
pub(super) fn stored(model: &Model, user: &str) -> Result<String, MoveError> {
    let blob = model.private_key(KeyOwner::User(user)).map(str::to_owned);
    blob.ok_or_else(|| MoveError::UnknownUser(user.to_owned()))
}

impl Stage<'_> {
    /// The blob that a user has stored.
    pub(super) fn blob_of(&self, user: &str) -> Result<String, MoveError> {
        stored(self.model, user)
    }
}

/// A user is told another blob than he has stored.
pub(super) struct OtherBlob {
    /// The move's name.
    pub(super) by: &'static str,
    pub(super) of: String,
    pub(super) told: String,
}

impl Lie for OtherBlob {
    fn name(&self) -> &'static str {
        self.by
    }

    fn private_key(&self, told_to: &Asker, honest: Option<String>) -> Option<String> {
        if told_to.user.as_ref() == Some(&self.of) { Some(self.told.clone()) } else { honest }
    }
}
