use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie, SignedMetadata};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// The metadata of a folder is told as it is, without its signature (ATK-SIG-02): in the header of the E2EE API and
/// in the DAV property alike, and whatever is written later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StripSignature {
    /// The path of an encrypted folder.
    pub folder: String,
    /// What stands in its place.
    pub how: SignatureGone,
}

/// How a signature is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureGone {
    /// There is no header.
    Missing,
    /// The header is empty.
    Empty,
    /// The header is one blank.
    Blank,
}

impl Play for StripSignature {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        stage.model.touch(root.folder);
        Ok(Some(Box::new(Stripped { folder: root.folder, how: self.how })))
    }
}

struct Stripped {
    folder: FileId,
    how: SignatureGone,
}

impl Lie for Stripped {
    fn name(&self) -> &'static str {
        "strip_signature"
    }

    fn metadata(&self, _: &Asker, folder: FileId, honest: Option<SignedMetadata>) -> Option<SignedMetadata> {
        if folder != self.folder {
            return honest;
        }
        let signature = match self.how {
            SignatureGone::Missing => None,
            SignatureGone::Empty => Some(String::new()),
            SignatureGone::Blank => Some(" ".to_owned()),
        };
        honest.map(|told| SignedMetadata { signature, ..told })
    }
}
