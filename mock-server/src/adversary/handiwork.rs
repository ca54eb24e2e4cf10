//! How the work of a move that changed the model is recognised when it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::lie::{Asker, Lie, SignedMetadata};
use super::stage::ForgedFile;
use crate::model::{Content, FileId};

/// A lie that changes nothing: the model has been changed, and this names the answers that show it. What a client
/// has written since is not the move's work.
#[derive(Debug, Clone)]
pub(super) struct Handiwork {
    name: &'static str,
    metadata: BTreeMap<FileId, SignedMetadata>,
    files: BTreeMap<FileId, Content>,
    listings: BTreeSet<FileId>,
}

impl Handiwork {
    /// No work yet by the move of this name.
    pub(super) const fn of(name: &'static str) -> Self {
        Self { name, metadata: BTreeMap::new(), files: BTreeMap::new(), listings: BTreeSet::new() }
    }

    /// The metadata of this folder is the move's work.
    pub(super) fn metadata(mut self, folder: FileId, made: SignedMetadata) -> Self {
        self.metadata.insert(folder, made);
        self
    }

    /// What is listed in this folder, and what is not, is the move's work.
    pub(super) fn listing(mut self, folder: FileId) -> Self {
        self.listings.insert(folder);
        self
    }

    /// The bytes of this file, if there is one, are the move's work.
    pub(super) fn file(mut self, made: Option<ForgedFile>) -> Self {
        self.files.extend(made.map(|made| (made.node, made.content)));
        self
    }
}

impl Lie for Handiwork {
    fn name(&self) -> &'static str {
        self.name
    }

    fn lists(&self, folder: FileId) -> bool {
        self.listings.contains(&folder)
    }

    fn made_metadata(&self, _: &Asker, folder: FileId, told: &SignedMetadata) -> bool {
        self.metadata.get(&folder) == Some(told)
    }

    fn made_file(&self, node: FileId, told: &Content) -> bool {
        self.files.get(&node) == Some(told)
    }
}
