use e2ee_reference::metadata;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::attacker::Origin;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::{Asker, Lie, SignedMetadata};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// A member gets a new certificate that he never asked for (ATK-KEY-06, ATK-TOFU-01): issued by the instance for a
/// key of the attacker's, answered by `GET public-key` and put into the member's entry of `users`. The wrapped key
/// beside it is left, so the member can still read; the document is signed with the new key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwapMemberCertificate {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The member's user id.
    pub of: String,
}

impl Play for SwapMemberCertificate {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        root.member(&self.of)?;
        let key = stage.attacker.make_up_private_key()?;
        let certificate = stage.authority.certify(&self.of, &key, stage.now)?;
        let pem = certificate.to_pem();

        let mut users = root.document.users().to_vec();
        for entry in users.iter_mut().filter(|entry| entry.user_id == self.of) {
            entry.certificate.clone_from(&pem);
        }
        let document = metadata::with_users(&root.document, users);
        let signed = forge::signed(&document, &certificate, &key, stage.now)?;
        let work = stage.publish("swap_member_certificate", &root, signed, None);
        stage.attacker.hold_private_key(&self.of, Origin::Substitute, key);
        Ok(Some(Box::new(Swapped { of: self.of.clone(), pem, work })))
    }
}

struct Swapped {
    of: String,
    pem: String,
    work: Handiwork,
}

impl Lie for Swapped {
    fn name(&self) -> &'static str {
        self.work.name()
    }

    fn certificate(&self, _: &Asker, of: &str, honest: Option<String>) -> Option<String> {
        if of == self.of { Some(self.pem.clone()) } else { honest }
    }

    fn made_metadata(&self, told_to: &Asker, folder: FileId, told: &SignedMetadata) -> bool {
        self.work.made_metadata(told_to, folder, told)
    }
}
