//! From arguments to a command.

use std::future::Future;
use std::process::ExitCode as ProcessExit;
use std::time::Duration;

use clap::Parser as _;
use tokio::runtime::Builder;

use super::args::{Cli, Command};
use super::say::all_was_said;
use super::stop::Stop;
use super::{
    client, coverage, explain, inspect, judge, list, report, run, selftest, vectors, watch, witness,
};
use crate::exit_code::ExitCode;
use crate::play::{give_up, sweep};
use crate::remembered;

/// How long what is given up may take to end.
const GOODBYE: Duration = Duration::from_secs(2);

/// Runs the program with the arguments of the process.
pub fn main() -> ProcessExit {
    let done = match Cli::parse().command {
        Command::Run(args) => in_runtime(run::run(args)),
        Command::Judge(args) => {
            remembered::on_this_thread();
            judge::judge(&args)
        }
        Command::List(args) => list::list(&args),
        Command::Explain(args) => in_runtime(explain::explain(args)),
        Command::Coverage(args) => coverage::coverage(&args),
        Command::Report(args) => report::report(&args),
        Command::Selftest(args) => in_runtime(selftest::selftest(args)),
        Command::Witness(args) => in_runtime(witness::witness(args)),
        Command::Watch(args) => {
            remembered::on_this_thread();
            watch::watch(&args)
        }
        Command::Inspect(args) => inspect::inspect(&args),
        Command::Vectors { command } => vectors::vectors(&command),
        Command::ReferenceClient(args) => in_plain_runtime(client::serve_reference(args)),
    };
    match done.and_then(|code| all_was_said().map(|()| code)) {
        Ok(code) => code.into(),
        Err(stop) => {
            eprintln!("error: {}", stop.message);
            stop.code.into()
        }
    }
}

/// Runs a command that plays until it ends or the user interrupts it. Programs that it has started are ended with it.
fn in_runtime(command: impl Future<Output = Result<ExitCode, Stop>>) -> Result<ExitCode, Stop> {
    remembered::on_this_thread();
    run_in(Builder::new_multi_thread().on_thread_start(remembered::on_this_thread), command)
}

/// Runs a command that is one client: it has nobody to share a memory with.
fn in_plain_runtime(command: impl Future<Output = Result<ExitCode, Stop>>) -> Result<ExitCode, Stop> {
    run_in(&mut Builder::new_multi_thread(), command)
}

fn run_in(
    builder: &mut Builder,
    command: impl Future<Output = Result<ExitCode, Stop>>,
) -> Result<ExitCode, Stop> {
    let runtime = builder.enable_all().build();
    let runtime = runtime.map_err(|error| Stop::internal(format!("cannot start the runtime: {error}")))?;
    let done = runtime.block_on(async {
        tokio::select! {
            done = command => done,
            _ = tokio::signal::ctrl_c() => {
                give_up();
                Err(Stop::new(ExitCode::Interrupted, "interrupted"))
            }
        }
    });
    // What is given up still removes its temporary folders, which may lie in memory.
    runtime.shutdown_timeout(GOODBYE);
    sweep();
    done
}
