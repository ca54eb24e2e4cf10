//! Makes the random names and contents of one play. Equal names in equal places are equal in all plays of a process.

use std::collections::{BTreeMap, BTreeSet};

use super::random::token_for;
use crate::hash::sha256_hex;
use crate::scenario::{Action, Scenario, Step, literals};
use crate::transcript::{Canaries, ContentCanary};

/// Random bytes in a name.
const NAME: usize = 8;
/// Random bytes in a content.
const CONTENT: usize = 16;
/// Contents shorter than this are random bytes without a token.
const SHORTEST: usize = 40;

/// Adds names and contents for so many steps of a scenario, as far as they have none yet. The same component of a path gets the same
/// name everywhere; the root folder and names that a move mentions stay as they are.
pub(super) fn add(scenario: &Scenario, steps: usize, canaries: &mut Canaries) {
    let literal = literals(scenario);
    let mut components = components(canaries);
    let steps = scenario.steps.get(..steps).unwrap_or(&scenario.steps);
    for step in steps.iter().flat_map(Step::devices) {
        for path in step.action.paths() {
            let played = played(path, &literal, &mut components, &mut canaries.names);
            canaries.paths.insert(path.to_owned(), played);
        }
    }
    // Where the step stands does not count: a play in which more happens before it writes the same.
    let mut writes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (position, step) in steps.iter().enumerate() {
        for part in step.devices() {
            let Action::Write { path, content: text, size } = &part.action else { continue };
            let number = writes.entry((&part.actor, path)).or_default();
            *number += 1;
            if canaries.content_of(position, &part.actor).is_none() {
                let purpose = format!("write {number} {} {path}", part.actor);
                let (token, bytes) = content(&purpose, text.as_deref(), *size);
                canaries.contents.push(ContentCanary {
                    step: position,
                    actor: part.actor.clone(),
                    path: canaries.played(path).to_owned(),
                    token,
                    sha256: sha256_hex(&bytes),
                    bytes,
                });
            }
        }
    }
}

/// What each component of a path has been called so far.
fn components(canaries: &Canaries) -> BTreeMap<String, String> {
    let parts = |path: &str| path.split('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
    canaries.paths.iter().flat_map(|(path, played)| parts(path).into_iter().zip(parts(played))).collect()
}

fn played(
    path: &str,
    literal: &BTreeSet<String>,
    components: &mut BTreeMap<String, String>,
    names: &mut BTreeSet<String>,
) -> String {
    let mut parts = path.split('/');
    let root = parts.next().unwrap_or_default().to_owned();
    let below = parts.map(|part| {
        if literal.contains(part) {
            return part.to_owned();
        }
        let unique = components.entry(part.to_owned()).or_insert_with(|| {
            let token = token_for(&format!("the name {part}"), NAME);
            names.insert(token.clone());
            match part.rsplit_once('.') {
                Some((stem, extension)) => format!("{stem}-{token}.{extension}"),
                None => format!("{part}-{token}"),
            }
        });
        unique.clone()
    });
    std::iter::once(root).chain(below).collect::<Vec<_>>().join("/")
}

fn content(purpose: &str, text: Option<&str>, size: Option<u32>) -> (Option<String>, Vec<u8>) {
    if let Some(text) = text {
        return (None, text.as_bytes().to_vec());
    }
    let token = token_for(purpose, CONTENT);
    let line = format!("canary {token}\n");
    let length = size.map_or(line.len(), |size| size as usize);
    if length < SHORTEST {
        return (None, token.bytes().cycle().take(length).collect());
    }
    (Some(token), line.bytes().cycle().take(length).collect())
}
