//! What a client has called written must be there for others to read.

use std::collections::{BTreeMap, BTreeSet};

use e2ee_reference::file_cipher;

use super::finding::{Evidence, Monitor, Observed};
use super::need::Need;
use super::taken_out::taken_out;
use super::uploads::Ring;
use crate::judge::World;
use crate::scenario::Action;
use crate::transcript::{Deed, StepRecord, StoredFolder, Transcript};

pub(super) const MONITOR: Monitor = Monitor {
    name: "acknowledged-writes",
    summary: "whatever was acknowledged as written can be read from the server with the right keys",
    requirements: &["R2-MOD-09", "R2-MOD-14", "R2-MOD-24", "ROB-DEV-01"],
    catches: &["loses-concurrent-write"],
    honest_only: true,
    needs: &[Need::Wishes],
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let stored = stored(evidence.transcript, &mut evidence.ring.borrow_mut());
    let world = World::at_end(evidence.transcript);
    let taken = taken_out(evidence.transcript);
    let mut observed = Vec::new();
    for (path, right) in world.certain().filter(|(path, _)| path.contains('/')) {
        let text = match stored.get(path) {
            // It lies in the clear.
            None if taken.iter().any(|taken| taken.paths.contains(path)) => continue,
            None => format!("{path} was acknowledged, but the server's final state has no such file"),
            Some(Err(reason)) if *reason == NO_BYTES && was_server(evidence.transcript) => continue,
            Some(Err(reason)) => format!("{path} was acknowledged, but {reason}"),
            Some(Ok(found)) if right.contains(found) => continue,
            Some(Ok(_)) if kept_beside(evidence.transcript, &stored, path, right) => continue,
            Some(Ok(_)) => format!("{path} was acknowledged, but the server's final state holds other bytes"),
        };
        observed.push(Observed { text, exchanges: Vec::new(), canary: None });
    }
    observed
}

/// Whether it was a conflict, and nothing of it is lost: several devices have written there, the last content has a name of
/// its own in the same folder, and what stands under the old one is another device's.
fn kept_beside(transcript: &Transcript, stored: &Stored, path: &str, right: &BTreeSet<String>) -> bool {
    let writers = transcript.steps.iter().filter_map(|record| match &record.deed {
        Deed::Device(Action::Write { path: to, .. }) if to == path => Some(record.actor.as_str()),
        _ => None,
    });
    let writers: BTreeSet<&str> = writers.collect();
    let world = World::at_end(transcript);
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let holds = |at: &str, contents: &dyn Fn(&String) -> bool| {
        stored.get(at).and_then(|found| found.as_ref().ok()).is_some_and(contents)
    };
    writers.len() > 1
        && holds(path, &|found| world.ever(path).any(|old| old == found))
        && stored.keys().any(|other| {
            other != path && folder(other) == folder(path) && holds(other, &|found| right.contains(found))
        })
}

const NO_BYTES: &str = "the server has no bytes for it";

/// Whether the server has lost bytes itself, which only a device that keeps a copy can help.
fn was_server(transcript: &Transcript) -> bool {
    let lost =
        |record: &StepRecord| matches!(&record.deed, Deed::Move(play) if play.get("lose_file").is_some());
    transcript.steps.iter().any(lost)
}

type Stored = BTreeMap<String, Result<String, String>>;

/// The files that the server has at the end, by clear path, as SHA-256 of the plaintext.
fn stored(transcript: &Transcript, ring: &mut Ring) -> Stored {
    let mut files = Stored::new();
    for root in transcript.stored.iter().filter(|folder| folder.parent.is_none()) {
        descend(transcript, ring, root, &root.name, &mut files);
    }
    files
}

fn descend(transcript: &Transcript, ring: &mut Ring, folder: &StoredFolder, path: &str, files: &mut Stored) {
    let opened = folder.metadata.as_deref().and_then(|text| ring.open_text(text));
    let Some((_, contents)) = opened else { return };
    for (id, entry) in &contents.files {
        let found = match folder.files.get(id) {
            None => Err(NO_BYTES.to_owned()),
            Some(blob) => file_cipher::decrypt(&entry.key, &entry.nonce, blob)
                .map(|plain| transcript.canaries.sha256_of(&plain))
                .map_err(|error| format!("the stored bytes do not open: {error}")),
        };
        files.insert(format!("{path}/{}", entry.filename), found);
    }
    for (id, name) in &contents.folders {
        let inside = transcript
            .stored
            .iter()
            .find(|child| child.parent == Some(folder.id) && child.name == *id && child.id != folder.id);
        if let Some(child) = inside {
            descend(transcript, ring, child, &format!("{path}/{name}"), files);
        }
    }
}
