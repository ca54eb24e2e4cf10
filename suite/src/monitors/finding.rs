//! What a monitor is and what it says.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::need::Need;
use super::uploads::{self, Ring, Seen, Upload};
use crate::recorded::Recorded;
use crate::transcript::{Mode, Transcript};

/// A check of everything that was sent, in every play.
pub struct Monitor {
    /// Kebab case.
    pub name: &'static str,
    /// One line for `list`.
    pub summary: &'static str,
    /// What it is about.
    pub requirements: &'static [&'static str],
    /// The defects of the reference client that it must catch.
    pub catches: &'static [&'static str],
    /// Whether it only makes sense while the server is honest.
    pub honest_only: bool,
    /// What it has to have when it looks at a recording.
    pub needs: &'static [Need],
    /// What is wrong with a play.
    pub(crate) check: fn(&Evidence<'_>) -> Vec<Observed>,
}

/// What a monitor looks at.
pub(crate) struct Evidence<'a> {
    /// The play, or the recording in its form.
    pub(crate) transcript: &'a Transcript,
    /// What is known of a recording; none if it is a play.
    pub(crate) recorded: Option<&'a Recorded>,
    /// Uploaded metadata, opened with the judge's keys.
    pub(crate) uploads: Vec<Upload>,
    /// What devices were shown and have sent of metadata, in order, opened likewise.
    pub(crate) documents: Vec<Seen>,
    /// What opens them, and whatever else is found.
    pub(crate) ring: RefCell<Ring>,
    /// What the monitor of leaks could not look at: clauses.
    pub(crate) unlooked: RefCell<Vec<String>>,
}

impl Monitor {
    /// What is wrong, fit for a report.
    pub(super) fn findings(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let transcript = evidence.transcript;
        let found = (self.check)(evidence).into_iter().map(|observed| Finding {
            monitor: self.name.to_owned(),
            requirements: self.requirements.iter().map(|id| (*id).to_owned()).collect(),
            play: transcript.mode,
            text: transcript.secrets.redact(&observed.text),
            exchanges: observed.exchanges,
            canary: observed.canary,
        });
        found.collect()
    }
}

impl<'a> Evidence<'a> {
    /// Opens what can be opened.
    pub(super) fn of(transcript: &'a Transcript, recorded: Option<&'a Recorded>) -> Self {
        let mut ring = Ring::new(&transcript.secrets);
        let uploads = uploads::open(transcript, &mut ring);
        Self {
            transcript,
            recorded,
            documents: uploads::documents(transcript, &uploads, &mut ring),
            uploads,
            ring: RefCell::new(ring),
            unlooked: RefCell::default(),
        }
    }
}

/// Something wrong.
pub(crate) struct Observed {
    /// One clause; no secrets.
    pub(crate) text: String,
    /// The exchanges that show it.
    pub(crate) exchanges: Vec<u64>,
    /// The canary that was found.
    pub(crate) canary: Option<String>,
}

/// Something wrong, in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The monitor's name.
    pub monitor: String,
    /// What it is about.
    pub requirements: Vec<String>,
    /// The play in which it was seen.
    pub play: Mode,
    /// One clause; no secrets.
    pub text: String,
    /// The exchanges that show it.
    pub exchanges: Vec<u64>,
    /// The canary that was found.
    pub canary: Option<String>,
}

impl Finding {
    /// The sentence for a reason.
    pub fn sentence(&self) -> String {
        format!("monitor {} ({}): {}", self.monitor, self.requirements.join(", "), self.text)
    }
}
