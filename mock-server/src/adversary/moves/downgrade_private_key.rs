use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::dialect::{Dialect, PrivateKeyForm, Separator};
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{self, Computed, Kdf};
use e2ee_reference::random;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Play;
use crate::adversary::blob::{BlobParts, OtherBlob, joined, stored};
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// `GET private-key` answers a blob that leads a reader to a weaker derivation of its key, or to a layout of former
/// years (ATK-KEY-03, ATK-KEY-04). No blob says how its key is derived: readers try one function after the other. The
/// attacker knows no mnemonic, so it can write the same bytes otherwise, tell what the user himself had sealed before,
/// or tell what opens with nobody's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DowngradePrivateKey {
    /// The user whose blob is told so.
    pub of: String,
    /// What is told.
    pub to: WeakerBlob,
    /// The name that was given to [`Snapshot`](super::Snapshot), with `replayed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
}

/// What a reader is led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeakerBlob {
    /// The blob of a snapshot, which the user may have sealed with fewer rounds, or around another key.
    Replayed,
    /// Three parts, joined by `fA==` as clients of 1.x did. It opens.
    Separator,
    /// The salt is left out, and the rest joined by `fA==`: then readers take the salt of 2017, which everybody knows,
    /// and SHA-1.
    StaticSalt,
    /// The nonce is prolonged by four zeros to 16 bytes, as they were until 2025. It opens for those who cut it.
    LongNonce,
    /// The authentication tag is cut to 12 bytes, which former readers took for it and did not check.
    ShortTag,
    /// The parts are members of JSON, the authentication tag one of its own. It opens for those who read that.
    Members,
    /// A key of the attacker's, sealed with 1,024 rounds of SHA-1 under words that nobody has.
    Unopenable,
}

/// What is left of the authentication tag when 16 characters of base64 are taken for it, in bytes.
const SHORT_TAG: usize = 12;
/// By how much older nonces are longer, in bytes.
const LONGER: usize = 4;

impl Play for DowngradePrivateKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let own = stage.blob_of(&self.of)?;
        let told = match (self.to, &self.as_of) {
            (WeakerBlob::Replayed, Some(name)) => stored(stage.attacker.snapshot(name)?, &self.of)?,
            (WeakerBlob::Replayed, None) | (_, Some(_)) => {
                let expected = "expected a snapshot with `replayed`, and none otherwise";
                return Err(MoveError::OutOfRange { member: "as_of", expected });
            }
            (WeakerBlob::Unopenable, None) => unopenable(stage, &own)?,
            (to, None) => rewritten(&BlobParts::of(&own)?, to)?,
        };
        Ok(Some(Box::new(OtherBlob { by: "downgrade_private_key", of: self.of.clone(), told })))
    }
}

/// The same bytes otherwise.
fn rewritten(parts: &BlobParts, to: WeakerBlob) -> Result<String, MoveError> {
    let (tag, ciphertext) = parts.tag()?;
    let BlobParts { sealed, nonce, salt } = parts;
    let older = Separator::EncodedBar.as_str();
    Ok(match to {
        WeakerBlob::StaticSalt => joined(&[sealed, nonce], older),
        WeakerBlob::LongNonce => {
            let nonce = [&nonce[..], &[0; LONGER]].concat();
            BlobParts { sealed: sealed.clone(), nonce, salt: salt.clone() }.joined()
        }
        WeakerBlob::ShortTag => joined(&[&[ciphertext, &tag[..SHORT_TAG]].concat(), nonce, salt], "|"),
        WeakerBlob::Members => {
            let [ciphertext, tag, nonce, salt] = [ciphertext, tag, nonce, salt].map(|it| STANDARD.encode(it));
            json!({ "encryptedKey": ciphertext, "authenticationTag": tag, "nonce": nonce, "salt": salt })
                .to_string()
        }
        WeakerBlob::Separator | WeakerBlob::Replayed | WeakerBlob::Unopenable => {
            joined(&[sealed, nonce, salt], older)
        }
    })
}

/// With the salt that the owner has chosen, which the server knows, if the blob has one.
fn unopenable(stage: &mut Stage<'_>, own: &str) -> Result<String, MoveError> {
    let form = PrivateKeyForm { kdf: Kdf::Sha1Rounds1024, ..Dialect::SPECIFIED.private_key };
    let key = stage.attacker.make_up_private_key()?;
    let salt = BlobParts::of(own).ok().and_then(|parts| parts.salt.try_into().ok());
    let (words, salt) = (Mnemonic::generate(), salt.unwrap_or_else(random::array));
    Ok(private_key_blob::seal_as(&key, &words, &salt, &Computed, &form)?)
}
