use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;
use crate::model::Writer;

/// An administrator, or the user in the browser, wipes the keys of a user and every encrypted folder that he owns
/// (ROB-KEY-01).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetEncryption {
    /// The user id.
    pub of: String,
}

impl Play for ResetEncryption {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        stage.certificate_of(&self.of)?;
        let own = |folder: &_| stage.model.owner(*folder) == Some(&self.of);
        let folders: Vec<_> = stage.model.encrypted_folders().into_iter().filter(own).collect();
        for folder in folders {
            stage.model.set_metadata(folder, None);
            stage.model.set_encrypted(folder, false);
            let Some(path) = stage.model.path_of(folder) else { continue };
            let path: Vec<String> = path.split('/').map(str::to_owned).collect();
            let writer = Writer { user: &self.of, token: None, supported: true, link: None };
            // A folder inside another one is gone with it.
            let _ = stage.model.delete(writer, &path);
        }
        stage.model.set_certificate(&self.of, None);
        stage.model.set_private_key(&self.of, None);
        Ok(None)
    }
}
