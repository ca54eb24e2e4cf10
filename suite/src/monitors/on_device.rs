//! What lies on a device in the end is what somebody has written, and is there still.

use std::collections::BTreeMap;

use e2ee_adapter::protocol::EntryKind;
use e2ee_mock_server::Endpoint;
use e2ee_reference::file_cipher;
use e2ee_reference_client::unauthenticated;

use super::finding::{Evidence, Monitor, Observed};
use super::leak::stands_in;
use super::need::Need;
use super::needle::on_disk;
use crate::hash::sha256_hex;
use crate::judge::{Holding, World};
use crate::scenario::Action;
use crate::transcript::{Deed, Moment, Outcome, Snapshot, Transcript};

pub(super) const MONITOR: Monitor = Monitor {
    name: "on-device",
    summary: "on a device lies nothing that was decrypted and not verified, nothing that nobody has written, nothing that \
              was removed before it looked, and no key that other users of the computer may read",
    requirements: &["R2-READ-08", "ATK-FILE-01", "R2-MOD-15", "ROB-DIR-01", "LEAK-09"],
    catches: &[
        "leaves-unauthenticated-parts",
        "leaves-empty-files",
        "keeps-removed-files",
        "keeps-keys-in-the-open",
    ],
    honest_only: false,
    needs: &[Need::Disks],
    check,
};

/// Length of the authentication tag at the end of a stored file.
const TAG: usize = 16;

fn check(evidence: &Evidence<'_>) -> Vec<Observed> {
    let transcript = evidence.transcript;
    let at_end = transcript
        .snapshots
        .iter()
        .filter(|snapshot| snapshot.at == Moment::End && transcript.is_subject(&snapshot.actor));
    let unverified = unverified(evidence);
    let world = World::at_end(transcript);
    let mut observed = Vec::new();
    for snapshot in at_end {
        let parts = hashes(snapshot).find_map(|(path, sha256)| Some((path, unverified.get(sha256)?)));
        observed.extend(parts.map(|(path, exchange)| {
            told(snapshot, path, "holds what came out of altered bytes", vec![*exchange])
        }));
        observed.extend(in_the_open(evidence, snapshot));
        if transcript.mode.is_honest() {
            let strange = strange(&world, snapshot);
            observed.extend(
                strange.map(|path| told(snapshot, path, "holds what no device has written", Vec::new())),
            );
            let removed = removed(&world, snapshot)
                .filter(|path| !with_its_root(transcript, path) && has_looked(transcript, &snapshot.actor));
            observed.extend(
                removed
                    .map(|path| told(snapshot, path, "is still shown, and was removed before", Vec::new())),
            );
        }
    }
    observed
}

/// A file beside those that the user sees in which a secret stands, and which others may read (LEAK-09).
fn in_the_open(evidence: &Evidence<'_>, snapshot: &Snapshot) -> Option<Observed> {
    let mut open = snapshot.disk.iter().filter_map(|file| Some((file, file.content.as_ref()?))).peekable();
    open.peek()?;
    let needles = on_disk(evidence);
    open.find_map(|(file, content)| {
        let found = stands_in(&needles, content)?;
        let mode = file.mode.unwrap_or_default();
        let what = format!("holds {}, and others may read it (mode {mode:03o})", found.what);
        Some(told(snapshot, &file.path, &what, Vec::new()))
    })
}

fn told(snapshot: &Snapshot, path: &str, what: &str, exchanges: Vec<u64>) -> Observed {
    Observed { text: format!("{}: {path} {what}", snapshot.actor), exchanges, canary: None }
}

/// What altered bytes decrypt to when nobody looks at their tag: by SHA-256, the exchange in which they came.
fn unverified(evidence: &Evidence<'_>) -> BTreeMap<String, u64> {
    let transcript = evidence.transcript;
    let genuine =
        |sha256: &String| transcript.canaries.contents.iter().any(|content| content.sha256 == *sha256);
    let mut found = BTreeMap::new();
    for exchange in transcript.subject_exchanges() {
        if exchange.endpoint != Endpoint::GetFile || exchange.status != 200 || exchange.tampered_by.is_empty()
        {
            continue;
        }
        let id = exchange.path.rsplit('/').next().unwrap_or_default();
        let stored = &exchange.response_body;
        let opened = evidence.documents.iter().filter_map(|document| document.opened.as_ref());
        for entry in opened.filter_map(|(_, contents)| contents.files.get(id)) {
            if file_cipher::is_authentic(&entry.key, &entry.nonce, stored) {
                continue;
            }
            // A client may take the last bytes for the tag, or know the tag from the metadata.
            let mut all = stored.to_vec();
            all.extend([0; TAG]);
            for bytes in [&stored[..], &all[..]] {
                let plain = unauthenticated(entry, bytes).unwrap_or_default();
                let sha256 = sha256_hex(&plain);
                if !plain.is_empty() && !genuine(&sha256) {
                    found.insert(sha256, exchange.number);
                }
            }
        }
    }
    found
}

/// Everything in and around the device's folder.
fn hashes(snapshot: &Snapshot) -> impl Iterator<Item = (&str, &str)> {
    let shown = snapshot.tree.iter().flat_map(|tree| &tree.entries);
    let shown = shown.filter_map(|entry| Some((entry.path.as_str(), entry.sha256.as_deref()?)));
    shown.chain(snapshot.disk.iter().map(|file| (file.path.as_str(), file.sha256.as_str())))
}

/// A file that is shown under a path at which devices have written, with another content than any of them.
fn strange<'s>(world: &World, snapshot: &'s Snapshot) -> Option<&'s str> {
    let mut shown = files(snapshot).filter_map(|(path, sha256)| Some((path, sha256?)));
    let is_strange = |(path, sha256): &(&str, &str)| {
        world.ever(path).next().is_some() && world.ever(path).all(|known| known != *sha256)
    };
    shown.find(is_strange).map(|(path, _)| path)
}

fn removed<'s>(world: &World, snapshot: &'s Snapshot) -> Option<&'s str> {
    files(snapshot).map(|(path, _)| path).find(|path| world.holding(path) == Holding::Removed)
}

/// Whether the whole encrypted folder was removed: released servers do not tell who has signed that, and whoever is not
/// told keeps what he has (R2-DET-05).
fn with_its_root(transcript: &Transcript, path: &str) -> bool {
    let root = path.split('/').next().unwrap_or_default();
    let removes = |deed: &Deed| matches!(deed, Deed::Device(Action::Remove { path }) if path == root);
    transcript.steps.iter().any(|record| removes(&record.deed))
}

/// The files that the client says lie on the device.
fn files(snapshot: &Snapshot) -> impl Iterator<Item = (&str, Option<&str>)> {
    let shown = snapshot.tree.iter().flat_map(|tree| &tree.entries);
    let shown = shown.filter(|entry| entry.kind == EntryKind::File);
    shown.map(|entry| (entry.path.as_str(), entry.sha256.as_deref()))
}

/// Whether the device was brought up to date after the last time that anything was removed or renamed.
fn has_looked(transcript: &Transcript, actor: &str) -> bool {
    let takes_away = |action: &Action| matches!(action, Action::Remove { .. } | Action::Rename { .. });
    let mut looked = false;
    for record in &transcript.steps {
        match (&record.deed, &record.outcome) {
            (Deed::Device(action), _) if takes_away(action) => looked = record.actor == actor,
            (Deed::Device(Action::Sync {}), Outcome::Ok(_)) if record.actor == actor => looked = true,
            _ => {}
        }
    }
    looked
}
