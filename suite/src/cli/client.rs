//! The client that a command is about.

use std::sync::Arc;
use std::time::Duration;

use e2ee_adapter::client::Connector;
use e2ee_adapter::process::ProcessConnector;
use e2ee_reference::dialect::Dialect;
use e2ee_reference_client::{Defects, Limits, serve_stdio};

use super::args::ReferenceClientArgs;
use super::stop::Stop;
use crate::exit_code::ExitCode;
use crate::play::{Client, Laboratory};

/// The reference client in this process.
pub(super) fn in_process(
    defects: &[String],
    dialect: Dialect,
    laboratory: &Laboratory,
) -> Result<Arc<dyn Connector>, Stop> {
    Ok(Arc::new(laboratory.reference_client(parse(defects)?, dialect)))
}

/// A program.
pub(super) fn program(command: &str) -> Result<Arc<dyn Connector>, Stop> {
    let connector = ProcessConnector::new(command);
    connector
        .map(|connector| Arc::new(connector) as Arc<dyn Connector>)
        .map_err(|error| Stop::new(ExitCode::Usage, error.to_string()))
}

/// Starts one device of a client and asks it who it is.
pub(super) async fn meet(connector: Arc<dyn Connector>, limit: Duration) -> Result<Client, Stop> {
    let client = Client::meet(connector, limit).await;
    client.map_err(|error| Stop::new(ExitCode::ClientBroke, error.to_string()))
}

/// Serves the adapter protocol on standard input and output.
pub(super) async fn serve_reference(args: ReferenceClientArgs) -> Result<ExitCode, Stop> {
    let usual = Limits::default();
    let limits = Limits {
        patience: args.patience.map_or(usual.patience, Duration::from_millis),
        chunk: args.chunk.unwrap_or(usual.chunk),
    };
    serve_stdio(parse(&args.defect)?, args.dialect.unwrap_or_default(), limits)
        .await
        .map_err(|error| Stop::set_up(error.to_string()))?;
    Ok(ExitCode::Ok)
}

fn parse(defects: &[String]) -> Result<Defects, Stop> {
    Defects::parse(defects).map_err(|error| Stop::new(ExitCode::Usage, error.to_string()))
}
