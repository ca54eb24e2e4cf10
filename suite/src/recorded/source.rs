//! What a file with something to look at holds.

use e2ee_mock_server::control::Recording;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::RecordedError;
use crate::archive::{ARCHIVE_VERSION, Case};
use crate::transcript::TRANSCRIPT_VERSION;

/// What a file with something to look at holds.
pub enum Source {
    /// The answer of the mock server's control API.
    Recording(Box<Recording>),
    /// A file of the folder `plays` that `run --transcripts` has made.
    Case(Box<Case>),
}

/// By what the two are told apart.
#[derive(Deserialize)]
struct Head {
    schema_version: Option<u32>,
    played: Option<IgnoredAny>,
    tenant: Option<IgnoredAny>,
}

impl Source {
    /// Reads JSON.
    ///
    /// # Errors
    /// If it is something else; with line and column where that can be said.
    pub fn from_json(text: &str) -> Result<Self, RecordedError> {
        let wrong = |error: serde_json::Error| RecordedError::of_json(&error);
        let head: Head = serde_json::from_str(text).map_err(wrong)?;
        match head {
            Head { played: Some(_), schema_version, .. } => {
                check(schema_version, ARCHIVE_VERSION)?;
                let case: Case = serde_json::from_str(text).map_err(wrong)?;
                for transcript in case.twin.iter().chain([&case.played]) {
                    check(Some(transcript.schema_version), TRANSCRIPT_VERSION)?;
                }
                Ok(Self::Case(Box::new(case)))
            }
            Head { tenant: Some(_), .. } => serde_json::from_str(text).map(Self::Recording).map_err(wrong),
            Head { .. } => {
                let what = "expected a recording of the mock server's control API (`/v1/tenants/NAME/recording`) or a file \
                            of the folder `plays` of `run --transcripts`";
                Err(RecordedError::new("top level", what))
            }
        }
    }
}

fn check(found: Option<u32>, expected: u32) -> Result<(), RecordedError> {
    match found {
        Some(found) if found == expected => Ok(()),
        Some(found) => {
            Err(RecordedError::new("schema_version", format!("expected {expected}, found {found}")))
        }
        None => Err(RecordedError::new("schema_version", format!("expected {expected}"))),
    }
}
