use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::Lie;
use crate::adversary::stage::Stage;
use crate::model::Writer;

/// A user has made a folder with a file in it, as in a browser (R2-DIR-02): nothing about it is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPlain {
    /// The user.
    pub of: String,
    /// The name of the folder, which is made in the user's root.
    pub folder: String,
    /// The name of the file.
    pub name: String,
}

impl Play for AddPlain {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        stage.model.user(&self.of).ok_or_else(|| MoveError::UnknownUser(self.of.clone()))?;
        let writer = Writer { user: &self.of, token: None, supported: true, link: None };
        let taken = |_| MoveError::OutOfRange { member: "folder", expected: "expected a name that nothing has" };
        let folder = stage.model.make_folder(writer, std::slice::from_ref(&self.folder)).map_err(taken)?;
        let file = stage.model.store_file(folder.id, &self.name, Bytes::from_static(b"plain\n"), None);
        file.map(|_| None).ok_or_else(|| MoveError::UnknownFolder(self.folder.clone()))
    }
}
