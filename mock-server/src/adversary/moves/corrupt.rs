use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::attacker::Seen;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;

/// A user is on the attacker's side from now on (ATK-SHARE-02, ATK-SIG-06): with his private key, which
/// [`Attacker::learn_private_key`](crate::adversary::Attacker::learn_private_key) has given, the attacker opens and
/// keeps all metadata that the user can read now. Nothing is falsified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Corrupt {
    /// The user id.
    pub user: String,
}

impl Play for Corrupt {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let key = stage.attacker.corrupted(&self.user)?.clone();
        for root in stage.roots() {
            let Ok(metadata_key) = root.document.unwrap_key(&self.user, &key) else { continue };
            let Ok(contents) = root.document.open(&metadata_key) else { continue };
            let origin = format!("read by the corrupted user `{}`", self.user);
            stage.attacker.hold_metadata_key(&root.path, &origin, metadata_key.clone());
            stage.attacker.remember(root.folder, &self.user, Seen { metadata_key, contents });
        }
        Ok(None)
    }
}
