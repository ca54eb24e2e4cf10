use e2ee_reference::backend::backend;
use e2ee_reference::metadata::{MetadataKey, User, with_users};
use e2ee_reference::random;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::Lie;
use crate::adversary::member::Member;
use crate::adversary::stage::Stage;

/// A corrupted member seals the metadata under a key that is none, or no good any more (ATK-META-03). A client that takes a
/// missing key for an empty one writes what everybody can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StarveKey {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The member's user id; [`Corrupt`](super::Corrupt) has come before.
    pub by: String,
    /// What stands in the place of the wrapped metadata keys.
    #[serde(default, skip_serializing_if = "Starved::is_missing")]
    pub with: Starved,
}

/// What members are given in the place of a metadata key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Starved {
    /// Nothing: the metadata are sealed under zeros.
    #[default]
    Missing,
    /// A wrapped key of no bytes: the metadata are sealed under zeros.
    Empty,
    /// A wrapped key of 8 bytes: the metadata are sealed under them and 8 zeros.
    Short,
    /// The metadata key that the member could read when he was corrupted, wrapped as it should be (R2-SEC-02).
    Former,
}

impl Starved {
    fn is_missing(&self) -> bool {
        *self == Self::Missing
    }
}

const LENGTH: usize = 16;

impl Play for StarveKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let mut member = Member::of(stage, &self.folder, &self.by)?;
        let given = match self.with {
            Starved::Missing | Starved::Empty => Vec::new(),
            Starved::Short => random::array::<8>().to_vec(),
            Starved::Former => self.former(stage, &member)?.as_bytes().to_vec(),
        };
        let mut key = [0; LENGTH];
        key.iter_mut().zip(&given).for_each(|(octet, given)| *octet = *given);
        let key = MetadataKey::from_bytes(key);
        if !member.contents.key_checksums.contains(&key.checksum()) {
            member.contents.key_checksums.push(key.checksum());
        }
        let wrap = |user: &User| {
            let wrapped = match self.with {
                Starved::Missing => String::new(),
                _ => STANDARD.encode(backend().oaep_wrap(user.certificate()?.public_key(), &given)?),
            };
            Ok(User { encrypted_metadata_key: wrapped, ..user.clone() })
        };
        let users = member.root.document.users().iter().map(wrap).collect::<Result<Vec<_>, MoveError>>()?;
        let document = with_users(&forge::reseal(&member.root.document, &member.contents, &key)?, users);
        let signed = member.signs(&document, stage.now)?;
        stage.attacker.hold_metadata_key(&self.folder, "chosen by starve_key", key);
        Ok(Some(Box::new(stage.publish("starve_key", &member.root, signed, Some(member.contents.counter)))))
    }
}

impl StarveKey {
    fn former(&self, stage: &Stage<'_>, member: &Member) -> Result<MetadataKey, MoveError> {
        let seen = stage.attacker.seen(member.root.folder, &self.by);
        let key = seen.map(|seen| seen.metadata_key.clone()).filter(|key| *key != member.metadata_key);
        let (user, folder) = (self.by.clone(), self.folder.clone());
        key.ok_or(MoveError::MetadataKeyNotHeld { user, folder })
    }
}
