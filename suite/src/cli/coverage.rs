//! `coverage`

use serde_json::json;

use super::args::{CoverageArgs, Format};
use super::scenarios;
use super::stop::Stop;
use crate::coverage::{Reached, ledger};
use crate::exit_code::ExitCode;

/// Lists the entries of the attack catalogue with what reaches them.
pub(super) fn coverage(args: &CoverageArgs) -> Result<ExitCode, Stop> {
    let scenarios = scenarios::load(&args.source)?;
    let ledger = ledger(scenarios.iter().map(AsRef::as_ref));
    let reached = ledger.iter().filter(|entry| entry.is_reached()).count();
    match args.format {
        Format::Human => {
            for entry in &ledger {
                println!("{:13}  {}\n               {}", entry.id, entry.title, by_what(entry));
            }
            println!("\n{reached} of {} entries are reached", ledger.len());
        }
        Format::Json => {
            let entries: Vec<_> = ledger
                .iter()
                .map(|entry| {
                    json!({ "id": entry.id, "title": entry.title, "scenarios": entry.scenarios,
                        "monitors": entry.monitors })
                })
                .collect();
            println!("{:#}", json!({ "schema_version": 1, "reached": reached, "entries": entries }));
        }
    }
    Ok(ExitCode::Ok)
}

fn by_what(entry: &Reached<'_>) -> String {
    let monitors = entry.monitors.iter().map(|name| format!("monitor {name}"));
    let all: Vec<String> = entry.scenarios.iter().map(|id| (*id).to_owned()).chain(monitors).collect();
    if all.is_empty() { "nothing yet".to_owned() } else { all.join(", ") }
}
