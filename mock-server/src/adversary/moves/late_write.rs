use std::sync::atomic::{AtomicBool, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::forge;
use crate::adversary::lie::{Aim, Asker, Lie, Pause, SignedMetadata};
use crate::adversary::member::Member;
use crate::adversary::stage::Stage;
use crate::exchange::Endpoint;
use crate::model::FileId;

/// A member's honest write becomes visible only when somebody asks for the lock (ATK-LOCK-03), and the counter that
/// comes with the request is not checked. Whoever then writes what it knew before takes the member's file away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LateWrite {
    /// The path of an encrypted folder.
    pub folder: String,
    /// The member's user id; [`Corrupt`](super::Corrupt) has come before.
    pub by: String,
    /// The clear name of the file that he writes.
    pub name: String,
    /// Whether it is visible at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
}

impl Play for LateWrite {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        let mut member = Member::of(stage, &self.folder, &self.by)?;
        let forgery = forge::file(&self.name)?;
        member.adds(&forgery);
        let written = member.writes(stage.now)?;
        let root = member.root;
        let stored = stage.model.metadata(root.folder).cloned();
        let before = stored.ok_or_else(|| MoveError::NoMetadata(self.folder.clone()))?;
        let file = stage.plant("late_write", &root, forgery)?.map(|file| file.node);
        // The counter that locks are checked against stays: this server lets everybody in.
        stage.publish("late_write", &root, written.clone(), None);
        let seen = AtomicBool::new(self.at_once);
        Ok(Some(Box::new(Late { folder: root.folder, file, before, written, seen })))
    }
}

struct Late {
    folder: FileId,
    file: Option<FileId>,
    before: SignedMetadata,
    written: SignedMetadata,
    /// Whether somebody has asked for the lock.
    seen: AtomicBool,
}

impl Lie for Late {
    fn name(&self) -> &'static str {
        "late_write"
    }

    fn metadata(&self, _: &Asker, folder: FileId, honest: Option<SignedMetadata>) -> Option<SignedMetadata> {
        let early = folder == self.folder && !self.seen.load(Ordering::Relaxed);
        honest.map(|told| if early && told == self.written { self.before.clone() } else { told })
    }

    fn hidden(&self, _: &Asker, node: FileId) -> bool {
        Some(node) == self.file && !self.seen.load(Ordering::Relaxed)
    }

    fn before(&self, aim: &Aim, _: &Asker) -> Pause {
        if aim.endpoint == Endpoint::PostLock {
            self.seen.store(true, Ordering::Relaxed);
        }
        Pause::None
    }

    fn made_metadata(&self, _: &Asker, folder: FileId, told: &SignedMetadata) -> bool {
        folder == self.folder && *told == self.written
    }
}
