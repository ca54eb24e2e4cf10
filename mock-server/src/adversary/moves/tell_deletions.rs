use e2ee_reference::metadata::Document;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie, SignedMetadata};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// The last metadata of root folders that are gone are told to their members, as the specification has it (R2-DET-04,
/// R2-ATK-05). No released server does that: what they say of such a folder does not tell a deletion from a theft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellDeletions {}

impl Play for TellDeletions {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        Ok(Some(Box::new(LastWords)))
    }
}

struct LastWords;

impl Lie for LastWords {
    fn name(&self) -> &'static str {
        "tell_deletions"
    }

    fn last_word(&self, told_to: &Asker, _: FileId, last: &SignedMetadata) -> Option<SignedMetadata> {
        let document = Document::parse(&last.document).ok()?;
        let is_member = document.users().iter().any(|user| Some(&user.user_id) == told_to.user.as_ref());
        is_member.then(|| last.clone())
    }
}
