//! What happens to a folder, as its vectors are told.

use e2ee_reference::Error as CryptoError;
use e2ee_reference::identity::Identity;
use e2ee_reference::metadata::{self, Contents, Document, MetadataKey, Recipient, Version};
use e2ee_reference::{random, signature};
use serde_json::{Map, Value, json};

use super::device::{Inputs, Kind, Step};
use crate::families::mnemonic::WORDS;
use crate::make::folder::{contents, file};
use crate::set::Expect;
use crate::world::{self, NOW, World, recipient};

/// The folder as it stands, and what alice's device was shown of it.
pub(super) struct Story<'a> {
    pub(super) world: &'a World,
    pub(super) contents: Contents,
    pub(super) key: MetadataKey,
    pub(super) members: Vec<Recipient>,
    pub(super) version: Version,
    steps: Vec<Step>,
    verdicts: Vec<Value>,
}

/// A document with its signature, to be shown once or several times.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) document: Value,
    pub(super) signature: String,
}

impl<'a> Story<'a> {
    /// Alice's folder, shared with bob; nothing of it has been shown yet.
    pub(super) fn new(world: &'a World) -> Self {
        let key = MetadataKey::generate();
        let members = [&world.alice, &world.bob].map(recipient).into();
        let (steps, verdicts) = (Vec::new(), Vec::new());
        Self { world, contents: contents(&key), key, members, version: Version::V2_0, steps, verdicts }
    }

    /// The device accepts the folder as it stands.
    pub(super) fn begin(&mut self) -> Result<Signed, CryptoError> {
        let signed = self.by(&self.world.alice)?;
        self.accept(&signed, "alice");
        Ok(signed)
    }

    /// Somebody adds a file.
    pub(super) fn change(&mut self) {
        self.contents.counter += 1;
        self.contents.files.insert(random::file_id(), file("added.txt"));
    }

    /// A new metadata key, listed with the old ones.
    pub(super) fn rekey(&mut self) {
        self.contents.counter += 1;
        self.key = MetadataKey::generate();
        self.contents.key_checksums.push(self.key.checksum());
    }

    pub(super) fn add(&mut self, user: &Identity) {
        self.members.push(recipient(user));
    }

    pub(super) fn remove(&mut self, user: &Identity) {
        self.members.retain(|member| member.user_id != user.user_id());
    }

    /// The folder as it stands, not signed.
    pub(super) fn sealed(&self) -> Result<Document, CryptoError> {
        metadata::seal_root(&self.contents, &self.key, &self.members, self.version)
    }

    /// The folder as it stands, signed by this user.
    pub(super) fn by(&self, signer: &Identity) -> Result<Signed, CryptoError> {
        Signed::new(&self.sealed()?, signer)
    }

    /// A subfolder with these contents under the folder's key, signed by this user.
    pub(super) fn subfolder(&self, contents: &Contents, signer: &Identity) -> Result<Signed, CryptoError> {
        Signed::new(&metadata::seal_subfolder(contents, &self.key, self.version)?, signer)
    }

    pub(super) fn accept(&mut self, signed: &Signed, signer: &str) {
        self.show("root", Kind::Root, signed, accepted(Some(signer), &[], &[]));
    }

    pub(super) fn refuse(&mut self, signed: &Signed, rule: &'static str) {
        self.show("root", Kind::Root, signed, refused(rule));
    }

    pub(super) fn accept_subfolder(&mut self, folder: &str, signed: &Signed, signer: &str) {
        self.show(folder, Kind::Subfolder, signed, accepted(Some(signer), &[], &[]));
    }

    pub(super) fn refuse_subfolder(&mut self, folder: &str, signed: &Signed, rule: &'static str) {
        self.show(folder, Kind::Subfolder, signed, refused(rule));
    }

    /// Any step with any verdict.
    pub(super) fn show(&mut self, folder: &str, kind: Kind, signed: &Signed, verdict: Value) {
        self.steps.push(Step {
            folder: folder.to_owned(),
            kind,
            document: signed.document.to_string(),
            signature: signed.signature.clone(),
            now: NOW,
            listing: None,
        });
        self.verdicts.push(verdict);
    }

    /// The last step, to be changed.
    pub(super) fn last(&mut self, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.steps.last_mut() {
            change(step);
        }
    }

    /// The vector. One in which something is reported is acceptable: to refuse it is right as well.
    pub(super) fn finish(self) -> (Inputs, Expect) {
        let alice = &self.world.alice;
        let inputs = Inputs {
            user_id: alice.user_id().to_owned(),
            private_key: world::private_key(alice),
            server_key: self.world.server.server_key().to_pem(),
            mnemonic: WORDS.to_owned(),
            steps: self.steps,
        };
        let rule = |verdict: &Value| rule_named(verdict["rule"].as_str());
        let notice = |verdict: &Value| rule_named(verdict["notices"][0].as_str());
        let refused = self.verdicts.iter().find_map(rule);
        let noticed = self.verdicts.iter().find_map(notice);
        let output = output(self.verdicts);
        let expect = match (refused, noticed) {
            (Some(rule), _) => Expect::InvalidWith(rule, output),
            (None, Some(rule)) => Expect::Acceptable(output, rule),
            (None, None) => Expect::Valid(output),
        };
        (inputs, expect)
    }
}

impl Signed {
    pub(super) fn new(document: &Document, signer: &Identity) -> Result<Self, CryptoError> {
        let signature = signature::sign(&document.signed_content(), signer, NOW)?;
        Ok(Self { document: document.value().clone(), signature })
    }

    /// The document after a change, signed anew.
    pub(super) fn altered(document: Value, signer: &Identity) -> Result<Self, CryptoError> {
        let content = e2ee_reference::canonical_json::signed_content(&document);
        Ok(Self { signature: signature::sign(&content, signer, NOW)?, document })
    }
}

pub(super) fn accepted(signer: Option<&str>, notices: &[&str], set_aside: &[(String, &str)]) -> Value {
    let set_aside = set_aside.iter().map(|(id, rule)| (id.clone(), Value::from(*rule)));
    let mut verdict = json!({
        "result": "accept",
        "notices": notices,
        "setAside": set_aside.collect::<Map<_, _>>(),
    });
    if let Some(signer) = signer {
        verdict["signer"] = signer.into();
    }
    verdict
}

pub(super) fn refused(rule: &str) -> Value {
    json!({ "result": "refuse", "rule": rule })
}

pub(super) fn output(steps: Vec<Value>) -> Value {
    json!({ "steps": steps })
}

/// The rule of this name as it stands in the table of rules.
fn rule_named(name: Option<&str>) -> Option<&'static str> {
    name.and_then(|name| crate::ledger::rules().into_keys().find(|rule| *rule == name))
}
