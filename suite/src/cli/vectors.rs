//! `vectors`

use std::path::Path;

use e2ee_vectors::{Error, Verdict};

use super::args::VectorsCommand;
use super::say::say;
use super::stop::Stop;
use crate::exit_code::ExitCode;

/// Makes, checks or packs the golden vectors.
pub(super) fn vectors(command: &VectorsCommand) -> Result<ExitCode, Stop> {
    match command {
        VectorsCommand::Generate { dir, check: true, .. } => check(dir),
        VectorsCommand::Generate { dir, seed, .. } => {
            let number = e2ee_vectors::generate(dir, seed).map_err(stop)?;
            say!("{number} vectors in {}", dir.display());
            Ok(ExitCode::Ok)
        }
        VectorsCommand::Verify { dir } => verify(dir),
        VectorsCommand::Export { out, dir } => {
            for path in e2ee_vectors::export(dir, out).map_err(stop)? {
                say!("{}", path.display());
            }
            Ok(ExitCode::Ok)
        }
    }
}

fn check(dir: &Path) -> Result<ExitCode, Stop> {
    let differences = e2ee_vectors::check(dir).map_err(stop)?;
    for difference in &differences {
        say!("{difference}");
    }
    if !differences.is_empty() {
        return Err(Stop::new(
            ExitCode::Failed,
            format!("{} files differ from their seed", differences.len()),
        ));
    }
    say!("{} is what its seed makes, bit for bit", dir.display());
    Ok(ExitCode::Ok)
}

fn verify(dir: &Path) -> Result<ExitCode, Stop> {
    let report = e2ee_vectors::verify(dir).map_err(stop)?;
    let width = report.counts.keys().map(String::len).max().unwrap_or(0);
    say!("{:width$}  {:>5}  {:>7}  {:>10}", "family", "valid", "invalid", "acceptable");
    for (family, counts) in &report.counts {
        let count = |verdict| counts.get(&verdict).copied().unwrap_or(0);
        say!(
            "{family:width$}  {:>5}  {:>7}  {:>10}",
            count(Verdict::Valid),
            count(Verdict::Invalid),
            count(Verdict::Acceptable)
        );
    }
    for failure in &report.failures {
        let (id, library) = (&failure.id, failure.library);
        say!("{id} by {library}: expected {}, found {}", failure.expected, failure.found);
    }
    let total: usize = report.counts.values().flat_map(|counts| counts.values()).sum();
    if !report.failures.is_empty() {
        let wrong = report.failures.len();
        return Err(Stop::new(
            ExitCode::Failed,
            format!("{wrong} of {total} vectors do not come out as they say"),
        ));
    }
    say!("\n{total} vectors come out as they say, with OpenSSL and with RustCrypto");
    Ok(ExitCode::Ok)
}

/// A folder that cannot be used is the surroundings' fault; a vector that cannot be made is the project's.
fn stop(error: Error) -> Stop {
    match error {
        Error::File { .. } | Error::NotAVector { .. } | Error::Empty { .. } => {
            Stop::set_up(error.to_string())
        }
        _ => Stop::internal(error.to_string()),
    }
}
