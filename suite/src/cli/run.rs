//! `run`

use std::collections::BTreeSet;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use e2ee_reference::dialect::Dialect;

use super::args::RunArgs;
use super::stop::Stop;
use super::{client, scenarios};
use crate::archive::Shelf;
use crate::calibration::{self, CalibrationError};
use crate::exit_code::ExitCode;
use crate::play::{Client, Keeper, Laboratory, Options, Played, run_if};
use crate::report::{ClientInfo, Report};
use crate::scenario::Scenario;

/// Plays and judges.
pub(super) async fn run(args: RunArgs) -> Result<ExitCode, Stop> {
    let begun = Instant::now();
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let chosen = scenarios::chosen(&args.source, &args.filter)?;
    let options = options(&args);
    let total = options.plan(&chosen).len();
    if total == 0 {
        let number = scenarios::number(&args.source)?;
        let what = format!("no scenario fits (of {number}): see `e2ee-suite list`");
        return Err(Stop::new(ExitCode::NothingRan, what + &scenarios::about_publications(&args.filter)));
    }
    args.output.check()?;
    let shelf = match &args.transcripts {
        Some(folder) => {
            let scenarios = chosen.iter().map(|scenario| &**scenario);
            Some(Arc::new(Shelf::new(folder, scenarios).map_err(|error| Stop::set_up(error.to_string()))?))
        }
        None => None,
    };
    let keeper = shelf.clone().map(|shelf| -> Arc<dyn Keeper> { shelf });
    let options = Options { keeper, ..options };

    let laboratory = laboratory(&chosen).await?;
    let connector = match &args.client {
        Some(command) => client::program(command)?,
        None => client::in_process(&args.defect, args.dialect.unwrap_or_default(), &laboratory)?,
    };
    let peer = client::in_process(&[], Dialect::default(), &laboratory)?;
    let subject = client::meet(connector, options.limit).await?;
    let peer = client::meet(peer, options.limit).await?;
    let calibrated = calibrate(&laboratory, &subject, options.limit);
    // A client in this process is calibrated while the first plays go on.
    let calibrated: Pin<Box<dyn Future<Output = _>>> = match subject.connector.forks() {
        true => Box::pin(calibrated),
        false => Box::pin(ready(Ok(calibrated.await?))),
    };

    let ids = chosen.iter().map(|scenario| scenario.id.as_str());
    let mut screen = args.output.screen(ids, total);
    let each = |played: &Played| screen.result(played);
    let results = run_if(calibrated, &laboratory, &subject, &peer, &chosen, &options, each).await?;
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let client = ClientInfo {
        name: subject.hello.name.clone(),
        version: subject.hello.version.clone(),
        command: args.client.clone().unwrap_or_else(|| "in process".to_owned()),
        defects: args.defect.clone(),
        dialect: args.dialect.map(|dialect| dialect.name.to_owned()),
    };
    if let Some(shelf) = shelf {
        let kept = shelf.finish(client.clone(), started, millis, &results);
        kept.map_err(|error| Stop::set_up(error.to_string()))?;
    }
    screen.end(&args.output, &Report::new(client, started, millis, &results))?;
    Ok(ExitCode::of_run(&results))
}

fn options(args: &RunArgs) -> Options {
    Options {
        jobs: args.jobs.map(usize::from),
        limit: Duration::from_secs(args.timeout),
        versions: args.version.clone(),
        newest_only: false,
        keeper: None,
        filter: None,
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
            "the client speaks no version of the metadata that is played here",
        ));
    };
    calibration::calibrate(laboratory, subject, version, limit).await.map_err(|error| match error {
        CalibrationError::Broke(fault) => Stop::new(ExitCode::ClientBroke, fault.to_string()),
        CalibrationError::Laboratory(error) => Stop::set_up(error.to_string()),
        error => Stop::new(ExitCode::Uncalibrated, format!("the client is not judged: {error}")),
    })
}
