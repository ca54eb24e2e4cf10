use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::handiwork::Handiwork;
use crate::adversary::lie::{Asker, Channel, Lie, Listed, SignedMetadata};
use crate::adversary::stage::Stage;
use crate::model::{Content, FileId};

/// Two things that belong to a folder are exchanged, each of them genuine (ATK-SUB-03, ATK-FILE-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Swap {
    /// The path of an encrypted folder.
    pub folder: String,
    /// What is exchanged.
    pub what: Exchanged,
    /// The only channel that tells metadata exchanged; both if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

/// What is exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exchanged {
    /// The bytes of the two oldest files.
    Files,
    /// The metadata of the first two folders inside, with their signatures.
    Metadata,
    /// The identifiers that listings tell of the first two folders inside.
    Identifiers,
}

impl Play for Swap {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let folder = stage.folder(&self.folder)?;
        let work = Handiwork::of("swap");
        let work = match self.what {
            Exchanged::Files => {
                let files = stage.files(folder).into_iter().filter_map(|id| {
                    let node = stage.model.node(id)?;
                    Some((node.name().to_owned(), node.content()?.clone()))
                });
                let files: Vec<(String, Content)> = files.collect();
                let [(first, one), (second, two), ..] = files.as_slice() else {
                    return Err(MoveError::NoFile(self.folder.clone()));
                };
                let in_second = stage.forge_file(folder, second, one.clone(), |_| None)?;
                let in_first = stage.forge_file(folder, first, two.clone(), |_| None)?;
                work.file(in_second).file(in_first)
            }
            Exchanged::Metadata | Exchanged::Identifiers => {
                let mut told: BTreeMap<_, _> = stage.all_metadata();
                told.retain(|id, _| stage.model.node(*id).is_some_and(|node| node.parent() == Some(folder)));
                let told: Vec<_> = told.into_iter().collect();
                let [(first, one), (second, two), ..] = told.as_slice() else {
                    return Err(MoveError::NoSubfolder(self.folder.clone()));
                };
                if self.what == Exchanged::Identifiers {
                    [*first, *second].into_iter().for_each(|id| stage.model.touch(id));
                    return Ok(Some(Box::new(OtherIdentifiers(*first, *second))));
                }
                if let Some(channel) = self.channel {
                    let told = BTreeMap::from([(*first, two.clone()), (*second, one.clone())]);
                    told.keys().for_each(|id| stage.model.touch(*id));
                    return Ok(Some(Box::new(InOneChannel { channel, told })));
                }
                let work = stage.forge_metadata(work, *first, two.clone());
                stage.forge_metadata(work, *second, one.clone())
            }
        };
        Ok(Some(Box::new(work)))
    }
}

struct OtherIdentifiers(FileId, FileId);

impl Lie for OtherIdentifiers {
    fn name(&self) -> &'static str {
        "swap"
    }

    fn listed(&self, _: &Asker, node: FileId, honest: Listed) -> Listed {
        match node {
            it if it == self.0 => Listed { id: self.1, ..honest },
            it if it == self.1 => Listed { id: self.0, ..honest },
            _ => honest,
        }
    }
}

struct InOneChannel {
    channel: Channel,
    told: BTreeMap<FileId, SignedMetadata>,
}

impl Lie for InOneChannel {
    fn name(&self) -> &'static str {
        "swap"
    }

    fn metadata_over(
        &self,
        channel: Channel,
        _: &Asker,
        folder: FileId,
        honest: Option<SignedMetadata>,
    ) -> Option<SignedMetadata> {
        self.told.get(&folder).filter(|_| channel == self.channel).cloned().or(honest)
    }
}
