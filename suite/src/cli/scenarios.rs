//! The scenarios that a command is about.

use std::sync::Arc;

use super::args::SourceArgs;
use super::stop::Stop;
use crate::scenario::{LoadError, Scenario, Selection, built_in, from_dir};

/// All scenarios of the source, checked.
pub(super) fn load(source: &SourceArgs) -> Result<Vec<Arc<Scenario>>, Stop> {
    let loaded = match &source.scenarios {
        Some(folder) => from_dir(folder),
        None => built_in(),
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

/// Those of them that are asked for.
pub(super) fn select(scenarios: &[Arc<Scenario>], filters: &[String]) -> Vec<Arc<Scenario>> {
    let selection = Selection { filters: filters.to_vec() };
    scenarios.iter().filter(|scenario| selection.wants(scenario)).cloned().collect()
}
