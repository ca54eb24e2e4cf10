//! A device as far as trust goes: what it remembers between documents.

use std::collections::BTreeMap;

use e2ee_reference::certificate::PublicKey;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::{Document, MetadataKey, User};
use e2ee_reference::metadata_v1;
use e2ee_reference::recognise::{self, AnyVersion, Recognised};
use e2ee_reference::trust::{self, Candidate, CandidateV1, Exceptions, Known, Notice, Pins};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::story::accepted;
use crate::outcome::Stop;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Inputs {
    pub(super) user_id: String,
    pub(super) private_key: String,
    pub(super) server_key: String,
    /// For the checksum of 1.2.
    pub(super) mnemonic: String,
    pub(super) steps: Vec<Step>,
}

/// What the server answers for a folder.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// Which folder it is; the same name, the same folder.
    pub(super) folder: String,
    pub(super) kind: Kind,
    pub(super) document: String,
    /// Empty for 1.x.
    pub(super) signature: String,
    /// Seconds since 1970.
    pub(super) now: i64,
    /// The names under which the folder's nodes are listed, if it was listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) listing: Option<Vec<String>>,
}

/// The place of a folder, as the device sees it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Root,
    Subfolder,
}

pub(super) struct Device {
    pins: Pins,
    private_key: PrivateKey,
    mnemonic: String,
    known: BTreeMap<String, Known>,
    versions: BTreeMap<String, AnyVersion>,
    /// Members and key of the root folder that was accepted last.
    root: Option<(Vec<User>, MetadataKey)>,
}

impl Device {
    pub(super) fn new(inputs: &Inputs) -> Result<Self, Stop> {
        Ok(Self {
            pins: Pins {
                user_id: inputs.user_id.clone(),
                server_key: PublicKey::from_pem(&inputs.server_key)?,
                certificates: BTreeMap::new(),
            },
            private_key: PrivateKey::from_pem(&inputs.private_key)?,
            mnemonic: inputs.mnemonic.clone(),
            known: BTreeMap::new(),
            versions: BTreeMap::new(),
            root: None,
        })
    }

    /// Judges a document, and remembers it when it is accepted.
    pub(super) fn meet(&mut self, step: &Step) -> Result<Value, Stop> {
        match recognise::recognise(&step.document)? {
            Recognised::V1(document) => self.meet_v1(step, &document),
            Recognised::V2(document) => self.meet_v2(step, &document),
        }
    }

    fn meet_v1(&mut self, step: &Step, document: &metadata_v1::Document) -> Result<Value, Stop> {
        let contents = document.open(&document.unwrap_keys(&self.private_key)?)?;
        let candidate = CandidateV1 {
            document,
            contents: &contents,
            mnemonic: Some(&self.mnemonic),
            known: self.versions.get(&step.folder).copied(),
        };
        let verdict = trust::judge_v1(&candidate, &Exceptions::default())?;
        self.versions.insert(step.folder.clone(), verdict.known);
        Ok(accepted(None, &names(&verdict.notices), &verdict.set_aside))
    }

    fn meet_v2(&mut self, step: &Step, document: &Document) -> Result<Value, Stop> {
        let (metadata_key, root_members) = match (step.kind, &self.root) {
            (Kind::Root, _) => (document.unwrap_key(&self.pins.user_id, &self.private_key)?, None),
            (Kind::Subfolder, Some((members, key))) => (key.clone(), Some(&members[..])),
            (Kind::Subfolder, None) => {
                return Err(Stop::Failed("inputs: a subfolder before any root folder".to_owned()));
            }
        };
        let contents = document.open(&metadata_key)?;
        let candidate = Candidate {
            document,
            signature: &step.signature,
            contents: &contents,
            metadata_key: &metadata_key,
            root_members,
            listing: step.listing.as_deref(),
            now: step.now,
        };
        let known = self.known.get(&step.folder);
        let verdict = trust::judge(&candidate, &self.pins, known, &Exceptions::default())?;
        let shown = accepted(verdict.signer.as_deref(), &names(&verdict.notices), &verdict.set_aside);
        self.versions.insert(step.folder.clone(), AnyVersion::V2(verdict.known.version));
        self.known.insert(step.folder.clone(), verdict.known);
        self.pins.learn(verdict.new_pins);
        if step.kind == Kind::Root {
            self.root = Some((document.users().to_vec(), metadata_key));
        }
        Ok(shown)
    }
}

fn names(notices: &[Notice]) -> Vec<&'static str> {
    notices.iter().map(|notice| notice.rule).collect()
}
