use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::backend::backend;
use e2ee_reference::metadata::{Document, MetadataKey, Recipient, User};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::member::Member;
use crate::adversary::stage::Stage;

/// A corrupted member replaces what is wrapped for somebody, and signs (ATK-ORACLE-01): who unwraps it must not show how
/// far he has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rewrap {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The member's user id; [`Corrupt`](super::Corrupt) has come before.
    pub by: String,
    /// The member whose wrapped key is replaced.
    pub of: String,
    /// By what.
    pub how: Wrapped,
}

/// What takes the place of a wrapped metadata key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wrapped {
    /// Nothing: it stays, in a document that is signed anew.
    Kept,
    /// A number of the right size that was never padded.
    Unpadded,
    /// Padded as it should be, and too short for a key.
    Short,
    /// Another key, wrapped as it should be.
    OtherKey,
}

impl Play for Rewrap {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let member = Member::of(stage, &self.folder, &self.by)?;
        let certificate = member.root.member(&self.of)?.certificate()?;
        let recipient = Recipient { user_id: self.of.clone(), certificate };
        let wrapped = match self.how {
            Wrapped::Kept => None,
            // Below every modulus of this length.
            Wrapped::Unpadded => Some(STANDARD.encode([0x41; 256])),
            Wrapped::Short => {
                Some(STANDARD.encode(backend().oaep_wrap(recipient.certificate.public_key(), b"short")?))
            }
            Wrapped::OtherKey => {
                Some(User::wrap(&recipient, &MetadataKey::generate())?.encrypted_metadata_key)
            }
        };
        let mut document = member.writes(stage.now)?.document.parse::<serde_json::Value>().unwrap_or_default();
        let entries = document["users"].as_array_mut().into_iter().flatten();
        for entry in entries.filter(|entry| entry["userId"] == self.of.as_str()) {
            if let Some(wrapped) = &wrapped {
                entry["encryptedMetadataKey"] = wrapped.as_str().into();
            }
        }
        let signed = member.signs(&Document::parse(&document.to_string())?, stage.now)?;
        let counter = Some(member.contents.counter);
        Ok(Some(Box::new(stage.publish("rewrap", &member.root, signed, counter))))
    }
}
