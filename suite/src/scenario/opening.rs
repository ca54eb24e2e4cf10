//! Openings: what several scenarios begin with, written once and named.
//!
//! A file `openings/NAME.toml` has a `title`, `[actors]`, and in `[script]` the first `steps`, all of devices. A scenario
//! with `opening = "NAME"` has these actors and steps before its own.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeTable;

use super::error::ScenarioError;
use super::model::Actor;
use super::parse;
use super::parse_actors::actors;
use super::step::Step;
use super::value::Reader;

/// The folder of openings among scenarios.
const FOLDER: &str = "openings";

/// By name.
pub(super) type Openings = BTreeMap<String, Opening>;

/// One opening file, checked.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub(super) actors: Vec<Actor>,
    pub(super) steps: Vec<Step>,
}

/// The name of the opening that a file holds, if it holds one.
pub(super) fn name(file: &str) -> Option<String> {
    let path = Path::new(file);
    let folder = path.parent()?.file_name()?;
    (folder == FOLDER).then(|| path.file_stem().unwrap_or_default().to_string_lossy().into_owned())
}

/// Reads one file.
pub(super) fn read(file: &str, source: &str) -> Result<Opening, Vec<ScenarioError>> {
    let mut reader = Reader::new(file, source);
    let document = match DeTable::parse(source) {
        Ok(document) => document,
        Err(error) => {
            reader.wrong(error.span().unwrap_or_default(), error.message().to_owned());
            return Err(reader.into_errors());
        }
    };
    reader.only(document.get_ref(), &["title", "actors", "script"], "of an opening");
    reader.text(&document, "title");
    let own = actors(&mut reader, &document);
    let mut steps = Vec::new();
    if let Some((_, script)) = reader.table(&document, "script") {
        reader.only(script, &["steps"], "of the [script] of an opening");
        steps = parse::steps(&mut reader, &document, script, &own);
    }
    for step in &steps {
        if !matches!(step, Step::Device(_)) {
            reader.wrong_at(step.line(), "an opening has steps of devices only");
        }
    }
    if reader.is_wrong() { Err(reader.into_errors()) } else { Ok(Opening { actors: own, steps }) }
}

impl Opening {
    /// Its steps as those of a scenario that names it in this line.
    pub(super) fn steps_at(&self, line: usize) -> Vec<Step> {
        let mut steps = self.steps.clone();
        for step in &mut steps {
            if let Step::Device(part) = step {
                part.line = line;
            }
        }
        steps
    }
}
