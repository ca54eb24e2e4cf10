use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// A removed member signs himself back in (ATK-SIG-06): the contents that he could read last, under the metadata
/// key of then, which is given to the present members and to himself again, with the counter one ahead. He was a
/// genuine member once, with a genuine certificate; what he cannot know is the metadata key of now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadmitMember {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The removed member's user id; [`Corrupt`](super::Corrupt) has come while he was still a member.
    pub user: String,
}

impl Play for ReadmitMember {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        root.refuse_member(&self.user)?;
        let key = stage.attacker.corrupted(&self.user)?.clone();
        let certificate = Certificate::from_pem(&stage.certificate_of(&self.user)?)?;
        let seen = stage.attacker.seen(root.folder, &self.user).ok_or_else(|| {
            MoveError::MetadataKeyNotHeld { user: self.user.clone(), folder: self.folder.clone() }
        })?;
        let (metadata_key, mut contents) = (seen.metadata_key.clone(), seen.contents.clone());
        contents.counter = contents.counter.max(stage.counter(root.folder)).saturating_add(1);

        let mut recipients = root.recipients()?;
        recipients.push(metadata::Recipient { user_id: self.user.clone(), certificate: certificate.clone() });
        let document = metadata::seal_root(&contents, &metadata_key, &recipients, root.document.version())?;
        let signed = forge::signed(&document, &certificate, &key, stage.now)?;
        Ok(Some(Box::new(stage.publish("readmit_member", &root, signed, Some(contents.counter)))))
    }
}
