use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;
use crate::model::{FileId, NewShare, ShareType};

/// The server shares an encrypted folder with somebody who is no member (ATK-SHARE-03). Metadata stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reshare {
    /// The path of an encrypted folder.
    pub folder: String,
    /// With whom.
    pub with: String,
}

impl Play for Reshare {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let root = stage.root(&self.folder)?;
        root.refuse_member(&self.with)?;
        let owner = stage.model.owner(root.folder).unwrap_or_default().to_owned();
        let share = NewShare { kind: ShareType::User, node: root.folder, with: &self.with, permissions: None };
        let shared = stage.model.share(&owner, share);
        shared.map_err(|_| MoveError::UnknownUser(self.with.clone()))?;
        stage.model.touch(root.folder);
        Ok(Some(Box::new(Shared(BTreeSet::from([root.folder])))))
    }
}

struct Shared(BTreeSet<FileId>);

impl Lie for Shared {
    fn name(&self) -> &'static str {
        "reshare"
    }

    fn shows(&self, _: &Asker, node: FileId) -> bool {
        self.0.contains(&node)
    }
}
