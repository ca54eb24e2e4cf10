//! The signature of a document: who made it, if anybody whom one would ask.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::certificate::Certificate;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::identity::Identity;
use e2ee_reference::metadata::{self, MetadataKey, Version};
use e2ee_reference::signature;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::family::{Family, inputs};
use super::metadata_v2::parse;
use crate::error::Error;
use crate::make::folder;
use crate::memo::Memo;
use crate::outcome::Outcome;
use crate::set::{Expect, Set, about};
use crate::world::{NOW, World, recipient};

mod content;
mod encoding;
mod structure;

pub(crate) const FAMILY: Family =
    Family { name: "signature", summary: "the signature of a document", generate, evaluate };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    document: String,
    signature: String,
    /// PEM of those who may sign.
    certificates: Vec<String>,
}

fn evaluate(of: &Value, _: &Memo) -> Outcome {
    let inputs: Inputs = inputs(of)?;
    let content = parse(&inputs.document)?.signed_content();
    let certificates = inputs.certificates.iter().map(|pem| Certificate::from_pem(pem));
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>()?;
    let signer = signature::verify(&content, &inputs.signature, &certificates)?;
    Ok(output(signer.common_name().unwrap_or_default()))
}

fn output(signer: &str) -> Value {
    json!({ "signer": signer })
}

/// A document that alice and bob may sign.
struct Case<'a> {
    world: &'a World,
    document: Value,
    content: String,
}

impl<'a> Case<'a> {
    fn new(world: &'a World) -> Result<Self, CryptoError> {
        let key = MetadataKey::generate();
        let members = [&world.alice, &world.bob].map(recipient);
        let sealed = metadata::seal_root(&folder::contents(&key), &key, &members, Version::V2_0)?;
        Ok(Self { world, content: sealed.signed_content(), document: sealed.value().clone() })
    }

    fn inputs(&self, signature: String) -> Inputs {
        let certificates = [&self.world.alice, &self.world.bob].map(|user| user.certificate().to_pem());
        Inputs { document: self.document.to_string(), signature, certificates: certificates.into() }
    }

    /// The signature of an honest client.
    fn signed_by(&self, user: &Identity) -> Result<String, CryptoError> {
        signature::sign(&self.content, user, NOW)
    }
}

fn generate(set: &mut Set<'_>) -> Result<(), Error> {
    for dialect in Dialect::ALL {
        let comment = format!("as signed by: {}", dialect.name);
        let requirements = ["R2-SIG-01", "R2-SIG-02", "R2-SIG-07", "R2-SIG-08", "R2-SIG-09", "R2-SIG-10"];
        set.add(about(format!("by-{}", dialect.name), comment, &requirements, &["Dialect"]), |world| {
            let case = Case::new(world)?;
            let (certificate, key) = (world.alice.certificate(), world.alice.private_key());
            let signature = signature::sign_as(&case.content, certificate, key, NOW, &dialect.signature)?;
            Ok((case.inputs(signature), Expect::Valid(output("alice"))))
        })?;
    }
    content::generate(set)?;
    structure::generate(set)?;
    encoding::generate(set)
}
