use std::sync::Mutex;

use e2ee_reference::authority::{Authority, requested_common_name};
use e2ee_reference::identity::PrivateKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::attacker::Origin;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// `POST public-key` answers a certificate over a key of the attacker's (ATK-KEY-02): issued by the instance, for the
/// name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubstituteCertificate {
    /// The user who asks.
    pub of: String,
}

impl Play for SubstituteCertificate {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let key = stage.attacker.make_up_private_key()?;
        stage.attacker.hold_private_key(&self.of, Origin::Substitute, key.clone());
        let (authority, now) = (stage.authority.clone(), stage.now);
        Ok(Some(Box::new(Substitute { key, authority, now, made: Mutex::default() })))
    }
}

struct Substitute {
    key: PrivateKey,
    authority: Authority,
    now: i64,
    made: Mutex<Option<(String, String)>>,
}

impl Lie for Substitute {
    fn name(&self) -> &'static str {
        "substitute_certificate"
    }

    fn issued_certificate(&self, _: &Asker, csr: &str, honest: String) -> String {
        let Ok(Some(name)) = requested_common_name(csr) else { return honest };
        let Ok(made) = self.authority.certify(&name, &self.key, self.now) else { return honest };
        let pem = made.to_pem();
        if let Ok(mut last) = self.made.lock() {
            *last = Some((name, pem.clone()));
        }
        pem
    }

    fn certificate(&self, _: &Asker, of: &str, honest: Option<String>) -> Option<String> {
        let made = self.made.lock().ok().and_then(|made| made.clone());
        made.filter(|(name, _)| name == of).map(|(_, pem)| pem).or(honest)
    }
}
