//! Whether the attack has worked, shown by what the attacker holds and by what the device shows.

use std::collections::BTreeSet;

use super::disk::{self, Seen, base_name};
use super::verdict::Evidence;
use super::world::{Holding, World};
use crate::hash::sha256_hex;
use crate::monitors::{self, Finding};
use crate::scenario::{Proof, Scenario};
use crate::transcript::{Deed, Moment, Transcript};

/// The first of the scenario's proofs that the transcript holds.
pub(super) fn find(scenario: &Scenario, transcript: &Transcript, findings: &[Finding]) -> Option<Evidence> {
    scenario.proof.iter().find_map(|proof| match proof {
        Proof::AttackerReads(path) => attacker_reads(transcript, path),
        Proof::ForgedLands(name) => forged_lands(scenario, transcript, name),
        Proof::Lost(path) => lost(scenario, transcript, path),
        Proof::Leaked => leaked(findings),
        Proof::Escaped => escaped(transcript),
    })
}

/// Whether a proof is in the attacker's own hands, so that nothing the client says can explain it away.
pub(super) fn is_plaintext(evidence: &Evidence) -> bool {
    ["attacker_reads", "leaked"].contains(&evidence.kind.as_str())
}

fn attacker_reads(transcript: &Transcript, path: &str) -> Option<Evidence> {
    let played = transcript.canaries.played(path);
    let world = World::at_end(transcript);
    let genuine: BTreeSet<&str> = world.ever(played).collect();
    let opened = transcript.attacker.opens(&transcript.exchanges);
    for opened in &opened {
        let (Some(content), Some(carried)) = (&opened.content, opened.content_exchange) else { continue };
        if genuine.contains(sha256_hex(content).as_str()) {
            return Some(Evidence {
                kind: "attacker_reads".to_owned(),
                text: format!(
                    "the attacker opened {played} with {}: metadata in exchange {}, file in exchange {carried}",
                    opened.with, opened.exchange
                ),
                exchanges: vec![opened.exchange, carried],
                canary: Some(shortened(content)),
            });
        }
    }
    let by_name = opened.iter().find(|opened| has_canary_name(transcript, played, &opened.filename))?;
    Some(Evidence {
        kind: "attacker_reads".to_owned(),
        text: format!(
            "the attacker opened the entry of {played}, name and file key, with {}: metadata in exchange {}",
            by_name.with, by_name.exchange
        ),
        exchanges: vec![by_name.exchange],
        canary: Some(shortened(by_name.filename.as_bytes())),
    })
}

/// A random name that is this path's own.
fn has_canary_name(transcript: &Transcript, played: &str, filename: &str) -> bool {
    let own = base_name(played);
    filename == own && transcript.canaries.names.iter().any(|token| own.contains(token.as_str()))
}

fn forged_lands(scenario: &Scenario, transcript: &Transcript, name: &str) -> Option<Evidence> {
    let seen = disk::since_attack(scenario, transcript);
    let planted: Vec<_> = transcript.attacker.planted().iter().collect();
    let played = transcript.canaries.played(name);
    let written = transcript.canaries.paths.contains_key(name);
    let world = World::at_end(transcript);
    let genuine: BTreeSet<&str> = world.ever(played).collect();
    let is_forged = |seen: &&Seen| {
        let hash = seen.sha256.as_deref();
        let planted_bytes = planted.iter().any(|file| hash == Some(sha256_hex(&file.content).as_str()));
        let planted_name = planted.iter().any(|file| base_name(&file.filename) == base_name(name))
            && base_name(&seen.path) == base_name(name);
        let altered = written
            && seen.path == played
            && hash.is_some_and(|hash| !genuine.contains(hash))
            && !genuine.is_empty();
        planted_bytes || planted_name || altered
    };
    let hit = seen.iter().find(is_forged)?;
    let planted_content =
        planted.iter().find(|file| hit.sha256.as_deref() == Some(sha256_hex(&file.content).as_str()));
    let bytes = hit.bytes.clone().or_else(|| planted_content.map(|file| file.content.to_vec()));
    Some(Evidence {
        kind: "forged_lands".to_owned(),
        text: format!(
            "{}: what the attacker made is taken for genuine: {} ({})",
            hit.actor, hit.path, hit.how
        ),
        exchanges: tampered(transcript),
        canary: bytes.map(|bytes| shortened(&bytes)),
    })
}

fn lost(scenario: &Scenario, transcript: &Transcript, path: &str) -> Option<Evidence> {
    let played = transcript.canaries.played(path);
    let attack = scenario.first_attack()?;
    let before = World::before(transcript, attack);
    let end = World::at_end(transcript);
    let Holding::OneOf(acknowledged, false) = before.holding(played) else { return None };
    // What the devices themselves did to the file afterwards is no loss.
    let (right, may_be_gone) = match end.holding(played) {
        Holding::OneOf(right, may_be_gone) => (right, may_be_gone),
        Holding::Removed | Holding::Unknown => return None,
    };
    let old: BTreeSet<&str> = before.ever(played).filter(|hash| !right.contains(*hash)).collect();
    let evidence = |text: String| {
        Some(Evidence { kind: "lost".to_owned(), text, exchanges: tampered(transcript), canary: None })
    };
    for seen in disk::since_attack(scenario, transcript) {
        if seen.path == played && seen.sha256.as_deref().is_some_and(|hash| old.contains(hash)) {
            return evidence(format!(
                "{}: {played} went back to an older content ({})",
                seen.actor, seen.how
            ));
        }
    }
    for earlier in disk::snapshots(transcript, Moment::BeforeAttack) {
        let had = |seen: &Seen| {
            seen.path == played && seen.sha256.as_deref().is_none_or(|hash| acknowledged.contains(hash))
        };
        let Some(held) = disk::held(earlier).into_iter().find(had) else { continue };
        let Some(later) = disk::snapshots(transcript, Moment::End).find(|later| later.actor == earlier.actor)
        else {
            continue;
        };
        if held.how == disk::SHOWN && later.tree.is_none() {
            // A device that does not say what lies on it has not lost it.
            continue;
        }
        // What was put aside under another name is no loss either.
        let aside = |seen: &Seen| seen.sha256.as_ref().is_some_and(|hash| acknowledged.contains(hash));
        let here = |seen: Seen| seen.how == held.how && (seen.path == played || aside(&seen));
        let still = disk::held(later).into_iter().any(here);
        if !still && !may_be_gone {
            return evidence(format!("{}: {played} is gone from the device ({})", earlier.actor, held.how));
        }
        let foreign = |seen: &Seen| {
            let unknown = |hash: &str| !hash.is_empty() && end.ever(played).all(|known| known != hash);
            seen.path == played && seen.sha256.as_deref().is_some_and(unknown)
        };
        if let Some(seen) = disk::held(later).into_iter().find(foreign) {
            let how = seen.how;
            return evidence(format!("{}: {played} holds what no device has written ({how})", earlier.actor));
        }
    }
    None
}

fn leaked(findings: &[Finding]) -> Option<Evidence> {
    let finding = findings.iter().find(|finding| finding.monitor == monitors::LEAK)?;
    Some(Evidence {
        kind: "leaked".to_owned(),
        text: finding.text.clone(),
        exchanges: finding.exchanges.clone(),
        canary: finding.canary.clone(),
    })
}

/// Also called for plays whose scenario does not name it: nothing may ever escape.
pub(super) fn escaped(transcript: &Transcript) -> Option<Evidence> {
    let planted = transcript.attacker.planted();
    let dropped = dropped_paths(transcript);
    for snapshot in disk::snapshots(transcript, Moment::End) {
        for file in disk::outside(snapshot) {
            let planted_here = planted.iter().any(|planted| {
                sha256_hex(&planted.content) == file.sha256
                    || (base_name(&planted.filename) == base_name(&file.path)
                        && !base_name(&file.path).is_empty())
            });
            let genuine = transcript
                .canaries
                .contents
                .iter()
                .any(|content| content.token.is_some() && content.sha256 == file.sha256);
            if planted_here || genuine || dropped.contains(&base_name(&file.path)) {
                return Some(Evidence {
                    kind: "escaped".to_owned(),
                    text: format!(
                        "{}: a file from the server lies outside the user's folder, at {}",
                        snapshot.actor, file.path
                    ),
                    exchanges: tampered(transcript),
                    canary: None,
                });
            }
        }
    }
    None
}

/// The last components of the names of dropped files that are paths.
fn dropped_paths(transcript: &Transcript) -> Vec<&str> {
    let moves = transcript.steps.iter().filter_map(|record| match &record.deed {
        Deed::Move(play) => play["drop_file"]["name"].as_str(),
        Deed::Device(_) => None,
    });
    moves.filter(|name| name.contains('/')).map(base_name).collect()
}

/// The answers that the attacker changed; at most ten.
fn tampered(transcript: &Transcript) -> Vec<u64> {
    let tampered = transcript.subject_exchanges().filter(|exchange| !exchange.tampered_by.is_empty());
    tampered.map(|exchange| exchange.number).take(10).collect()
}

/// Bytes as text for a report.
fn shortened(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
    clean.trim().to_owned()
}
