//! Whether a certificate may be used for a user: at set-up, on a further device, and when sharing.

use std::collections::BTreeMap;

use e2ee_reference::certificate::{Certificate, PublicKey};
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_reference::trust::{self, Exceptions, Pins};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, bytes, inputs};
use crate::error::Error;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::{Expect, Set, about};
use crate::world::{self, LINK, NOW, World};

mod fitting;
mod unfit;

pub(crate) const FAMILY: Family = Family {
    name: "certificate",
    summary: "a certificate that the server presents for a user",
    generate,
    evaluate,
};

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Inputs {
    user_id: String,
    certificate: String,
    server_key: String,
    /// Seconds since 1970.
    now: i64,
    /// SHA-256 of the certificate that was known for the user before, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<String>,
    /// The key that the certificate has to belong to, when it is the user's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<String>,
}

impl Inputs {
    /// The question about a certificate of alice's, in the middle of its life.
    fn about_alice(certificate: String, world: &World) -> Self {
        Self {
            user_id: "alice".to_owned(),
            certificate,
            server_key: world.server.server_key().to_pem(),
            now: NOW,
            pinned: None,
            private_key: None,
        }
    }
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let Inputs { user_id, certificate, server_key, now, pinned, private_key } = inputs(of)?;
    let certificate = Certificate::from_pem(&certificate)?;
    let mut pins = Pins {
        user_id: user_id.clone(),
        server_key: PublicKey::from_pem(&server_key)?,
        certificates: BTreeMap::new(),
    };
    if let Some(pinned) = pinned {
        let fingerprint = bytes(&pinned)?.try_into();
        let fingerprint =
            fingerprint.map_err(|_| Stop::Failed("inputs: pinned: expected 32 bytes".to_owned()))?;
        pins.certificates.insert(user_id.clone(), fingerprint);
    }
    trust::check_certificate(&user_id, &certificate, &pins, now, &Exceptions::default())?;
    if let Some(private_key) = private_key {
        Identity::new(&user_id, certificate.clone(), PrivateKey::from_pem(&private_key)?)?;
    }
    Ok(output(&certificate))
}

fn output(certificate: &Certificate) -> Value {
    json!({
        "publicKey": certificate.public_key().to_pem(),
        "fingerprint": hex::encode(certificate.fingerprint()),
    })
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    fitting::generate(set)?;
    unfit::generate(set)
}
