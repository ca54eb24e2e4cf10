//! The scenarios that a command is about.

use std::sync::Arc;

use e2ee_reference::recognise::AnyVersion;

use super::args::SourceArgs;
use super::stop::Stop;
use crate::coverage::{Reason, reasons};
use crate::exit_code::ExitCode;
use crate::lattice;
use crate::scenario::{LoadError, Scenario, Selection, asked_for, built_in_number, from_dir, id_begins};

/// All scenarios of the source, checked.
pub(super) fn load(source: &SourceArgs) -> Result<Vec<Arc<Scenario>>, Stop> {
    read(source, &Selection::default())
}

/// Those of the source that are asked for, checked. A folder is read as a whole.
pub(super) fn chosen(source: &SourceArgs, filters: &[String]) -> Result<Vec<Arc<Scenario>>, Stop> {
    let selection = Selection { filters: filters.to_vec() };
    let mut read = read(source, &selection)?;
    read.retain(|scenario| selection.wants(scenario));
    Ok(read)
}

/// How many scenarios the source has.
pub(super) fn number(source: &SourceArgs) -> Result<usize, Stop> {
    match source.scenarios {
        Some(_) => load(source).map(|scenarios| scenarios.len()),
        None => Ok(built_in_number() + lattice::number()),
    }
}

/// At least those that a selection wants.
fn read(source: &SourceArgs, selection: &Selection) -> Result<Vec<Arc<Scenario>>, Stop> {
    let loaded = match &source.scenarios {
        Some(folder) => from_dir(folder),
        None => asked_for(selection).and_then(|mut scenarios| {
            scenarios.extend(lattice::asked_for(selection).map_err(LoadError::Wrong)?);
            Ok(scenarios)
        }),
    };
    match loaded {
        Ok(scenarios) => Ok(scenarios.into_iter().map(Arc::new).collect()),
        Err(LoadError::Wrong(errors)) => {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Err(Stop::set_up(format!("wrong scenario files\n{}", lines.join("\n"))))
        }
        Err(error) => Err(Stop::set_up(error.to_string())),
    }
}

/// What is to be said when nothing fits and something published was asked for; empty if not.
pub(super) fn about_publications(asked: &[String]) -> String {
    let is_publication = |asked: &&String| {
        let kinds = ["cve", "ghsa", "eprint"];
        kinds.iter().any(|kind| asked.to_ascii_lowercase().starts_with(kind))
    };
    let Some(asked) = asked.iter().find(is_publication) else { return String::new() };
    let mut reasons = reasons().filter(|(id, _)| id_begins(id, asked));
    match reasons.next() {
        Some((_, Reason { text, .. })) => format!("\nnothing plays {asked}: {text}"),
        None => format!(
            "\n{asked}: see `e2ee-suite coverage CVE GHSA eprint` for the published attacks that are played"
        ),
    }
}

/// The scenario with this id.
pub(super) fn find(all: &[Arc<Scenario>], id: &str) -> Result<Arc<Scenario>, Stop> {
    if let Some(scenario) = all.iter().find(|scenario| scenario.id == id) {
        return Ok(Arc::clone(scenario));
    }
    let near: Vec<&str> =
        all.iter().map(|scenario| scenario.id.as_str()).filter(|other| other.contains(id)).collect();
    let hint = if near.is_empty() { "see `e2ee-suite list`".to_owned() } else { near.join(", ") };
    Err(Stop::new(ExitCode::NothingRan, format!("no scenario has the id `{id}`: {hint}")))
}

/// The version that is asked for, or else the newest of a scenario.
pub(super) fn version(scenario: &Scenario, asked: Option<AnyVersion>) -> Result<AnyVersion, Stop> {
    let fits = |version: &&AnyVersion| asked.is_none_or(|asked| asked == **version);
    scenario.versions.iter().filter(fits).max().copied().ok_or_else(|| {
        let what = format!("{} is not played in the version that was asked for", scenario.id);
        Stop::new(ExitCode::NothingRan, what)
    })
}
