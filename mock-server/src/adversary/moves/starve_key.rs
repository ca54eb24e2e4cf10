use e2ee_reference::metadata::{MetadataKey, with_users};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::Lie;
use crate::adversary::member::Member;
use crate::adversary::stage::Stage;

/// A corrupted member seals the metadata under a key of zeros and gives nobody a wrapped key (ATK-META-03). A client that
/// takes a missing key for an empty one writes what everybody can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StarveKey {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The member's user id; [`Corrupt`](super::Corrupt) has come before.
    pub by: String,
}

impl Play for StarveKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let mut member = Member::of(stage, &self.folder, &self.by)?;
        let zeros = MetadataKey::from_bytes([0; 16]);
        member.contents.key_checksums.push(zeros.checksum());
        let mut users = member.root.document.users().to_vec();
        users.iter_mut().for_each(|user| user.encrypted_metadata_key.clear());
        let document = with_users(&forge::reseal(&member.root.document, &member.contents, &zeros)?, users);
        let signed = member.signs(&document, stage.now)?;
        stage.attacker.hold_metadata_key(&self.folder, "sixteen zero bytes", zeros);
        Ok(Some(Box::new(stage.publish("starve_key", &member.root, signed, Some(member.contents.counter)))))
    }
}
