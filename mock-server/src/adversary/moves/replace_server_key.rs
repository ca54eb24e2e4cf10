use std::collections::BTreeMap;

use e2ee_reference::authority::Authority;
use e2ee_reference::certificate::Certificate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// `GET server-key` answers something else (ATK-CERT-01): by default a key that has certified nobody. Certificates stay
/// as they are, so a client that checks them against the new key finds none of them issued by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceServerKey {
    /// What is answered.
    #[serde(default, skip_serializing_if = "ServerKeyForm::is_other")]
    pub with: ServerKeyForm,
}

/// What stands in the place of the server key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerKeyForm {
    /// Another public key.
    #[default]
    Other,
    /// Another public key, which has signed the certificates that `GET public-key` answers, over the users' own keys.
    Reissuing,
    /// No text.
    Empty,
    /// A public key in PEM that holds no key.
    Garbage,
    /// A private key in PEM.
    PrivateKey,
}

impl ServerKeyForm {
    fn is_other(&self) -> bool {
        *self == Self::Other
    }
}

const GARBAGE: &str = "-----BEGIN PUBLIC KEY-----\nbm90aGluZyBhdCBhbGwgdGhhdCBpcyBhIGtleQ==\n-----END PUBLIC KEY-----\n";

impl Play for ReplaceServerKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let key = stage.attacker.make_up_private_key()?;
        let server_key = match self.with {
            ServerKeyForm::Other | ServerKeyForm::Reissuing => key.public_key().to_pem(),
            ServerKeyForm::Empty => String::new(),
            ServerKeyForm::Garbage => GARBAGE.to_owned(),
            ServerKeyForm::PrivateKey => key.to_pem().to_string(),
        };
        let mut certificates = BTreeMap::new();
        if self.with == ServerKeyForm::Reissuing {
            let authority = Authority::from_private_key(key);
            for user in stage.model.user_ids() {
                let Ok(pem) = stage.certificate_of(user) else { continue };
                let held = Certificate::from_pem(&pem)?;
                let reissued = authority.certify_public(user, held.public_key(), stage.now)?;
                certificates.insert(user.to_owned(), reissued.to_pem());
            }
        }
        Ok(Some(Box::new(OtherServerKey { server_key, certificates })))
    }
}

struct OtherServerKey {
    server_key: String,
    /// By user id.
    certificates: BTreeMap<String, String>,
}

impl Lie for OtherServerKey {
    fn name(&self) -> &'static str {
        "replace_server_key"
    }

    fn server_key(&self, _: &Asker, _: String) -> String {
        self.server_key.clone()
    }

    fn certificate(&self, _: &Asker, of: &str, honest: Option<String>) -> Option<String> {
        self.certificates.get(of).cloned().or(honest)
    }
}
