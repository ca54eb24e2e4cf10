//! Asking the reference implementation, with both libraries, whether vectors are true.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use e2ee_reference::backend::{self, Backend, OpenSsl};
use e2ee_rustcrypto::RustCrypto;

use crate::error::Error;
use crate::families;
use crate::folder;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::vector::{Expected, Vector, Verdict};

/// What stands behind the reference implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Library {
    /// OpenSSL.
    OpenSsl,
    /// The RustCrypto crates.
    RustCrypto,
}

impl Library {
    /// Both.
    pub const ALL: [Self; 2] = [Self::OpenSsl, Self::RustCrypto];

    fn backend(self) -> &'static dyn Backend {
        match self {
            Self::OpenSsl => &OpenSsl,
            Self::RustCrypto => &RustCrypto,
        }
    }
}

impl fmt::Display for Library {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OpenSsl => "OpenSSL",
            Self::RustCrypto => "RustCrypto",
        })
    }
}

/// A vector that does not come out as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The vector.
    pub id: String,
    /// Who sees it otherwise.
    pub library: Library,
    /// What the vector says.
    pub expected: String,
    /// What came out.
    pub found: String,
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The number of vectors by family and verdict.
    pub counts: BTreeMap<String, BTreeMap<Verdict, usize>>,
    /// Sorted by id; empty if all is well.
    pub failures: Vec<Failure>,
}

impl Report {
    /// The number of vectors with this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.counts.values().filter_map(|counts| counts.get(&verdict)).sum()
    }
}

/// Reads all vectors of a folder (one folder for each family in it) and checks each with both libraries, on
/// all processors.
///
/// # Errors
/// [`Error::File`], [`Error::NotAVector`] or [`Error::Empty`]. A vector that is false is no error; see
/// [`Report::failures`].
pub fn verify(dir: &Path) -> Result<Report, Error> {
    let vectors = folder::read(dir)?;
    let mut counts: BTreeMap<String, BTreeMap<Verdict, usize>> = BTreeMap::new();
    for vector in &vectors {
        *counts.entry(vector.family.clone()).or_default().entry(vector.expected.result).or_default() += 1;
    }
    Ok(Report { counts, failures: verify_vectors(&vectors) })
}

pub(crate) fn verify_vectors(vectors: &[Vector]) -> Vec<Failure> {
    let queues = Library::ALL.map(|library| (library, Memo::default(), AtomicUsize::new(0)));
    let failures = Mutex::new(Vec::new());
    let work = &|first: usize| {
        // Each begins with a library of its own, so that none waits for a key that another one derives.
        for (library, memo, next) in queues.iter().cycle().skip(first % queues.len()).take(queues.len()) {
            while let Some(vector) = vectors.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(failure) = verify_one(vector, *library, memo) {
                    failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for number in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(move || work(number));
        }
    });
    let mut failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort_by(|left, right| (&left.id, left.library).cmp(&(&right.id, right.library)));
    failures
}

fn verify_one(vector: &Vector, library: Library, memo: &Memo) -> Result<(), Failure> {
    let outcome = backend::with(library.backend(), || families::evaluate(vector, memo));
    if is_as_expected(&vector.expected, &outcome) {
        return Ok(());
    }
    let Expected { result, rule, output } = &vector.expected;
    let expected = match (result, rule, output) {
        (Verdict::Invalid, Some(rule), None) => format!("refusal by {rule}"),
        (Verdict::Invalid, Some(rule), Some(output)) => format!("refusal by {rule} with {output}"),
        (_, _, Some(output)) => output.to_string(),
        _ => "a verdict without rule or output".to_owned(),
    };
    let found = match outcome {
        Ok(output) => output.to_string(),
        Err(Stop::Refused(rule)) => format!("refusal by {rule}"),
        Err(Stop::RefusedWith(rule, output)) => format!("refusal by {rule} with {output}"),
        Err(Stop::Failed(reason)) => format!("no answer: {reason}"),
    };
    Err(Failure { id: vector.id.clone(), library, expected, found })
}

fn is_as_expected(expected: &Expected, outcome: &Outcome) -> bool {
    let (rule, output) = (expected.rule.as_deref(), expected.output.as_ref());
    match (expected.result, outcome) {
        (Verdict::Valid, Ok(found)) => rule.is_none() && output == Some(found),
        (Verdict::Acceptable, Ok(found)) => rule.is_some() && output == Some(found),
        (Verdict::Acceptable, Err(Stop::Refused(found))) => rule == Some(*found) && output.is_some(),
        (Verdict::Invalid, Err(Stop::Refused(found))) => rule == Some(*found) && output.is_none(),
        (Verdict::Invalid, Err(Stop::RefusedWith(found, shown))) => {
            rule == Some(*found) && output == Some(shown)
        }
        _ => false,
    }
}
