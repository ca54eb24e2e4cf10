//! `witness`

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use e2ee_reference::dialect::Dialect;

use super::args::{Format, WitnessArgs};
use super::stop::Stop;
use super::{client, run, scenarios};
use crate::exit_code::ExitCode;
use crate::report::witness_text;
use crate::witness::{Bench, WitnessError, search};

/// Seeks the smallest change with which an attack succeeds.
pub(super) async fn witness(args: WitnessArgs) -> Result<ExitCode, Stop> {
    let all = scenarios::load(&args.source)?;
    let scenario = scenarios::find(&all, &args.scenario)?;
    let version = scenarios::version(&scenario, args.version)?;
    let laboratory = run::laboratory(&[Arc::clone(&scenario)]).await?;
    let limit = Duration::from_secs(args.timeout);
    let subject = match &args.client {
        Some(command) => client::meet(client::program(command)?, limit).await?,
        None => {
            client::meet(client::in_process(&args.defect, Dialect::default(), &laboratory)?, limit).await?
        }
    };
    let peer = client::meet(client::in_process(&[], Dialect::default(), &laboratory)?, limit).await?;
    let bench = Bench { laboratory: &laboratory, subject: &subject, peer: &peer, limit };
    let found = search(&bench, &scenario, version).await.map_err(|error| match error {
        WitnessError::TooLong => Stop::new(ExitCode::Inconclusive, error.to_string()),
        error => Stop::new(ExitCode::NothingRan, error.to_string()),
    })?;
    let text = match args.format {
        Format::Human => witness_text(&found),
        Format::Json => {
            let json = serde_json::to_string_pretty(&found);
            json.map_err(|error| Stop::internal(format!("cannot make the report: {error}")))? + "\n"
        }
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Stop::set_up(format!("cannot print: {error}")))
        }
        _ => Ok(ExitCode::Ok),
    }
}
