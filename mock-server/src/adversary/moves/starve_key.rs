use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata::{MetadataKey, with_users};
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// A corrupted member seals the metadata under a key of zeros and gives nobody a wrapped key (ATK-META-03). A client that
/// takes a missing key for an empty one writes what everybody can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarveKey {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The member's user id; [`Corrupt`](super::Corrupt) has come before.
    pub by: String,
}

impl Play for StarveKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        let certificate: Certificate = root.member(&self.by)?.certificate()?;
        let key = stage.attacker.corrupted(&self.by)?.clone();
        let mut contents = root.document.open(&root.document.unwrap_key(&self.by, &key)?)?;
        let zeros = MetadataKey::from_bytes([0; 16]);
        contents.counter = contents.counter.saturating_add(1);
        contents.key_checksums.push(zeros.checksum());
        let mut users = root.document.users().to_vec();
        users.iter_mut().for_each(|user| user.encrypted_metadata_key.clear());
        let document = with_users(&forge::reseal(&root.document, &contents, &zeros)?, users);
        let signed = forge::signed(&document, &certificate, &key, stage.now)?;
        stage.attacker.hold_metadata_key(&self.folder, "sixteen zero bytes", zeros);
        Ok(Some(Box::new(stage.publish("starve_key", &root, signed, Some(contents.counter)))))
    }
}
