use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;
use crate::model::KeyOwner;

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

/// Length of the authentication tag at the end of the first part.
const TAG: usize = 16;

impl Play for ReplacePrivateKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let stored = |user: &str| {
            let blob = stage.model.private_key(KeyOwner::User(user)).map(str::to_owned);
            blob.ok_or_else(|| MoveError::UnknownUser(user.to_owned()))
        };
        let own = stored(&self.of)?;
        let told = match (self.how, &self.from) {
            (BlobForgery::OfAnother, Some(other)) => stored(other)?,
            (BlobForgery::OfAnother, None) | (_, Some(_)) => {
                let expected = "expected a user with `of_another`, and none otherwise";
                return Err(MoveError::OutOfRange { member: "from", expected });
            }
            (how, None) => forged(&own, how).ok_or(MoveError::OutOfRange {
                member: "of",
                expected: "expected a user with a blob of three parts in base64",
            })?,
        };
        Ok(Some(Box::new(OtherBlob { of: self.of.clone(), told })))
    }
}

fn forged(blob: &str, how: BlobForgery) -> Option<String> {
    let parts: Option<Vec<Vec<u8>>> = blob.split('|').map(|part| STANDARD.decode(part).ok()).collect();
    let [mut key, mut nonce, mut salt] = <[Vec<u8>; 3]>::try_from(parts?).ok()?;
    match how {
        BlobForgery::Ciphertext => *key.first_mut()? ^= 1,
        BlobForgery::Tag => *key.last_mut()? ^= 1,
        BlobForgery::NoTag => key.truncate(key.len().checked_sub(TAG)?),
        BlobForgery::Nonce => *nonce.first_mut()? ^= 1,
        BlobForgery::Salt => *salt.first_mut()? ^= 1,
        BlobForgery::Reordered => (key, nonce, salt) = (salt, key, nonce),
        BlobForgery::Junk => return Some("no blob".to_owned()),
        BlobForgery::Empty | BlobForgery::OfAnother => return Some(String::new()),
    }
    Some([key, nonce, salt].map(|part| STANDARD.encode(part)).join("|"))
}

struct OtherBlob {
    of: String,
    told: String,
}

impl Lie for OtherBlob {
    fn name(&self) -> &'static str {
        "replace_private_key"
    }

    fn private_key(&self, told_to: &Asker, honest: Option<String>) -> Option<String> {
        if told_to.user.as_ref() == Some(&self.of) { Some(self.told.clone()) } else { honest }
    }
}
