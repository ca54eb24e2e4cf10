use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use e2ee_reference::authority::Authority;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// `POST public-key` answers a certificate that another key than that of `GET server-key` has signed
/// (ATK-CERT-01). It certifies the right key under the right name, and `GET public-key` answers it as well, so
/// the signature of the instance is all that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueForeignCertificate {}

impl Play for IssueForeignCertificate {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let stranger = Authority::from_private_key(stage.attacker.make_up_private_key()?);
        Ok(Some(Box::new(ForeignIssuer { stranger, now: stage.now, issued: Mutex::default() })))
    }
}

struct ForeignIssuer {
    stranger: Authority,
    now: i64,
    /// What was answered to whom, PEM by user id.
    issued: Mutex<BTreeMap<String, String>>,
}

impl Lie for ForeignIssuer {
    fn name(&self) -> &'static str {
        "issue_foreign_certificate"
    }

    fn issued_certificate(&self, told_to: &Asker, csr: &str, honest: String) -> String {
        // A request that the true server has certified can be certified again; if not, the truth does no harm.
        let Ok(certificate) = self.stranger.issue(csr, self.now) else { return honest };
        let pem = certificate.to_pem();
        if let Some(user) = &told_to.user {
            self.issued.lock().unwrap_or_else(PoisonError::into_inner).insert(user.clone(), pem.clone());
        }
        pem
    }

    fn certificate(&self, _: &Asker, of: &str, honest: Option<String>) -> Option<String> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.get(of).cloned().or(honest)
    }
}
