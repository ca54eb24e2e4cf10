//! `list`

use serde_json::json;

use super::args::{Format, ListArgs};
use super::say::say;
use super::scenarios;
use super::stop::Stop;
use crate::exit_code::ExitCode;
use crate::monitors::MONITORS;
use crate::scenario::Scenario;

/// Lists scenarios, and the monitors that watch all of them.
pub(super) fn list(args: &ListArgs) -> Result<ExitCode, Stop> {
    let chosen = scenarios::chosen(&args.source, &args.filter)?;
    if chosen.is_empty() {
        let what = "no scenario fits".to_owned() + &scenarios::about_publications(&args.filter);
        return Err(Stop::new(ExitCode::NothingRan, what));
    }
    match args.format {
        Format::Human => {
            let width = chosen.iter().map(|scenario| scenario.id.len()).max().unwrap_or(0);
            for scenario in &chosen {
                let versions = versions(scenario).join(" ");
                say!(
                    "{:width$}  {:11}  {versions:7}  {}",
                    scenario.id,
                    scenario.kind.as_str(),
                    scenario.title
                );
            }
            say!("\nIn every play:");
            for monitor in MONITORS {
                say!("{:width$}  {}", monitor.name, monitor.summary);
            }
        }
        Format::Json => {
            let scenarios: Vec<_> = chosen.iter().map(|scenario| entry(scenario)).collect();
            let monitors: Vec<_> = MONITORS
                .iter()
                .map(|monitor| {
                    json!({ "name": monitor.name, "summary": monitor.summary,
                        "requirements": monitor.requirements, "catches": monitor.catches,
                        "needs": monitor.needs.iter().map(|need| need.as_str()).collect::<Vec<_>>() })
                })
                .collect();
            say!("{:#}", json!({ "schema_version": 1, "scenarios": scenarios, "monitors": monitors }));
        }
    }
    Ok(ExitCode::Ok)
}

fn entry(scenario: &Scenario) -> serde_json::Value {
    json!({ "id": scenario.id, "title": scenario.title, "kind": scenario.kind, "versions": versions(scenario),
        "needs": scenario.needs, "cites": scenario.cites, "catches": scenario.catches, "why": scenario.why })
}

fn versions(scenario: &Scenario) -> Vec<String> {
    scenario.versions.iter().map(ToString::to_string).collect()
}
