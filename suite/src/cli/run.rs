//! `run`

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::args::{Color, Format, RunArgs};
use super::stop::Stop;
use super::{client, scenarios};
use crate::calibration::{self, CalibrationError};
use crate::exit_code::ExitCode;
use crate::play::{Client, Laboratory, Options, run as play_all};
use crate::report::{ClientInfo, Printer, Report, ScenarioResult, Style, summary_line, to_json, to_junit};
use crate::scenario::Scenario;

/// Plays and judges.
pub(super) async fn run(args: RunArgs) -> Result<ExitCode, Stop> {
    let begun = Instant::now();
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let all = scenarios::load(&args.source)?;
    let chosen = scenarios::select(&all, &args.filter);
    let options = options(&args);
    let total = options.plan(&chosen).len();
    if total == 0 {
        let what = format!("no scenario fits (of {}): see `e2ee-suite list`", all.len());
        return Err(Stop::new(ExitCode::NothingRan, what));
    }
    writable(args.json.as_deref())?;
    writable(args.junit.as_deref())?;

    let laboratory = laboratory(&chosen).await?;
    let connector = match &args.client {
        Some(command) => client::program(command)?,
        None => client::in_process(&args.defect, Arc::clone(&laboratory.derived))?,
    };
    let peer = client::in_process(&[], Arc::clone(&laboratory.derived))?;
    let broke = |error: &dyn std::fmt::Display| Stop::new(ExitCode::ClientBroke, error.to_string());
    let subject = Client::meet(connector, options.limit).await.map_err(|error| broke(&error))?;
    let peer = Client::meet(peer, options.limit).await.map_err(|error| broke(&error))?;
    calibrate(&laboratory, &subject, options.limit).await?;

    let human = args.format == Format::Human;
    let style = Style {
        color: human && colored(args.color),
        verbose: args.verbose,
        progress: human && io::stderr().is_terminal() && io::stdout().is_terminal(),
    };
    let ids = chosen.iter().map(|scenario| scenario.id.as_str());
    let mut printer = Printer::new(io::stdout(), style, ids, total);
    let mut printing = if human { printer.head() } else { Ok(()) };
    let results = play_all(&laboratory, &subject, &peer, &chosen, &options, |played| {
        if human && printing.is_ok() {
            printing = printer.result(&ScenarioResult::of(played));
        }
    })
    .await;
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let client = ClientInfo {
        name: subject.hello.name.clone(),
        version: subject.hello.version.clone(),
        command: args.client.clone().unwrap_or_else(|| "in process".to_owned()),
        defects: args.defect.clone(),
    };
    let report = Report::new(client, started, millis, &results);
    if printing.is_ok() {
        printing = print_end(human, &report);
    }
    write_files(&args, &report)?;
    // A closed pipe is the reader's choice; the verdict stands in the exit code.
    match printing {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Stop::set_up(format!("cannot print: {error}")))
        }
        _ => Ok(ExitCode::of_run(&results)),
    }
}

fn options(args: &RunArgs) -> Options {
    let usual = Options::default();
    Options {
        jobs: args.jobs.map_or(usual.jobs, usize::from),
        limit: Duration::from_secs(args.timeout),
        versions: args.version.clone(),
        newest_only: false,
    }
}

/// A laboratory with the users of these scenarios.
pub(super) async fn laboratory(scenarios: &[Arc<Scenario>]) -> Result<Arc<Laboratory>, Stop> {
    let mut users: BTreeSet<String> = calibration::users();
    for scenario in scenarios {
        users.extend(scenario.users().into_iter().map(str::to_owned));
    }
    let laboratory = Laboratory::prepare(users).await;
    laboratory.map(Arc::new).map_err(|error| Stop::set_up(error.to_string()))
}

async fn calibrate(laboratory: &Laboratory, subject: &Client, limit: Duration) -> Result<(), Stop> {
    let Some(version) = calibration::version(subject) else {
        return Err(Stop::new(
            ExitCode::NothingRan,
            "the client speaks neither metadata 2.0 nor 2.1: nothing can be played",
        ));
    };
    calibration::calibrate(laboratory, subject, version, limit).await.map_err(|error| match error {
        CalibrationError::Broke(fault) => Stop::new(ExitCode::ClientBroke, fault.to_string()),
        CalibrationError::Laboratory(error) => Stop::set_up(error.to_string()),
        error => Stop::new(ExitCode::Uncalibrated, format!("the client is not judged: {error}")),
    })
}

fn colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            io::stdout().is_terminal() && !refused
        }
    }
}

fn print_end(human: bool, report: &Report) -> io::Result<()> {
    use io::Write as _;
    let mut out = io::stdout();
    if human {
        writeln!(out, "\n{}", summary_line(&report.results, report.millis))
    } else {
        out.write_all(to_json(report)?.as_bytes())
    }
}

fn write_files(args: &RunArgs, report: &Report) -> Result<(), Stop> {
    let internal = |error: &dyn std::fmt::Display| Stop::internal(format!("cannot make the report: {error}"));
    if let Some(path) = &args.json {
        write(path, &to_json(report).map_err(|error| internal(&error))?)?;
    }
    if let Some(path) = &args.junit {
        write(path, &to_junit(report).map_err(|error| internal(&error))?)?;
    }
    Ok(())
}

/// Found out before the run, not after it.
fn writable(path: Option<&Path>) -> Result<(), Stop> {
    path.map_or(Ok(()), |path| write(path, ""))
}

fn write(path: &Path, text: &str) -> Result<(), Stop> {
    std::fs::write(path, text)
        .map_err(|error| Stop::set_up(format!("cannot write {}: {error}", path.display())))
}
