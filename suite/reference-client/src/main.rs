//! The reference client as an adapter program.

use e2ee_reference::dialect::{Dialect, UnknownDialect};
use e2ee_reference_client::{Defects, Limits, serve_stdio};
use std::env;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

const USAGE: &str = "usage: e2ee-reference-client [--defect NAME]... [--dialect NAME] [--patience MILLISECONDS] [--chunk BYTES]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let mut names = Vec::new();
    let (mut dialect, mut limits) = (Dialect::default(), Limits::default());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--defect", Some(name)) => names.push(name),
            ("--dialect", Some(name)) => dialect = name.parse().map_err(|e: UnknownDialect| e.to_string())?,
            ("--patience", Some(millis)) => limits.patience = Duration::from_millis(number(&millis)?),
            ("--chunk", Some(bytes)) => limits.chunk = number(&bytes)?,
            _ => return Err(USAGE.into()),
        }
    }
    let defects = Defects::parse(names).map_err(|e| e.to_string())?;
    serve_stdio(defects, dialect, limits).await.map_err(|e| e.to_string())
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no such number\n{USAGE}"))
}
