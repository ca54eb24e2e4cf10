//! What the judged devices show or hold after the attack.

use e2ee_adapter::protocol::{EntryKind, Listing};

use super::assess::content;
use crate::scenario::{Action, Role, Scenario};
use crate::transcript::{Deed, DiskFile, FILES, Moment, Outcome, Snapshot, StepRecord, Transcript};

/// How something shows that the client says lies on the device.
pub(super) const SHOWN: &str = "shown on the device";

/// A file that a judged device shows, gave out, or holds on its disk.
pub(super) struct Seen {
    /// The device.
    pub(super) actor: String,
    /// Relative to the root of the account.
    pub(super) path: String,
    /// Lower-case hex, where it is known.
    pub(super) sha256: Option<String>,
    /// How it showed.
    pub(super) how: &'static str,
    /// The bytes, if the device gave them to the judge.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Everything that judged devices showed, gave out or held since the first attack step.
pub(super) fn since_attack(scenario: &Scenario, transcript: &Transcript) -> Vec<Seen> {
    let from = scenario.first_attack().unwrap_or(0);
    let mut seen = Vec::new();
    for record in &transcript.steps {
        if record.step < from || !transcript.is_subject(&record.actor) {
            continue;
        }
        let show = |path: &str, sha256, how, bytes| Seen {
            actor: record.actor.clone(),
            path: path.to_owned(),
            sha256,
            how,
            bytes,
        };
        for released in record.outcome.released() {
            seen.push(show(
                &released.path,
                Some(released.sha256.clone()),
                "given out before the error",
                None,
            ));
        }
        let (Deed::Device(action), Outcome::Ok(answer)) = (&record.deed, &record.outcome) else { continue };
        match action {
            Action::Read { path } => {
                if let Some(bytes) = content(answer) {
                    seen.push(show(path, Some(transcript.canaries.sha256_of(&bytes)), "read", Some(bytes)));
                }
            }
            Action::List { path } => {
                for entry in listing(answer).entries {
                    let full = if path.is_empty() { entry.path } else { format!("{path}/{}", entry.path) };
                    seen.push(show(&full, None, "listed", None));
                }
            }
            Action::Tree {} => {
                for entry in listing(answer).entries {
                    seen.push(show(&entry.path, entry.sha256, SHOWN, None));
                }
            }
            _ => {}
        }
    }
    for snapshot in snapshots(transcript, Moment::End) {
        seen.extend(held(snapshot));
    }
    seen
}

/// What one snapshot shows below the user's folder.
pub(super) fn held(snapshot: &Snapshot) -> Vec<Seen> {
    let from_tree = snapshot.tree.iter().flat_map(|tree| &tree.entries);
    let tree = from_tree.filter(|entry| entry.kind == EntryKind::File).map(|entry| Seen {
        actor: snapshot.actor.clone(),
        path: entry.path.clone(),
        sha256: entry.sha256.clone(),
        how: SHOWN,
        bytes: None,
    });
    let disk = snapshot.disk.iter().filter_map(|file| {
        let path = file.path.strip_prefix(FILES)?.to_owned();
        let sha256 = Some(file.sha256.clone());
        Some(Seen { actor: snapshot.actor.clone(), path, sha256, how: "on the disk", bytes: None })
    });
    tree.chain(disk).collect()
}

/// The snapshots of judged devices at a moment.
pub(super) fn snapshots(transcript: &Transcript, at: Moment) -> impl Iterator<Item = &Snapshot> {
    transcript.snapshots.iter().filter(move |snapshot| {
        let judged = transcript
            .devices
            .iter()
            .any(|device| device.actor == snapshot.actor && device.role == Role::Subject);
        snapshot.at == at && judged
    })
}

/// Whether a step hangs on a copy that this device has neither shown before nor holds in the end.
pub(super) fn lacks(transcript: &Transcript, holder: Option<&str>, step: &StepRecord) -> bool {
    let (Some(holder), Deed::Device(action)) = (holder, &step.deed) else { return false };
    let about = |path: &str| action.paths().contains(&path);
    let shown = transcript.steps.iter().any(|record| match (&record.deed, &record.outcome) {
        (Deed::Device(Action::Tree {}), Outcome::Ok(answer)) if record.actor == holder => {
            listing(answer).entries.iter().any(|entry| about(&entry.path))
        }
        _ => false,
    });
    let kept = snapshots(transcript, Moment::End).filter(|snapshot| snapshot.actor == holder);
    !shown && !kept.flat_map(held).any(|seen| about(&seen.path))
}

/// Files on the disk of a snapshot outside the user's folder.
pub(super) fn outside(snapshot: &Snapshot) -> impl Iterator<Item = &DiskFile> {
    snapshot.disk.iter().filter(|file| !file.path.starts_with(FILES))
}

/// The last component of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn listing(answer: &serde_json::Value) -> Listing {
    serde_json::from_value(answer.clone()).unwrap_or_default()
}
