//! How the work of a move that changed the model is recognised when it is told.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::lie::{Asker, Lie, SignedMetadata};
use crate::model::FileId;

/// A lie that changes nothing: the model has been changed, and this names the answers that show it. What a client
/// has written since is not the move's work.
#[derive(Debug, Clone)]
pub(super) struct Handiwork {
    name: &'static str,
    metadata: BTreeMap<FileId, SignedMetadata>,
    files: BTreeMap<FileId, Bytes>,
}

impl Handiwork {
    /// No work yet by the move of this name.
    pub(super) const fn of(name: &'static str) -> Self {
        Self { name, metadata: BTreeMap::new(), files: BTreeMap::new() }
    }

    /// The metadata of this folder is the move's work.
    pub(super) fn metadata(mut self, folder: FileId, made: SignedMetadata) -> Self {
        self.metadata.insert(folder, made);
        self
    }

    /// The bytes of this file are the move's work.
    pub(super) fn file(mut self, node: FileId, made: Bytes) -> Self {
        self.files.insert(node, made);
        self
    }
}

impl Lie for Handiwork {
    fn name(&self) -> &'static str {
        self.name
    }

    fn made_metadata(&self, _: &Asker, folder: FileId, told: &SignedMetadata) -> bool {
        self.metadata.get(&folder) == Some(told)
    }

    fn made_file(&self, node: FileId, told: &Bytes) -> bool {
        self.files.get(&node) == Some(told)
    }
}
