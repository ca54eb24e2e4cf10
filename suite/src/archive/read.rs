//! Judging kept plays again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use e2ee_reference::recognise::AnyVersion;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::ArchiveError;
use super::record::{ARCHIVE_VERSION, Case, PlayRecord, RUN_FILE, RunRecord, case_file, scenario_file};
use crate::hash::sha256_hex;
use crate::judge::Judgement;
use crate::play::Played;
use crate::scenario::{Scenario, Selection, from_text};
use crate::transcript::{Mode, TRANSCRIPT_VERSION, Transcript};

/// A file longer than this, in bytes, is not read.
const MAX_FILE: u64 = 1 << 30;

impl RunRecord {
    /// Reads the record of an archive.
    ///
    /// # Errors
    /// If the folder is no archive, or one of another version.
    pub fn of(folder: &Path) -> Result<Self, ArchiveError> {
        let path = folder.join(RUN_FILE);
        let run: Self = parse(&path)?;
        check_version(&path, run.schema_version, ARCHIVE_VERSION)?;
        Ok(run)
    }
}

/// Judges the kept plays that are asked for, in the order of the run, by the kept scenarios. `each` sees the results as
/// they come.
///
/// # Errors
/// The first file that cannot be used.
pub fn judge_again(
    folder: &Path,
    run: &RunRecord,
    selection: &Selection,
    mut each: impl FnMut(&Played),
) -> Result<Vec<Played>, ArchiveError> {
    let mut scenarios: BTreeMap<String, Arc<Scenario>> = BTreeMap::new();
    let mut results = Vec::new();
    for record in &run.plays {
        let scenario = match scenarios.get(&record.scenario) {
            Some(scenario) => Arc::clone(scenario),
            None => {
                let scenario = Arc::new(kept_scenario(folder, &record.scenario)?);
                scenarios.insert(record.scenario.clone(), Arc::clone(&scenario));
                scenario
            }
        };
        if selection.wants(&scenario) {
            let played = judge_one(folder, record, scenario)?;
            each(&played);
            results.push(played);
        }
    }
    Ok(results)
}

fn kept_scenario(folder: &Path, id: &str) -> Result<Scenario, ArchiveError> {
    // The id becomes a part of a path.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || !id.chars().all(plain) {
        let what = format!("scenario {id:?}: expected lower-case letters, digits and `-`");
        return Err(ArchiveError::Wrong { path: folder.join(RUN_FILE), what });
    }
    let name = scenario_file(id);
    let text = read(&folder.join(&name))?;
    from_text(&name, &text).map_err(ArchiveError::Scenario)
}

fn judge_one(folder: &Path, record: &PlayRecord, scenario: Arc<Scenario>) -> Result<Played, ArchiveError> {
    let version: AnyVersion = record.version.parse().map_err(|_| ArchiveError::Wrong {
        path: folder.join(RUN_FILE),
        what: format!("version {:?}: expected a metadata version such as 2.1", record.version),
    })?;
    if let Some(unplayed) = &record.unplayed {
        let judgement = Judgement::unplayed(unplayed.verdict, unplayed.cause, unplayed.reason.clone());
        return Ok(Played::unplayed(scenario, version, judgement, record.millis));
    }
    let case = Case::of(folder, &scenario, version)?;
    Ok(Played::judged(scenario, version, case.twin.as_ref(), &case.played, record.millis))
}

impl Case {
    /// Reads what an archive keeps of a scenario in a version.
    ///
    /// # Errors
    /// If there is nothing, or something else.
    pub fn of(folder: &Path, scenario: &Scenario, version: AnyVersion) -> Result<Self, ArchiveError> {
        let path = folder.join(case_file(&scenario.id, &version.to_string()));
        let case: Self = parse(&path)?;
        check_version(&path, case.schema_version, ARCHIVE_VERSION)?;
        let whole = if scenario.has_twin() { Mode::Attack } else { Mode::Single };
        check_play(&path, &case.played, scenario, version, whole)?;
        match &case.twin {
            Some(twin) => check_play(&path, twin, scenario, version, Mode::Twin)?,
            None if scenario.has_twin() => return Err(wrong(&path, "there is no honest twin".to_owned())),
            None => {}
        }
        Ok(case)
    }
}

/// Whether a transcript is what its place says.
fn check_play(
    path: &Path,
    transcript: &Transcript,
    scenario: &Scenario,
    version: AnyVersion,
    mode: Mode,
) -> Result<(), ArchiveError> {
    check_version(path, transcript.schema_version, TRANSCRIPT_VERSION)?;
    let found = (transcript.scenario.as_str(), transcript.version, transcript.mode);
    if found != (scenario.id.as_str(), version, mode) {
        let what = format!(
            "holds a transcript of {} in {} ({:?}): expected {} in {version} ({mode:?})",
            transcript.scenario, transcript.version, transcript.mode, scenario.id
        );
        return Err(wrong(path, what));
    }
    let mut contents = transcript.canaries.contents.iter();
    match contents.find(|content| content.sha256 != sha256_hex(&content.bytes)) {
        Some(content) => {
            let what = format!(
                "says of what {} wrote in step {} another `sha256` than its `bytes` have",
                content.actor, content.step
            );
            Err(wrong(path, what))
        }
        None => Ok(()),
    }
}

fn check_version(path: &Path, found: u32, expected: u32) -> Result<(), ArchiveError> {
    if found == expected {
        return Ok(());
    }
    Err(ArchiveError::Version { path: path.to_owned(), found: found.into(), expected })
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, ArchiveError> {
    let text = read(path)?;
    serde_json::from_str(&text).map_err(|error| {
        // A file of another version is told so, and not which of its members is new.
        let stamp = serde_json::from_str::<Stamp>(&text).map(|stamp| stamp.schema_version);
        match stamp {
            Ok(found) if found != u64::from(ARCHIVE_VERSION) => {
                ArchiveError::Version { path: path.to_owned(), found, expected: ARCHIVE_VERSION }
            }
            _ => wrong(path, error.to_string()),
        }
    })
}

#[derive(Deserialize)]
struct Stamp {
    schema_version: u64,
}

fn read(path: &Path) -> Result<String, ArchiveError> {
    let unreadable = |source| ArchiveError::Unreadable { path: PathBuf::from(path), source };
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_FILE {
        return Err(unreadable(io::Error::other("longer than 1 GiB")));
    }
    Ok(text)
}

fn wrong(path: &Path, what: String) -> ArchiveError {
    ArchiveError::Wrong { path: path.to_owned(), what }
}
