use e2ee_reference::metadata_v1::{Document, Version, wrap_key};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Lie, SignedMetadata};
use crate::adversary::stage::Stage;

/// The server puts a metadata key of its own into the metadata of a 1.x folder (ATK-META-02): in 1.0 as the newest of the
/// keys, so that old files stay readable; in 1.1 and 1.2 in the place of the only one, and the files, which nobody can
/// read any more then, go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InsertKey {
    /// The path of an encrypted folder with metadata of 1.x.
    pub folder: String,
}

impl Play for InsertKey {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let (folder, document) = stage.older(&self.folder)?;
        let owner = stage.owners_certificate(folder, &self.folder)?;
        let key = stage.choose_key(&self.folder, "insert_key");
        let wrapped = wrap_key(owner.public_key(), key.as_bytes())?;
        let document = with_key(&document, wrapped).to_string();
        let made = SignedMetadata { document, signature: None };
        Ok(Some(Box::new(stage.publish_unsigned("insert_key", folder, made))))
    }
}

fn with_key(document: &Document, wrapped: String) -> Value {
    let mut value = document.value().clone();
    if document.version() == Version::V1_0 {
        let newest = document.wrapped_keys().last_key_value().map_or(0, |(index, _)| index.saturating_add(1));
        value["metadata"]["metadataKeys"][newest.to_string()] = wrapped.into();
    } else {
        value["metadata"]["metadataKey"] = wrapped.into();
        value["files"] = json!({});
    }
    value
}
