//! Where scenarios come from, and which of them are asked for.

use std::fs;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use super::error::{LoadError, ScenarioError};
use super::model::Scenario;
use super::opening::{self, Openings};
use super::parse;

/// A scenario file longer than this is refused.
const MAX_FILE: u64 = 1024 * 1024;

/// Every `scenarios/**/*.toml` of this crate, put in by the build script.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// The scenarios that this program carries with it, in the order of their files' names.
///
/// # Errors
/// [`LoadError::Wrong`] names every mistake in every file.
pub fn built_in() -> Result<Vec<Scenario>, LoadError> {
    asked_for(&Selection::default())
}

/// Those of [`built_in`] that a selection may want, and perhaps others: files in which nothing stands that is asked for are
/// not read.
///
/// # Errors
/// [`LoadError::Wrong`] names every mistake in the files that are read.
pub fn asked_for(selection: &Selection) -> Result<Vec<Scenario>, LoadError> {
    let wanted =
        |(file, text): &&(&str, &str)| opening::name(file).is_some() || selection.may_want(file, text);
    let files = BUILT_IN.iter().filter(wanted);
    let files = files.map(|(name, text)| (format!("scenarios/{name}"), (*text).to_owned()));
    all(files.collect(), Openings::new())
}

/// How many scenarios [`built_in`] has.
pub(crate) fn built_in_number() -> usize {
    BUILT_IN.iter().filter(|(file, _)| opening::name(file).is_none()).count()
}

/// Every `*.toml` below a folder. Its openings stand beside those that this program carries with it.
///
/// # Errors
/// [`LoadError::Unreadable`] names a folder or file; [`LoadError::Wrong`] every mistake in every file.
pub fn from_dir(folder: &Path) -> Result<Vec<Scenario>, LoadError> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |source| LoadError::Unreadable { path: path.clone(), source };
        if fs::metadata(&path).map_err(unreadable)?.len() > MAX_FILE {
            return Err(unreadable(std::io::Error::other("longer than 1 MiB")));
        }
        files.push((path.display().to_string(), fs::read_to_string(&path).map_err(unreadable)?));
    }
    all(files, built_in_openings().clone())
}

/// One scenario from its text, with the openings that this program carries with it. `file` is its name for messages; its
/// stem must be the id.
///
/// # Errors
/// Every mistake, with its line.
pub fn from_text(file: &str, text: &str) -> Result<Scenario, Vec<ScenarioError>> {
    parse::scenario(file, text, built_in_openings())
}

/// Several, each as [`from_text`] reads it.
///
/// # Errors
/// Every mistake in all of them, with its line.
pub(crate) fn from_texts(files: &[(String, String)]) -> Result<Vec<Scenario>, Vec<ScenarioError>> {
    let (mut scenarios, mut wrong) = (Vec::new(), Vec::new());
    for read in parsed(files, built_in_openings()) {
        match read {
            Ok(scenario) => scenarios.push(scenario),
            Err(errors) => wrong.extend(errors),
        }
    }
    if wrong.is_empty() { Ok(scenarios) } else { Err(wrong) }
}

/// Those of [`BUILT_IN`]; whoever reads all of it hears of mistakes in them.
fn built_in_openings() -> &'static Openings {
    static OPENINGS: OnceLock<Openings> = OnceLock::new();
    OPENINGS.get_or_init(|| {
        let named = BUILT_IN.iter().filter_map(|(file, text)| Some((opening::name(file)?, (file, text))));
        named.filter_map(|(name, (file, text))| Some((name, opening::read(file, text).ok()?))).collect()
    })
}

/// Reads all files: first the openings, which are added to `openings`, then the scenarios.
fn all(files: Vec<(String, String)>, mut openings: Openings) -> Result<Vec<Scenario>, LoadError> {
    let mut scenarios: Vec<Scenario> = Vec::new();
    let mut wrong = Vec::new();
    let (beginnings, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(file, _)| opening::name(file).is_some());
    for (file, text) in beginnings {
        match opening::read(&file, &text) {
            Ok(read) => drop(openings.insert(opening::name(&file).unwrap_or_default(), read)),
            Err(errors) => wrong.extend(errors),
        }
    }
    for ((file, _), parsed) in files.iter().zip(parsed(&files, &openings)) {
        match parsed {
            Ok(scenario) => match scenarios.iter().find(|other| other.id == scenario.id) {
                None => scenarios.push(scenario),
                Some(other) => {
                    let what = format!("id `{}` is taken by {}", scenario.id, other.file);
                    wrong.push(ScenarioError { file: file.clone(), line: 1, what });
                }
            },
            Err(errors) => wrong.extend(errors),
        }
    }
    if wrong.is_empty() { Ok(scenarios) } else { Err(LoadError::Wrong(wrong)) }
}

/// Reads scenarios on all cores, since every command waits for it.
fn parsed(files: &[(String, String)], openings: &Openings) -> Vec<Result<Scenario, Vec<ScenarioError>>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let read = |(file, text): &(String, String)| parse::scenario(file, text, openings);
    let read_part = |part: &[(String, String)]| part.iter().map(read).collect::<Vec<_>>();
    thread::scope(|scope| {
        let parts = files.chunks(files.len().div_ceil(cores).max(1));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || read_part(part))).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        if kind.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    Ok(())
}

/// Which scenarios are asked for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// A scenario is chosen if any of these fits; all are chosen if there is none. A filter fits a part of the
    /// id, a pattern of the id with `*`, a cited id or several first parts of it, or the kind.
    pub filters: Vec<String>,
}

impl Selection {
    /// Whether the scenario is asked for.
    pub fn wants(&self, scenario: &Scenario) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| fits(filter, scenario))
    }

    /// Whether the scenario in this file may be asked for, as far as that can be said without reading it: its id is
    /// the stem of the file, and what it cites and its kind stand in the text, unless they are escaped.
    pub(crate) fn may_want(&self, file: &str, text: &str) -> bool {
        let id = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
        let says = |filter: &String| {
            let [text, filter] = [text, filter].map(|it| it.as_bytes());
            let Some(first) = filter.first() else { return true };
            let places = memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text);
            let mut places = places.filter_map(|place| text.get(place..place + filter.len()));
            places.any(|part| part.eq_ignore_ascii_case(filter))
        };
        let may = |filter: &String| fits_id(filter, &id) || says(filter);
        self.filters.is_empty() || text.contains('\\') || self.filters.iter().any(may)
    }
}

fn fits(filter: &str, scenario: &Scenario) -> bool {
    // `leak` is a part of ids; all of `LEAK-01` to `LEAK-09` is asked for otherwise.
    let cited = |cited: &String| match filter.contains(['-', ':']) {
        true => id_begins(cited, filter),
        false => cited.eq_ignore_ascii_case(filter),
    };
    fits_id(filter, &scenario.id) || filter == scenario.kind.as_str() || scenario.cites.iter().any(cited)
}

fn fits_id(filter: &str, id: &str) -> bool {
    if filter.contains('*') { glob(filter, id) } else { id.contains(filter) }
}

/// Whether an id is the one that is asked for or one of its group: `R2-VER` stands for `R2-VER-01` and all others,
/// `eprint-2024/546` for all attacks of the paper.
pub(crate) fn id_begins(id: &str, asked: &str) -> bool {
    let Some((first, rest)) = id.split_at_checked(asked.len()) else { return false };
    first.eq_ignore_ascii_case(asked)
        && (rest.is_empty() || rest.starts_with(['-', ':']) || asked.ends_with(['-', ':']))
}

/// `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{glob, id_begins};

    #[test]
    fn an_id_is_asked_for_by_its_first_parts() {
        for asked in ["eprint-2024/546", "EPRINT", "eprint-2024/546:iv-reuse", "eprint-2024/546:", "eprint-"]
        {
            assert!(id_begins("eprint-2024/546:iv-reuse", asked), "{asked}");
        }
        for other in ["eprint-2024/54", "eprint-2024/546:iv-reused", "print", "ü"] {
            assert!(!id_begins("eprint-2024/546:iv-reuse", other), "{other}");
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(glob("tofu-*", "tofu-server-key"));
        assert!(glob("*key*", "tofu-server-key"));
        assert!(glob("*", ""));
        assert!(!glob("tofu-*-x", "tofu-server-key"));
        assert!(!glob("*b", "ab-c"));
        assert!(!glob("ab*ba", "aba"));
    }
}
