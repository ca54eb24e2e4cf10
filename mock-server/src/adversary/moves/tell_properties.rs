use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie, Listed};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// Listings say something else of nodes than is true (ATK-FILE-07): ETag, time, size, rights, or whether it is a
/// folder. Downloads come with the truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellProperties {
    /// The path of an encrypted folder.
    pub folder: String,
    /// Whether it is about all that is in the folder, and not about the folder itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inside: bool,
    /// The ETag, without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Whether ETags stay for ever as they are now, so that nobody looks again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub freeze_etags: bool,
    /// When it was changed, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// What may be done with it, as the letters of `oc:permissions`: `G` to read, `W` to write, `S` for what others share
    /// (ATK-FILE-07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<String>,
    /// Whether files are shown as folders, and folders as files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_type: bool,
}

impl Play for TellProperties {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        if !self.freeze_etags {
            stage.model.touch(folder);
        }
        let about = if self.inside { stage.model.children(folder) } else { vec![folder] };
        let etag = |id: FileId| stage.model.node(id).map(|node| node.etag().to_owned());
        let etags: BTreeMap<FileId, String> = about.into_iter().filter_map(|id| Some((id, etag(id)?))).collect();
        if etags.is_empty() {
            return Err(MoveError::NoFile(self.folder.clone()));
        }
        Ok(Some(Box::new(Mistold { it: self.clone(), etags })))
    }
}

struct Mistold {
    it: TellProperties,
    /// Whom it is about, and the ETags of then.
    etags: BTreeMap<FileId, String>,
}

impl Lie for Mistold {
    fn name(&self) -> &'static str {
        "tell_properties"
    }

    fn listed(&self, _: &Asker, node: FileId, honest: Listed) -> Listed {
        let Some(then) = self.etags.get(&node) else { return honest };
        let frozen = self.it.freeze_etags.then(|| then.clone());
        Listed {
            id: honest.id,
            etag: self.it.etag.clone().or(frozen).unwrap_or(honest.etag),
            modified: self.it.modified.unwrap_or(honest.modified),
            size: self.it.size.unwrap_or(honest.size),
            is_folder: honest.is_folder != self.it.other_type,
            permissions: self.it.permissions.clone().unwrap_or(honest.permissions),
        }
    }
}
