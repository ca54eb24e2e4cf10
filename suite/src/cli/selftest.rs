//! `selftest`

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use super::args::SelftestArgs;
use super::say::{note, say};
use super::stop::Stop;
use super::{run, scenarios};
use crate::exit_code::ExitCode;
use crate::play::Options;
use crate::selftest::{Matrix, Pairs, print, print_spoken, print_unclaimed, prove, unclaimed};

/// Plays the matrix, prints it, and says what is not as it must be.
pub(super) async fn selftest(args: SelftestArgs) -> Result<ExitCode, Stop> {
    let scenarios = scenarios::load(&args.source)?;
    if scenarios.is_empty() {
        return Err(Stop::new(ExitCode::NothingRan, "there are no scenarios"));
    }
    let options = Options {
        jobs: args.jobs.map(usize::from),
        limit: Duration::from_secs(args.timeout),
        versions: Vec::new(),
        newest_only: !args.all_versions,
        keeper: None,
        filter: None,
    };
    let laboratory = run::laboratory(&scenarios).await?;
    let progress = io::stderr().is_terminal();
    let pairs = if args.full { Pairs::All } else { Pairs::Telling };
    let whole = args.source.scenarios.is_none();
    let dialect = args.dialect.unwrap_or_default();
    let matrix = Matrix::play(&laboratory, scenarios, whole, pairs, dialect, &options, |name| {
        if progress {
            eprint!("\r\x1b[2Kplaying {name} …");
        }
    })
    .await
    .map_err(|error| Stop::internal(error.to_string()))?;
    if progress {
        eprint!("\r\x1b[2K");
    }
    note(print(&mut io::stdout().lock(), &matrix));
    note(print_spoken(&mut io::stdout().lock(), &matrix.spoken));
    if args.full {
        note(print_unclaimed(&mut io::stdout().lock(), &unclaimed(&matrix)));
    }
    let wrong = prove(&matrix);
    if wrong.is_empty() {
        say!("\nevery check can fail, and the honest client passes all, with no false alarm in any dialect");
        return Ok(ExitCode::Ok);
    }
    say!();
    for line in &wrong {
        say!("wrong: {line}");
    }
    Ok(ExitCode::Failed)
}
