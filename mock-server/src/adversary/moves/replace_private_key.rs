use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::blob::{BlobParts, OtherBlob, TAG, joined, unfit};
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// `GET private-key` answers another blob than the user has stored (ATK-KEY-03). The attacker knows no mnemonic: what opens
/// with it can only be what the user himself has sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplacePrivateKey {
    /// The user whose blob is replaced.
    pub of: String,
    /// What is told.
    pub how: BlobForgery,
    /// Whose blob is told with `of_another`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// What is told in the place of a private-key blob: ciphertext with its authentication tag, nonce and salt, each in base64,
/// joined by `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlobForgery {
    /// One bit of the ciphertext is flipped.
    Ciphertext,
    /// One bit of the authentication tag is flipped.
    Tag,
    /// The authentication tag is cut off.
    NoTag,
    /// One bit of the nonce is flipped.
    Nonce,
    /// One bit of the salt is flipped.
    Salt,
    /// Salt, ciphertext, nonce.
    Reordered,
    /// The blob of another user.
    OfAnother,
    /// Text that is no blob.
    Junk,
    /// Empty text.
    Empty,
}

impl Play for ReplacePrivateKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let own = stage.blob_of(&self.of)?;
        let told = match (self.how, &self.from) {
            (BlobForgery::OfAnother, Some(other)) => stage.blob_of(other)?,
            (BlobForgery::OfAnother, None) | (_, Some(_)) => {
                let expected = "expected a user with `of_another`, and none otherwise";
                return Err(MoveError::OutOfRange { member: "from", expected });
            }
            (how, None) => forged(&own, how)?,
        };
        Ok(Some(Box::new(OtherBlob { by: "replace_private_key", of: self.of.clone(), told })))
    }
}

fn forged(blob: &str, how: BlobForgery) -> Result<String, MoveError> {
    let mut parts = BlobParts::of(blob)?;
    let BlobParts { sealed, nonce, salt } = &mut parts;
    let first = |part: &mut Vec<u8>| part.first_mut().map(|byte| *byte ^= 1);
    let changed = match how {
        BlobForgery::Ciphertext => first(sealed),
        BlobForgery::Tag => sealed.last_mut().map(|byte| *byte ^= 1),
        BlobForgery::NoTag => sealed.len().checked_sub(TAG).map(|length| sealed.truncate(length)),
        BlobForgery::Nonce => first(nonce),
        BlobForgery::Salt => first(salt),
        BlobForgery::Reordered => return Ok(joined(&[salt, sealed, nonce], "|")),
        BlobForgery::Junk => return Ok("no blob".to_owned()),
        BlobForgery::Empty | BlobForgery::OfAnother => return Ok(String::new()),
    };
    changed.map(|()| parts.joined()).ok_or_else(unfit)
}
