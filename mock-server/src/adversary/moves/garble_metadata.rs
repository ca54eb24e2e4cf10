use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie, SignedMetadata};
use crate::adversary::stage::Stage;
use crate::model::FileId;

/// The metadata of a folder are withheld, or told as something that is none (ATK-META-04, ATK-PARSE-02), in both channels.
/// The signature stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GarbleMetadata {
    /// The path of an encrypted folder.
    pub folder: String,
    /// What is told.
    pub how: Garbled,
}

/// What is told in the place of metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Garbled {
    /// That there are none.
    Withheld,
    /// Empty text.
    Empty,
    /// `{}`.
    Braces,
    /// The first half.
    Truncated,
    /// A page of HTML.
    Html,
    /// A MiB of letters.
    Long,
}

impl Garbled {
    fn told(self, honest: &str) -> Option<String> {
        Some(match self {
            Self::Withheld => return None,
            Self::Empty => String::new(),
            Self::Braces => "{}".to_owned(),
            Self::Truncated => honest.chars().take(honest.chars().count() / 2).collect(),
            Self::Html => "<!DOCTYPE html><html><body>Log in</body></html>".to_owned(),
            Self::Long => "a".repeat(1024 * 1024),
        })
    }
}

impl Play for GarbleMetadata {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        stage.model.touch(folder);
        Ok(Some(Box::new(Garbling { folder, how: self.how })))
    }
}

struct Garbling {
    folder: FileId,
    how: Garbled,
}

impl Lie for Garbling {
    fn name(&self) -> &'static str {
        "garble_metadata"
    }

    fn metadata(&self, _: &Asker, folder: FileId, honest: Option<SignedMetadata>) -> Option<SignedMetadata> {
        let told = honest?;
        if folder != self.folder {
            return Some(told);
        }
        let document = self.how.told(&told.document)?;
        Some(SignedMetadata { document, ..told })
    }
}
