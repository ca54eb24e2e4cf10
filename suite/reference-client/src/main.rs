//! The reference client as an adapter program: `e2ee-reference-client [--defect NAME]... [--dialect NAME]`

use e2ee_reference::dialect::{Dialect, UnknownDialect};
use e2ee_reference_client::{Defects, serve_stdio};
use std::env;
use std::process::ExitCode;

const USAGE: &str = "usage: e2ee-reference-client [--defect NAME]... [--dialect NAME]";

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
    let mut dialect = Dialect::default();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--defect", Some(name)) => names.push(name),
            ("--dialect", Some(name)) => dialect = name.parse().map_err(|e: UnknownDialect| e.to_string())?,
            _ => return Err(USAGE.into()),
        }
    }
    let defects = Defects::parse(names).map_err(|e| e.to_string())?;
    serve_stdio(defects, dialect).await.map_err(|e| e.to_string())
}
