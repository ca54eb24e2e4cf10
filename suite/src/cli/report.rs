//! `report`

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::args::{Format, ReportArgs};
use super::say::say;
use super::scenarios;
use super::stop::Stop;
use crate::coverage::{Because, Coverage, Standing, Standings, Stands, standings};
use crate::exit_code::ExitCode;
use crate::report::{REPORT_VERSION, Report, clean, wrap};

/// Says which requirements the client of a run keeps.
pub(super) fn report(args: &ReportArgs) -> Result<ExitCode, Stop> {
    let report = read(&args.report)?;
    let scenarios = scenarios::load(&args.source)?;
    let coverage = Coverage::new(scenarios.iter().map(AsRef::as_ref));
    let found = standings(&report, &coverage.map_err(|error| Stop::internal(error.to_string()))?);
    match args.format {
        Format::Human => print(&found),
        Format::Json => {
            let text = serde_json::to_string_pretty(&found);
            say!("{}", text.map_err(|error| Stop::internal(error.to_string()))?);
        }
    }
    let number = |stands| found.summary.get(&stands).copied().unwrap_or(0);
    Ok(if number(Stands::Fails) + number(Stands::InDoubt) > 0 {
        ExitCode::Failed
    } else if number(Stands::Holds) == 0 {
        ExitCode::NothingRan
    } else {
        ExitCode::Ok
    })
}

/// Reports are as long as clients talk.
const MOST_BYTES: u64 = 256 << 20;

fn read(path: &Path) -> Result<Report, Stop> {
    let cannot = |reason: &dyn std::fmt::Display| {
        Stop::set_up(format!("cannot use the report {}: {reason}", path.display()))
    };
    if fs::metadata(path).map_err(|error| cannot(&error))?.len() > MOST_BYTES {
        return Err(cannot(&"longer than 256 MiB"));
    }
    let text = fs::read_to_string(path).map_err(|error| cannot(&error))?;
    /// What every version of a report has.
    #[derive(Deserialize)]
    struct Head {
        schema_version: u32,
    }
    let head: Head = serde_json::from_str(&text).map_err(|error| cannot(&error))?;
    if head.schema_version != REPORT_VERSION {
        let version = head.schema_version;
        return Err(cannot(&format!("schema_version: expected {REPORT_VERSION}, found {version}")));
    }
    serde_json::from_str(&text).map_err(|error| cannot(&error))
}

fn print(found: &Standings) {
    let client = &found.client;
    say!("{} {} ({})", clean(&client.name), clean(&client.version), clean(&client.command));
    for stands in Stands::ALL {
        let these: Vec<&Standing> = found.requirements.iter().filter(|one| one.stands == *stands).collect();
        if these.is_empty() {
            continue;
        }
        say!("\n{} ({})", stands.as_str(), these.len());
        for one in these {
            say!("  {:11}  {}", one.id, one.title);
            for line in reasons(one) {
                say!("               {line}");
            }
        }
    }
    let number = |stands: &Stands| found.summary.get(stands).copied().unwrap_or(0);
    let counts: Vec<String> =
        Stands::ALL.iter().map(|stands| format!("{} {}", number(stands), stands.as_str())).collect();
    say!("\n{} requirements in {} results: {}", found.requirements.len(), found.results, counts.join(", "));
}

/// Passes in one line, everything else with what was wrong.
fn reasons(one: &Standing) -> Vec<String> {
    if one.stands == Stands::Holds {
        return wrap(&passes(&one.because), WIDTH);
    }
    let told = |because: &Because| {
        let mut text = place(because);
        if let Some(verdict) = because.verdict {
            text.push_str(&format!(": {verdict}"));
        }
        if let Some(monitor) = &because.monitor {
            text.push_str(&format!(", monitor {}", clean(monitor)));
        }
        if !because.also_about.is_empty() {
            text.push_str(&format!(" (or {})", because.also_about.join(", ")));
        }
        let separator = if text.is_empty() || because.text.is_empty() { "" } else { ": " };
        wrap(&format!("{text}{separator}{}", clean(&because.text)), WIDTH)
    };
    let mut lines: Vec<String> = one.because.iter().take(MOST).flat_map(told).collect();
    if one.because.len() > MOST {
        lines.push(format!("and {} more: see `--format json`", one.because.len() - MOST));
    }
    lines
}

const WIDTH: usize = 100;

/// How much is told about one requirement.
const MOST: usize = 4;

/// Each scenario once, with its versions behind it.
fn passes(because: &[Because]) -> String {
    let mut scenarios: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in because {
        let scenario = one.scenario.as_deref().unwrap_or_default();
        let version = one.version.as_deref().unwrap_or_default();
        match scenarios.iter_mut().find(|(known, _)| *known == scenario) {
            Some((_, versions)) => versions.push(version),
            None => scenarios.push((scenario, vec![version])),
        }
    }
    let each =
        scenarios.iter().map(|(scenario, versions)| clean(&format!("{scenario} {}", versions.join(" "))));
    each.collect::<Vec<_>>().join(", ")
}

fn place(because: &Because) -> String {
    let words = [&because.scenario, &because.version].into_iter().flatten();
    words.map(|word| clean(word)).collect::<Vec<_>>().join(" ")
}
