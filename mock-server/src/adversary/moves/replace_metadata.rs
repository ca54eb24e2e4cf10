use std::collections::BTreeMap;

use e2ee_reference::authority;
use e2ee_reference::metadata::{self, Contents, MetadataKey, Recipient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// The server writes the metadata itself (ATK-META-01, ATK-SIG-01): under a metadata key of its choice, wrapped to
/// the real members with the certificates that stand in `users`, the counter far ahead, the checksum of that one
/// key, and a single file of its own, whose bytes lie in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceMetadata {
    /// The path of an encrypted folder.
    pub folder: String,
    /// Who signs.
    pub signer: Signer,
    /// The clear name of the file.
    pub plants: String,
    /// Whether the metadata say that the folder is deleted (ATK-DEL-03).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// Who signs metadata that the server has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signer {
    /// A phantom with a certificate of the instance, who stands in `users` after the real members.
    Phantom,
    /// Apparently the first real member: the signature carries a self-made certificate with the issuer and the
    /// serial number of that member's, and another key. `users` has real members only.
    Forged,
    /// The same, but for the serial number, which is that of no member's.
    ForgedWithOtherSerial,
}

/// How far the counter is ahead of the one that the server was told last.
const AHEAD: u64 = 1000;
/// The phantom's user id.
const PHANTOM: &str = "phantom";

/// Serial numbers of an instance's certificates are small.
const OTHER_SERIAL: u32 = 0x5eed;

impl Play for ReplaceMetadata {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        let forgery = forge::file(&self.plants)?;
        let metadata_key = MetadataKey::generate();
        let counter = stage.counter(root.folder).saturating_add(AHEAD);
        let contents = Contents {
            key_checksums: vec![metadata_key.checksum()],
            counter,
            deleted: self.deleted,
            files: BTreeMap::from([(forgery.file_id.clone(), forgery.entry.clone())]),
            ..Contents::default()
        };

        let mut recipients = root.recipients()?;
        let (certificate, key) = match self.signer {
            Signer::Phantom => {
                let phantom = stage.phantom(PHANTOM)?;
                recipients.retain(|recipient| recipient.user_id != PHANTOM);
                let certificate = phantom.certificate.clone();
                recipients.push(Recipient { user_id: PHANTOM.to_owned(), certificate });
                (phantom.certificate, phantom.key)
            }
            Signer::Forged | Signer::ForgedWithOtherSerial => {
                let key = stage.attacker.make_up_private_key()?;
                let victim = recipients.first().ok_or_else(|| root.unexpected("`users` is empty"))?;
                let forged = match self.signer {
                    Signer::ForgedWithOtherSerial => {
                        authority::self_made_numbered(&victim.certificate, OTHER_SERIAL, &key, stage.now)?
                    }
                    _ => authority::self_made(&victim.certificate, &key, stage.now)?,
                };
                (forged, key)
            }
        };
        let document = metadata::seal_root(&contents, &metadata_key, &recipients, root.document.version())?;
        let signed = forge::signed(&document, &certificate, &key, stage.now)?;

        stage.attacker.hold_metadata_key(&self.folder, "chosen by replace_metadata", metadata_key);
        let file = stage.plant("replace_metadata", &root, forgery)?;
        let work = stage.publish("replace_metadata", &root, signed, Some(counter));
        Ok(Some(Box::new(work.file(file))))
    }
}
