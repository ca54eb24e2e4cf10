//! Keeping plays.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::ArchiveError;
use super::record::{ARCHIVE_VERSION, PlayRecord, RUN_FILE, RunRecord, Unplayed, case_file, scenario_file};
use crate::play::{Keeper, Played};
use crate::report::ClientInfo;
use crate::scenario::Scenario;
use crate::transcript::Transcript;

/// A folder that plays are kept in while they are made.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
}

/// A [`super::Case`] that is only looked at.
#[derive(Serialize)]
struct CaseView<'a> {
    schema_version: u32,
    twin: Option<&'a Transcript>,
    played: &'a Transcript,
}

impl Shelf {
    /// Takes a folder, which is made if there is none, and keeps the scenarios in it.
    ///
    /// # Errors
    /// If it holds something already or cannot be written.
    pub fn new<'a>(
        folder: &Path,
        scenarios: impl IntoIterator<Item = &'a Scenario>,
    ) -> Result<Self, ArchiveError> {
        let unwritable = |source| ArchiveError::Unwritable { path: folder.to_owned(), source };
        private_folder(folder).map_err(unwritable)?;
        if fs::read_dir(folder).map_err(unwritable)?.next().is_some() {
            return Err(ArchiveError::NotEmpty(folder.to_owned()));
        }
        let shelf = Self { folder: folder.to_owned() };
        for part in ["scenarios", "plays"] {
            let path = folder.join(part);
            private_folder(&path).map_err(|source| ArchiveError::Unwritable { path, source })?;
        }
        for scenario in scenarios {
            shelf.write(&scenario_file(&scenario.id), |file| file.write_all(scenario.source.as_bytes()))?;
        }
        Ok(shelf)
    }

    /// Ends the archive: without its `run.json` it is none.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(
        &self,
        client: ClientInfo,
        started: u64,
        millis: u64,
        results: &[Played],
    ) -> Result<(), ArchiveError> {
        let plays = results.iter().map(|played| self.record(played)).collect();
        let run = RunRecord { schema_version: ARCHIVE_VERSION, client, started, millis, plays };
        self.write(RUN_FILE, |file| Ok(serde_json::to_writer_pretty(file, &run)?))
    }

    fn record(&self, played: &Played) -> PlayRecord {
        let (scenario, version) = (played.scenario.id.clone(), played.version.to_string());
        let judgement = &played.judgement;
        let unplayed = (!played.recorded).then(|| Unplayed {
            verdict: judgement.verdict,
            cause: judgement.cause,
            reason: judgement.reason.clone(),
        });
        PlayRecord { scenario, version, millis: played.millis, unplayed }
    }

    fn write(
        &self,
        name: &str,
        fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), ArchiveError> {
        let path = self.folder.join(name);
        let written = private_file(&path).and_then(|file| {
            let mut file = BufWriter::new(file);
            fill(&mut file)?;
            file.flush()
        });
        written.map_err(|source| ArchiveError::Unwritable { path, source })
    }
}

impl Keeper for Shelf {
    fn keep(&self, twin: Option<&Transcript>, played: &Transcript) -> Result<(), String> {
        let case = CaseView { schema_version: ARCHIVE_VERSION, twin, played };
        let name = case_file(&played.scenario, &played.version.to_string());
        let kept = self.write(&name, |file| Ok(serde_json::to_writer(file, &case)?));
        kept.map_err(|error| format!("the transcript cannot be kept: {error}"))
    }
}

/// A folder that only its owner can look into; parents are made as usual.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A new file that only its owner can read.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
