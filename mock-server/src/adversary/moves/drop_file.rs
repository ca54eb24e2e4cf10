use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::metadata::{MetadataKey, User};
use e2ee_reference::metadata_v1::{self, FiledropEntry, with_filedrop};
use e2ee_reference::random;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Play;
use crate::adversary::envelope;
use crate::adversary::error::MoveError;
use crate::adversary::gzip::gzip;
use crate::adversary::forge::{self, Forgery};
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::{Lie, SignedMetadata};
use crate::adversary::stage::{Root, Stage};

/// Somebody leaves a file in a folder without being a member: an entry in `filedrop`, sealed for all members with the
/// certificates in `users` (in a folder of 1.1 or 1.2 for its owner), and its bytes. Nobody signs it, so everybody can, the server first of all (R2-MD-14, R2-FD-01;
/// ATK-DROP-01, ATK-DROP-02, ATK-PATH-01). The signed part of the metadata stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropFile {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The file's clear name.
    pub name: String,
    /// Under which identifier; a new one if absent.
    #[serde(default, skip_serializing_if = "DropId::is_new")]
    pub id: DropId,
    /// What is wrong with the entry; nothing if absent. In a folder of 1.x it can be `key`, `base64` or `number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<DropDamage>,
    /// How often it is left, each time under another identifier; 1 to 10,000, once if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// The identifier of a dropped file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DropId {
    /// A new one.
    #[default]
    New,
    /// That of the first file in the folder, whose bytes are replaced.
    OfFirstFile,
}

impl DropId {
    fn is_new(&self) -> bool {
        *self == Self::New
    }
}

/// What is wrong with a dropped entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DropDamage {
    /// The wrapped keys are random bytes.
    Key,
    /// It is for somebody who is no member.
    ForAnother,
    /// It is for nobody.
    ForNobody,
    /// The ciphertext is no base64.
    Base64,
    /// What is inside has no file name.
    Nameless,
    /// What is inside is not compressed.
    Gzip,
    /// It is a number.
    Number,
    /// What is inside becomes 96 MiB longer when it is inflated.
    Inflate,
}

/// What [`DropDamage::Inflate`] adds, in MiB.
const BLANKS: u32 = 96;

/// More than any client has to bear at once.
const MOST: u32 = 10_000;

impl Play for DropFile {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let count = self.count.unwrap_or(1);
        if !(1..=MOST).contains(&count) {
            return Err(MoveError::OutOfRange { member: "count", expected: "expected 1 to 10000" });
        }
        if let Ok((_, document)) = stage.older(&self.folder) {
            return self.play_older(stage, &document);
        }
        let root = stage.root(&self.folder)?;
        let stored = stage.model.metadata(root.folder).cloned();
        let stored = stored.ok_or_else(|| MoveError::NoMetadata(self.folder.clone()))?;
        let forgery = forge::file(&self.name)?;
        let entry = self.entry(&root, &forgery)?;
        let mut document = root.document.value().clone();
        if !document["filedrop"].is_object() {
            document["filedrop"] = json!({});
        }
        let mut ids: Vec<String> = (1..count).map(|_| random::file_id()).collect();
        ids.push(self.first_id(stage, &root, &forgery)?);
        let bytes = Bytes::from(forgery.blob);
        let mut files = Vec::new();
        for id in ids {
            files.push(stage.forge_file(root.folder, &id, bytes.clone(), |_| None)?);
            document["filedrop"][id] = entry.clone();
        }
        let signed = SignedMetadata { document: document.to_string(), ..stored };
        let work = stage.publish("drop_file", &root, signed, None);
        Ok(Some(Box::new(files.into_iter().fold(work, Handiwork::file))))
    }
}

impl DropFile {
    /// In a folder of 1.1 or 1.2.
    fn play_older(
        &self,
        stage: &mut Stage<'_>,
        document: &metadata_v1::Document,
    ) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if self.id != DropId::New || self.count.is_some() {
            let expected = "expected one new file in a folder of 1.x";
            return Err(MoveError::OutOfRange { member: "id or count", expected });
        }
        let folder = stage.folder(&self.folder)?;
        let owner = stage.owners_certificate(folder, &self.folder)?;
        let forgery = forge::file(&self.name)?;
        let entry =
            FiledropEntry::seal(&forgery.entry, owner.public_key(), &Dialect::SPECIFIED.metadata_v1)?;
        let entry = self.damaged_older(entry)?;
        let mut filedrop = document.filedrop().clone();
        filedrop.insert(forgery.file_id.clone(), entry);
        let document = with_filedrop(document, &filedrop)?.to_json();
        let file = stage.forge_file(folder, &forgery.file_id, forgery.blob, |_| None)?;
        let work = stage.publish_unsigned("drop_file", folder, SignedMetadata { document, signature: None });
        Ok(Some(Box::new(work.file(file))))
    }

    fn damaged_older(&self, entry: FiledropEntry) -> Result<FiledropEntry, MoveError> {
        let mut value = entry.value().clone();
        match self.damage {
            None => return Ok(entry),
            Some(DropDamage::Key) => value["encryptedKey"] = json!(STANDARD.encode(random::array::<256>())),
            Some(DropDamage::Base64) => value["encrypted"] = json!("%%%"),
            Some(DropDamage::Number) => value = json!(7),
            Some(_) => {
                let expected = "expected `key`, `base64` or `number` in a folder of 1.x";
                return Err(MoveError::OutOfRange { member: "damage", expected });
            }
        }
        Ok(FiledropEntry::from_value(value))
    }

    fn first_id(&self, stage: &Stage<'_>, root: &Root, forgery: &Forgery) -> Result<String, MoveError> {
        if self.id == DropId::New {
            return Ok(forgery.file_id.clone());
        }
        let first = stage.files(root.folder).into_iter().next();
        let name = first.and_then(|id| stage.model.node(id)).map(|node| node.name().to_owned());
        name.ok_or_else(|| MoveError::NoFile(self.folder.clone()))
    }

    fn entry(&self, root: &Root, forgery: &Forgery) -> Result<Value, MoveError> {
        let key = MetadataKey::generate();
        let entry = &forgery.entry;
        let mut inside = json!({
            "filename": entry.filename, "mimetype": entry.mimetype, "key": entry.key.to_base64(),
            "nonce": STANDARD.encode(&entry.nonce),
            "authenticationTag": STANDARD.encode(&entry.authentication_tag),
        });
        if let (Some(DropDamage::Nameless), Some(members)) = (self.damage, inside.as_object_mut()) {
            members.remove("filename");
        }
        let mut sealed = match self.damage {
            Some(DropDamage::Number) => return Ok(json!(7)),
            Some(DropDamage::Gzip) => envelope::seal_bytes(b"not compressed", &key)?,
            Some(DropDamage::Inflate) => {
                let expected = "expected what can be compressed";
                let none = MoveError::OutOfRange { member: "damage", expected };
                envelope::seal_bytes(&gzip(BLANKS, inside.to_string().as_bytes()).ok_or(none)?, &key)?
            }
            _ => envelope::seal(&inside, &key)?,
        };
        let wrapped = |(user, wrapped): (&str, String)| json!({ "userId": user, "encryptedFiledropKey": wrapped });
        let mut users = Vec::new();
        for recipient in root.recipients()? {
            let wrapped_key = match self.damage {
                Some(DropDamage::Key) => STANDARD.encode(random::array::<256>()),
                _ => User::wrap(&recipient, &key)?.encrypted_metadata_key,
            };
            let user = match self.damage {
                Some(DropDamage::ForAnother) => "somebody-else",
                _ => recipient.user_id.as_str(),
            };
            users.push(wrapped((user, wrapped_key)));
        }
        if self.damage == Some(DropDamage::ForNobody) {
            users.clear();
        }
        if self.damage == Some(DropDamage::Base64) {
            sealed["ciphertext"] = json!("%%%");
        }
        sealed["users"] = Value::Array(users);
        Ok(sealed)
    }
}
