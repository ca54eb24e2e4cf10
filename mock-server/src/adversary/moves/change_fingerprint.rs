use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// The property `oc:data-fingerprint` changes, as it does when an operator has restored the server from a backup
/// (ATK-DEL-04). Nothing else does: what is missing or older has to be so by another move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeFingerprint {
    /// The new fingerprint; honest servers have none until they are restored.
    pub to: String,
}

impl Play for ChangeFingerprint {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        Ok(Some(Box::new(Fingerprint(self.to.clone()))))
    }
}

struct Fingerprint(String);

impl Lie for Fingerprint {
    fn name(&self) -> &'static str {
        "change_fingerprint"
    }

    fn data_fingerprint(&self, _: &Asker, _: String) -> String {
        self.0.clone()
    }
}
