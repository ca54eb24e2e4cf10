//! What users take out of encrypted folders: from then on the server may know it (LEAK-05).

use std::collections::BTreeSet;

use crate::judge::{Holding, World};
use crate::scenario::Action;
use crate::transcript::{Deed, StepRecord, Transcript};

/// What one step was to bring to a plain place.
#[derive(Debug)]
pub(super) struct TakenOut {
    /// The number of the last exchange before it began.
    pub(super) after: u64,
    /// The paths that it made, or was to make.
    pub(super) paths: BTreeSet<String>,
    /// SHA-256 of the contents that are right there.
    pub(super) contents: BTreeSet<String>,
}

/// Every step that moves or copies something to a plain place. What came of it does not matter: the user wanted it.
pub(super) fn taken_out(transcript: &Transcript) -> Vec<TakenOut> {
    let taken = transcript.steps.iter().filter_map(|record| match &record.deed {
        // An encrypted folder that goes elsewhere as a whole stays encrypted.
        Deed::Device(Action::Rename { path, to } | Action::Copy { path, to })
            if path.contains('/') && !is_plain(transcript, path) && is_plain(transcript, to) =>
        {
            Some(taken(transcript, record, path, to))
        }
        _ => None,
    });
    taken.collect()
}

/// The number of the last exchange in which something is a secret, by what tells whether a step takes it out.
pub(super) fn secret_until(taken: &[TakenOut], takes: impl Fn(&TakenOut) -> bool) -> u64 {
    taken.iter().filter(|taken| takes(taken)).map(|taken| taken.after).min().unwrap_or(u64::MAX)
}

fn taken(transcript: &Transcript, record: &StepRecord, path: &str, to: &str) -> TakenOut {
    let world = World::before(transcript, record.step);
    let inside = |other: &str| Some(other.strip_prefix(path)?.to_owned()).filter(|rest| is_below(rest));
    let (mut paths, mut contents) = (BTreeSet::from([to.to_owned()]), BTreeSet::new());
    for file in world.paths() {
        let (Some(rest), Holding::OneOf(right, _)) = (inside(file), world.holding(file)) else { continue };
        paths.insert(format!("{to}{rest}"));
        contents.extend(right.iter().cloned());
    }
    // Folders in which nothing lies.
    for earlier in transcript.steps.iter().filter(|earlier| earlier.step < record.step) {
        if let Deed::Device(Action::MakeFolder { path: made }) = &earlier.deed {
            paths.extend(inside(made).map(|rest| format!("{to}{rest}")));
        }
    }
    TakenOut { after: record.exchanges_before, paths, contents }
}

/// Whether what follows a path leads to itself or into it.
fn is_below(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// Whether a path lies in no folder that a device was asked to encrypt, whatever that is called by now.
fn is_plain(transcript: &Transcript, path: &str) -> bool {
    let mut encrypted: BTreeSet<&str> = BTreeSet::new();
    for record in &transcript.steps {
        match &record.deed {
            Deed::Device(Action::EncryptFolder { path }) => encrypted.insert(path),
            Deed::Device(Action::Rename { path, to }) => {
                encrypted.contains(path.as_str()) && encrypted.insert(to)
            }
            _ => false,
        };
    }
    !encrypted.contains(path.split('/').next().unwrap_or_default())
}
