use e2ee_reference::metadata;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// A member nobody added signs himself into the newest metadata (ATK-USERS-01): same ciphertext, nonce and tag,
/// so counter and key checksums stay right; one more entry in `users`, with a certificate of this instance and a
/// wrapped key that opens nothing; signed by the very phantom. Only the next key rotation would let him read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InsertPhantom {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The phantom's user id.
    pub user: String,
}

impl Play for InsertPhantom {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        root.refuse_member(&self.user)?;
        let phantom = stage.phantom(&self.user)?;

        let mut users = root.document.users().to_vec();
        users.push(forge::blind_member(&self.user, &phantom.certificate)?);
        let document = metadata::with_users(&root.document, users);
        let signed = forge::signed(&document, &phantom.certificate, &phantom.key, stage.now)?;
        Ok(Some(Box::new(stage.publish("insert_phantom", &root, signed, None))))
    }
}
