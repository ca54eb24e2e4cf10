//! What is let through while a witness is sought.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use e2ee_mock_server::SignedMetadata;
use e2ee_mock_server::adversary::{Fact, ForgeryFilter, Place};
use e2ee_mock_server::model::Content;
use serde_json::Value;

use super::cut::Cut;
use super::delta::{ByteRange, Delta};
use super::{bytes, delta, told};

/// How the paths of files begin that were not there before.
pub(super) const PLANTED: &str = "planted file";

/// Puts what is honest in the place of what is withheld, and keeps what it has seen.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    cut: Cut,
    seen: Mutex<Seen>,
}

/// The differences of one play, by path.
#[derive(Debug, Default)]
struct Seen {
    /// Before anything was withheld.
    all: BTreeMap<String, Delta>,
    /// What was let through.
    left: BTreeMap<String, Delta>,
    /// The files that were changed, by folder and name on the server, in the order in which they were.
    files: Vec<(String, String)>,
}

impl Sieve {
    pub(super) fn new(cut: Cut) -> Self {
        Self { cut, seen: Mutex::default() }
    }

    /// Every difference, before anything was withheld.
    pub(super) fn all(&self) -> BTreeMap<String, Delta> {
        self.seen().all.clone()
    }

    /// Every difference that was let through.
    pub(super) fn left(&self) -> BTreeMap<String, Delta> {
        self.seen().left.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, all: Vec<Delta>, left: Vec<Delta>) {
        let mut seen = self.seen();
        seen.all.extend(all.into_iter().map(|delta| (delta.path.clone(), delta)));
        seen.left.extend(left.into_iter().map(|delta| (delta.path.clone(), delta)));
    }
}

impl ForgeryFilter for Sieve {
    fn metadata(&self, honest: &SignedMetadata, forged: SignedMetadata) -> SignedMetadata {
        let all = delta::differences(honest, &forged);
        let left = delta::without(honest, forged, &self.cut.withheld);
        self.note(all, delta::differences(honest, &left));
        left
    }

    fn file(&self, place: Place<'_>, honest: Option<&Content>, forged: Content) -> Option<Content> {
        // Names below a root folder are random.
        let root = place.folder.split('/').next().unwrap_or_default();
        let bytes = forged.to_bytes().ok()?;
        let Some(honest) = honest else {
            let path = format!("{PLANTED} in {root}");
            let withheld = self.cut.withholds(&path);
            let range = ByteRange { offset: 0, length: bytes.len() };
            let planted =
                Delta { bytes: Some(range), ..Delta::new(path, None, Some(bytes::shown(&bytes).into())) };
            self.note(vec![planted.clone()], if withheld { Vec::new() } else { vec![planted] });
            return (!withheld).then_some(forged);
        };
        let honest = honest.to_bytes().ok()?;
        let name = format!("file {} in {root}", self.seen().number(place));
        let left = bytes::left(&name, &honest, &bytes, &self.cut);
        self.note(bytes::differences(&name, &honest, &bytes), bytes::differences(&name, &honest, &left));
        Some(left.into())
    }

    fn told(&self, fact: Fact<'_>, honest: &Value, forged: Value) -> Value {
        let all = told::differences(fact, honest, &forged);
        let left = told::left(fact, honest, forged, &self.cut);
        let differing = if left == *honest { Vec::new() } else { told::differences(fact, honest, &left) };
        self.note(all, differing);
        left
    }
}

impl Seen {
    /// Counted from 1: names of files are others in each play.
    fn number(&mut self, place: Place<'_>) -> usize {
        let is = |(folder, name): &(String, String)| folder == place.folder && name == place.name;
        let known = self.files.iter().position(is).unwrap_or_else(|| {
            self.files.push((place.folder.to_owned(), place.name.to_owned()));
            self.files.len() - 1
        });
        known + 1
    }
}
