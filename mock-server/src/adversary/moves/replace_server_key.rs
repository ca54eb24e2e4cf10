use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// `GET server-key` answers a key that has certified nobody (ATK-CERT-01, variant b). Certificates stay as they
/// are, so a client that checks them against the new key finds none of them issued by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceServerKey {}

impl Play for ReplaceServerKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let server_key = stage.attacker.make_up_private_key()?.public_key().to_pem();
        Ok(Some(Box::new(OtherServerKey { server_key })))
    }
}

struct OtherServerKey {
    server_key: String,
}

impl Lie for OtherServerKey {
    fn name(&self) -> &'static str {
        "replace_server_key"
    }

    fn server_key(&self, _: &Asker, _: String) -> String {
        self.server_key.clone()
    }
}
