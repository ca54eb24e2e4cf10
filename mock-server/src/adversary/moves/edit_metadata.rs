use e2ee_reference::certificate::Certificate;
use e2ee_reference::metadata::{Document, MetadataKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Play;
use super::replace_certificate::Issuer;
use crate::adversary::attacker::Origin;
use crate::adversary::envelope;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::{Lie, SignedMetadata};
use crate::adversary::oddity::{Odd, Oddity};
use crate::adversary::patch::{self, Change};
use crate::adversary::signing::{Signing, ToSign};
use crate::adversary::stage::{Root, Stage};

/// Somebody rewrites metadata with a text editor, and signs. What is changed is up to the scenario; the rest stays as
/// it is, the counter grows by one. A corrupted member can change what is encrypted; everybody else only what stands
/// beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMetadata {
    /// The path of an encrypted folder.
    pub folder: String,
    /// Whether it is the metadata of the first folder inside that is changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub below: bool,
    /// Who signs: a corrupted user, or else a phantom of this name.
    pub by: String,
    /// Changes of the decrypted part: JSON patch, where `*` stands for the first member of an object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<Change>,
    /// Changes of the document, after that of the decrypted part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outer: Vec<Change>,
    /// Phantoms that get an entry in `users`, with a wrapped key that opens nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adds: Vec<String>,
    /// Who has signed the certificates of these phantoms; the instance if absent. One that a stranger has signed stands in
    /// the metadata alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by: Option<Issuer>,
    /// What is odd about the certificates of these phantoms, which then stand in the metadata alone; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_odd: Option<Oddity>,
    /// How much the counter grows, if the signer can read it.
    #[serde(default = "one")]
    pub ahead: i64,
    /// What becomes of the signature.
    #[serde(default)]
    pub signature: Signing,
    /// Whether members of the document that `outer` or `adds` change stand twice in its text, first as they were
    /// (ATK-SIG-04).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubled: bool,
}

fn one() -> i64 {
    1
}

impl Play for EditMetadata {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        let target = if self.below { stage.first_below(&root)? } else { stage.root(&self.folder)? };
        let held = stage.attacker.corrupted(&self.by).ok().cloned();
        let (certificate, key) = match held {
            Some(key) => (Certificate::from_pem(&stage.certificate_of(&self.by)?)?, key),
            None => {
                let phantom = stage.phantom(&self.by)?;
                (phantom.certificate, phantom.key)
            }
        };
        let mut document = target.document.value().clone();
        let mut counter = None;
        match root.document.unwrap_key(&self.by, &key) {
            Ok(metadata_key) => counter = self.rewrite(&target, &metadata_key, &mut document)?,
            Err(_) if self.inner.is_empty() => {}
            Err(_) => {
                let (user, folder) = (self.by.clone(), self.folder.clone());
                return Err(MoveError::MetadataKeyNotHeld { user, folder });
            }
        }
        let before = document.clone();
        for name in &self.adds {
            let certificate = match (self.added_by, self.added_odd) {
                (None, None) => stage.phantom(name)?.certificate,
                (issuer, Some(odd)) => {
                    let issuer = issuer.unwrap_or(Issuer::Instance);
                    let Odd { certificate, key } = odd.certify(stage, issuer, name, None)?;
                    if let Some(key) = key {
                        stage.attacker.hold_private_key(name, Origin::Phantom, key);
                    }
                    certificate
                }
                (Some(issuer), None) => {
                    let key = stage.attacker.make_up_private_key()?;
                    let certificate = issuer.certify(stage, name, &key.public_key())?;
                    stage.attacker.hold_private_key(name, Origin::Phantom, key);
                    certificate
                }
            };
            let entry = forge::blind_member(name, &certificate)?;
            let entry = json!({ "userId": entry.user_id, "certificate": entry.certificate,
                "encryptedMetadataKey": entry.encrypted_metadata_key });
            match document["users"].as_array_mut() {
                Some(users) => users.push(entry),
                None => document["users"] = json!([entry]),
            }
        }
        patch::apply(&mut document, &self.outer)?;
        let kept = stage.model.metadata(target.folder).and_then(|stored| stored.signature.clone());
        let to_sign = ToSign { before: &before, after: &document, certificate: &certificate, key: &key };
        let signature = self.signature.make(stage, &to_sign, kept)?;
        let text = if self.doubled { doubled(&before, &document) } else { document.to_string() };
        let signed = SignedMetadata { document: text, signature };
        Ok(Some(Box::new(stage.publish("edit_metadata", &target, signed, counter))))
    }
}

impl EditMetadata {
    /// Puts the changed contents into the document, under a new nonce; returns the new counter if it is one.
    fn rewrite(
        &self,
        target: &Root,
        key: &MetadataKey,
        document: &mut Value,
    ) -> Result<Option<u64>, MoveError> {
        if self.inner.is_empty() && self.ahead == 0 {
            return Ok(None);
        }
        let mut contents = envelope::open(&target.document, key)?;
        if let Some(counter) = contents["counter"].as_i64() {
            contents["counter"] = counter.saturating_add(self.ahead).into();
        }
        patch::apply(&mut contents, &self.inner)?;
        document["metadata"] = envelope::seal(&contents, key)?;
        // What a lock is checked against stays small, so that honest devices can go on.
        Ok(contents["counter"].as_u64().filter(|_| self.inner.is_empty()))
    }
}

/// A document in which what has changed stands twice, first as it was.
fn doubled(before: &Value, after: &Value) -> String {
    let mut text = before.to_string();
    text.pop();
    for (name, value) in after.as_object().into_iter().flatten().filter(|(name, value)| before[*name] != **value) {
        text.push_str(&format!(",{}:{value}", Value::from(name.as_str())));
    }
    text.push('}');
    text
}

impl Stage<'_> {
    /// The first encrypted folder inside a root folder.
    pub(in crate::adversary) fn first_below(&self, root: &Root) -> Result<Root, MoveError> {
        self.below(root)?.into_iter().next().ok_or_else(|| MoveError::NoSubfolder(root.path.clone()))
    }

    /// The encrypted folders inside a root folder that have metadata.
    pub(in crate::adversary) fn below(&self, root: &Root) -> Result<Vec<Root>, MoveError> {
        let mut found = Vec::new();
        for folder in self.model.children(root.folder) {
            let Some(stored) = self.model.metadata(folder) else { continue };
            let document = Document::parse(&stored.document)?;
            found.push(Root { folder, path: root.path.clone(), document });
        }
        Ok(found)
    }
}
