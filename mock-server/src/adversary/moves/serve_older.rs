use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::metadata_v1::{self, Contents, File, Keys, Target, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::{Lie, SignedMetadata};
use crate::adversary::older;
use crate::adversary::stage::Stage;

/// The server answers with metadata of 1.x that it has written itself (ATK-DOWN-01): under a metadata key of its choice,
/// wrapped to the folder's owner, with a single file of its own. Nobody signs such metadata; junk stands where newer
/// clients look for a signature. Those of 1.2 have a checksum over words that are not the owner's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServeOlder {
    /// The path of an encrypted folder.
    pub folder: String,
    /// `1.0`, `1.1` or `1.2`.
    pub version: String,
    /// The clear name of the file.
    pub plants: String,
}

impl Play for ServeOlder {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let target = match older::version(&self.version)? {
            Version::V1_0 => Target::V1_0,
            Version::V1_1 => Target::V1_1,
            Version::V1_2 => Target::V1_2 { mnemonic: "words that the server has made up" },
        };
        let folder = stage.folder(&self.folder)?;
        let owner = stage.owners_certificate(folder, &self.folder)?;
        let forgery = forge::file(&self.plants)?;
        let keys = Keys::one(stage.choose_key(&self.folder, "serve_older"));
        let file = File::new(forgery.entry.clone(), &keys);
        let contents = Contents { files: [(forgery.file_id.clone(), file)].into(), ..Contents::default() };
        let document = metadata_v1::seal(&contents, &keys, owner.public_key(), target)?;
        let signature = Some(STANDARD.encode(e2ee_reference::random::array::<96>()));
        let made = SignedMetadata { document: document.to_json(), signature };
        let file = stage.plant_in("serve_older", folder, &self.folder, forgery)?;
        let work = stage.publish_unsigned("serve_older", folder, made);
        Ok(Some(Box::new(work.file(file))))
    }
}
