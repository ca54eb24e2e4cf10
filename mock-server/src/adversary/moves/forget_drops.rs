use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie, SignedMetadata};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// What was dropped into a folder is not told (R2-MD-14): the metadata come without `filedrop`, which nobody signs. It is
/// still there, and comes back when the server relents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetDrops {
    /// The path of an encrypted folder.
    pub folder: String,
}

impl Play for ForgetDrops {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        stage.model.touch(folder);
        Ok(Some(Box::new(Forgetful(folder))))
    }
}

struct Forgetful(FileId);

impl Lie for Forgetful {
    fn name(&self) -> &'static str {
        "forget_drops"
    }

    fn metadata(&self, _: &Asker, folder: FileId, honest: Option<SignedMetadata>) -> Option<SignedMetadata> {
        let told = honest?;
        let parsed = serde_json::from_str::<Value>(&told.document).ok().filter(|_| folder == self.0);
        let Some(Value::Object(mut members)) = parsed else { return Some(told) };
        if members.remove("filedrop").is_none() {
            return Some(told);
        }
        Some(SignedMetadata { document: Value::Object(members).to_string(), ..told })
    }
}
