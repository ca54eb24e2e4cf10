use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Issuer, Play};
use crate::adversary::attacker::Origin;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// Every answer to `GET public-key` holds a certificate of this user, whomever it was asked for: one whose private key the
/// attacker holds (ATK-ADMIN-01). There need be no such user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddCertificate {
    /// The user id.
    pub of: String,
    /// Who has signed it.
    pub issued_by: Issuer,
}

impl Play for AddCertificate {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let key = stage.attacker.make_up_private_key()?;
        let pem = self.issued_by.certify(stage, &self.of, &key.public_key())?.to_pem();
        stage.attacker.hold_private_key(&self.of, Origin::Substitute, key);
        Ok(Some(Box::new(OneMore { of: self.of.clone(), pem })))
    }
}

struct OneMore {
    of: String,
    pem: String,
}

impl Lie for OneMore {
    fn name(&self) -> &'static str {
        "add_certificate"
    }

    fn certificates(&self, _: &Asker, honest: Map<String, Value>) -> Map<String, Value> {
        let mut told = honest;
        told.insert(self.of.clone(), Value::from(self.pem.as_str()));
        told
    }
}
