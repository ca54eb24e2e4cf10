//! What each path must hold, as far as honest devices know: replayed from the recorded steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::Action;
use crate::transcript::{Deed, Outcome, StepRecord, Transcript};

/// The files that the devices have written, by the paths of the play.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    files: BTreeMap<String, Held>,
    history: BTreeMap<String, BTreeSet<String>>,
    removed: BTreeSet<String>,
}

/// What a path may hold now.
#[derive(Debug, Clone, Default)]
struct Held {
    /// SHA-256 of every content that is right.
    right: BTreeSet<String>,
    /// Whether it may just as well be gone: something that would have removed or made it did not succeed.
    perhaps_gone: bool,
}

/// What a path has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holding<'a> {
    /// No device has ever written it.
    Unknown,
    /// It was removed or renamed.
    Removed,
    /// One of these contents, by SHA-256; the flag tells whether it may also be gone.
    OneOf(&'a BTreeSet<String>, bool),
}

impl World {
    /// The world after all steps of a play.
    pub(crate) fn at_end(transcript: &Transcript) -> Self {
        Self::before(transcript, usize::MAX)
    }

    /// The world before the step at this position of the scenario.
    pub(crate) fn before(transcript: &Transcript, step: usize) -> Self {
        let mut world = Self::default();
        let mut records = transcript.steps.iter().filter(|record| record.step < step).peekable();
        while let Some(first) = records.next() {
            let mut group = vec![first];
            while let Some(next) = records.next_if(|record| record.step == first.step) {
                group.push(next);
            }
            world.apply(transcript, &group);
        }
        world
    }

    /// What a path has to hold.
    pub(crate) fn holding(&self, path: &str) -> Holding<'_> {
        match self.files.get(path) {
            Some(held) => Holding::OneOf(&held.right, held.perhaps_gone),
            None if self.removed.contains(path) => Holding::Removed,
            None => Holding::Unknown,
        }
    }

    /// Every path that certainly holds something, with what is right.
    pub(crate) fn certain(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.files
            .iter()
            .filter(|(_, held)| !held.perhaps_gone)
            .map(|(path, held)| (path.as_str(), &held.right))
    }

    /// Every path that holds something, or may.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Every content that a device has ever put there, by SHA-256.
    pub(crate) fn ever(&self, path: &str) -> impl Iterator<Item = &str> {
        self.history.get(path).into_iter().flatten().map(String::as_str)
    }

    /// Takes the steps of one position: several if devices acted together.
    pub(crate) fn apply(&mut self, transcript: &Transcript, group: &[&StepRecord]) {
        let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for record in group {
            let Deed::Device(action) = &record.deed else { continue };
            let done = matches!(record.outcome, Outcome::Ok(_));
            match action {
                Action::Write { path, .. } => {
                    let Some(content) = transcript.canaries.content_of(record.step, &record.actor) else {
                        continue;
                    };
                    self.history.entry(path.clone()).or_default().insert(content.sha256.clone());
                    if done {
                        written.entry(path.clone()).or_default().insert(content.sha256.clone());
                    } else {
                        self.perhaps_written(path, &content.sha256);
                    }
                }
                Action::Remove { path } => self.removed(path, done),
                Action::Rename { path, to } => self.renamed(path, to, done),
                Action::Copy { path, to } => self.copied(path, to, done),
                _ => {}
            }
        }
        for (path, right) in written {
            self.removed.remove(&path);
            self.files.insert(path, Held { right, perhaps_gone: false });
        }
    }

    fn perhaps_written(&mut self, path: &str, sha256: &str) {
        let fresh = Held { right: BTreeSet::new(), perhaps_gone: true };
        self.files.entry(path.to_owned()).or_insert(fresh).right.insert(sha256.to_owned());
    }

    fn removed(&mut self, path: &str, done: bool) {
        for inside in self.below(path) {
            if done {
                self.files.remove(&inside);
                self.removed.insert(inside);
            } else if let Some(held) = self.files.get_mut(&inside) {
                held.perhaps_gone = true;
            }
        }
    }

    fn renamed(&mut self, path: &str, to: &str, done: bool) {
        for inside in self.below(path) {
            let target = format!("{to}{}", inside.get(path.len()..).unwrap_or_default());
            let past = self.history.get(&inside).cloned().unwrap_or_default();
            self.history.entry(target.clone()).or_default().extend(past);
            let Some(held) = self.files.get_mut(&inside) else { continue };
            if done {
                let held = held.clone();
                self.files.remove(&inside);
                self.removed.insert(inside);
                self.removed.remove(&target);
                self.files.insert(target, held);
            } else {
                held.perhaps_gone = true;
                let right = held.right.clone();
                let fresh = Held { right: BTreeSet::new(), perhaps_gone: true };
                self.files.entry(target).or_insert(fresh).right.extend(right);
            }
        }
    }

    fn copied(&mut self, path: &str, to: &str, done: bool) {
        for inside in self.below(path) {
            let target = format!("{to}{}", inside.get(path.len()..).unwrap_or_default());
            let Some(held) = self.files.get(&inside).cloned() else { continue };
            self.history.entry(target.clone()).or_default().extend(held.right.iter().cloned());
            if done {
                self.removed.remove(&target);
                self.files.insert(target, held);
            } else {
                held.right.iter().for_each(|content| self.perhaps_written(&target, content));
            }
        }
    }

    /// The files at a path and below it.
    fn below(&self, path: &str) -> Vec<String> {
        let inside = |file: &&String| {
            file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.files.keys().filter(inside).cloned().collect()
    }
}
