//! Where requests go in the users' files, and which folders there are encrypted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use e2ee_mock_server::{Endpoint, Exchange};
use memchr::memmem::Finder;
use percent_encoding::percent_decode_str;

use super::finding::Evidence;
use crate::scenario::Action;
use crate::transcript::{Deed, Outcome, Transcript};

/// An encrypted folder, for as long as it is one at this place.
#[derive(Debug)]
pub(super) struct Root {
    /// Who sees it there; none: everybody.
    user: Option<String>,
    /// The path in the user's files.
    path: String,
    /// The number of the last exchange before it was encrypted.
    after: u64,
    /// The number of the exchange with which it went.
    until: u64,
}

impl Root {
    /// Whether the request goes to something below the folder.
    pub(super) fn holds(&self, exchange: &Exchange) -> bool {
        let below = |path: &str| path.strip_prefix(&self.path).is_some_and(|rest| rest.starts_with('/'));
        (self.after < exchange.number && exchange.number <= self.until)
            && (self.user.is_none() || self.user == exchange.user)
            && in_files(exchange).is_some_and(below)
    }
}

/// The encrypted folders, and those of which it cannot be told where a user has them: each as a clause.
pub(super) fn encrypted_roots(evidence: &Evidence<'_>) -> (Vec<Root>, BTreeSet<String>) {
    match evidence.recorded {
        None => (asked_for(evidence.transcript), BTreeSet::new()),
        Some(_) => Followed::through(evidence),
    }
}

/// In a play: those that devices were asked to make.
fn asked_for(transcript: &Transcript) -> Vec<Root> {
    let made = transcript.steps.iter().filter_map(|record| match (&record.deed, &record.outcome) {
        (Deed::Device(Action::EncryptFolder { path }), Outcome::Ok(_)) => {
            Some(Root { user: None, path: path.clone(), after: record.exchanges_after, until: u64::MAX })
        }
        _ => None,
    });
    made.collect()
}

/// In a recording: folders from their making to their end.
#[derive(Default)]
struct Followed {
    /// By user and path: the folder's number.
    folders: BTreeMap<(String, String), u64>,
    /// By number: the exchange in which it was encrypted.
    flagged: BTreeMap<u64, u64>,
    roots: Vec<Root>,
    /// Users and the folders that they have locked.
    locked: BTreeSet<(String, u64)>,
}

impl Followed {
    fn through(evidence: &Evidence<'_>) -> (Vec<Root>, BTreeSet<String>) {
        let mut followed = Self::default();
        evidence.transcript.exchanges.iter().for_each(|exchange| followed.take(exchange));
        let known: BTreeSet<(&str, u64)> =
            followed.folders.iter().map(|((user, _), folder)| (user.as_str(), *folder)).collect();
        let mut found_at_the_end = Vec::new();
        for spot in evidence.recorded.iter().flat_map(|recorded| &recorded.spots) {
            if spot.is_root && !known.contains(&(spot.user.as_str(), spot.folder)) {
                let after = followed.flagged.get(&spot.folder).copied().unwrap_or_default();
                let (user, path) = (Some(spot.user.clone()), spot.path.clone());
                found_at_the_end.push(Root { user, path, after, until: u64::MAX });
            }
        }
        let spots = evidence.recorded.iter().flat_map(|recorded| &recorded.spots);
        let mut placed: BTreeSet<(&str, u64)> = spots.map(|spot| (spot.user.as_str(), spot.folder)).collect();
        placed.extend(known);
        let lost =
            followed.locked.iter().filter(|(user, folder)| !placed.contains(&(user.as_str(), *folder)));
        let unknown = lost.map(|(user, folder)| format!("what {user} has written in the folder {folder}"));
        let unknown = unknown.collect();
        followed.roots.extend(found_at_the_end);
        (followed.roots, unknown)
    }

    fn take(&mut self, exchange: &Exchange) {
        match (exchange.endpoint, exchange.status) {
            (Endpoint::Mkcol, 201) => {
                if let (Some(place), Some(folder)) = (place(exchange), file_number(exchange)) {
                    self.folders.insert(place, folder);
                }
            }
            (Endpoint::PutEncrypted, 200) => {
                if let Some(folder) = named_folder(exchange) {
                    self.flagged.insert(folder, exchange.number);
                    let here = self.folders.iter().filter(|(_, other)| **other == folder);
                    let roots: Vec<Root> =
                        here.map(|((user, path), _)| root(user, path, exchange.number)).collect();
                    self.roots.extend(roots);
                }
            }
            (Endpoint::PostLock, 200) => {
                self.locked.extend(exchange.user.clone().zip(named_folder(exchange)));
            }
            (Endpoint::Move, 201 | 204) => {
                let Some(from) = place(exchange) else { return };
                let folder = self.leave(&from, exchange.number);
                if let (Some(folder), Some(to)) = (folder, destination(exchange)) {
                    if self.flagged.contains_key(&folder) {
                        self.roots.push(root(&from.0, &to, exchange.number));
                    }
                    self.folders.insert((from.0, to), folder);
                }
            }
            (Endpoint::DeleteFile, 204) => {
                if let Some(place) = place(exchange) {
                    self.leave(&place, exchange.number);
                }
            }
            _ => {}
        }
    }

    /// Nothing is at this place any more.
    fn leave(&mut self, place: &(String, String), number: u64) -> Option<u64> {
        let here = |root: &&mut Root| root.user.as_ref() == Some(&place.0) && root.path == place.1;
        for root in self.roots.iter_mut().filter(here) {
            root.until = root.until.min(number);
        }
        self.folders.remove(place)
    }
}

fn root(user: &str, path: &str, after: u64) -> Root {
    Root { user: Some(user.to_owned()), path: path.to_owned(), after, until: u64::MAX }
}

/// The user and the path below the user's root.
pub(super) fn place(exchange: &Exchange) -> Option<(String, String)> {
    Some((exchange.user.clone()?, in_files(exchange)?.to_owned()))
}

/// The DAV path relative to the root of the account.
pub(super) fn in_files(exchange: &Exchange) -> Option<&str> {
    below_root(&exchange.path)
}

fn below_root(path: &str) -> Option<&str> {
    static FILES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("/remote.php/dav/files/"));
    static WEBDAV: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("/remote.php/webdav/"));
    let path = path.trim_end_matches('/');
    let behind = |place: &Finder<'_>| path.get(place.find(path.as_bytes())? + place.needle().len()..);
    match behind(&FILES) {
        Some(rest) => rest.split_once('/').map(|(_, path)| path),
        None => behind(&WEBDAV),
    }
}

/// Where a MOVE goes, likewise.
fn destination(exchange: &Exchange) -> Option<String> {
    let header = percent_decode_str(exchange.request_header("destination")?).decode_utf8().ok()?;
    below_root(&header).map(str::to_owned)
}

/// The number in front of the instance's id in `OC-FileId`.
pub(super) fn file_number(exchange: &Exchange) -> Option<u64> {
    let long = exchange.response_header("oc-fileid")?;
    let digits: String = long.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The number at the end of the address.
fn named_folder(exchange: &Exchange) -> Option<u64> {
    exchange.path.rsplit('/').next()?.parse().ok()
}
