//! Vectors as a folder of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::collection;
use crate::error::Error;
use crate::families::FAMILIES;
use crate::ledger;
use crate::vector::Vector;
use crate::world::KEYS;

/// Files that no generator makes; they belong to the folder all the same.
pub(crate) const BY_HAND: &[(&str, &str)] = &[
    ("LICENSE", include_str!("../../golden/LICENSE")),
    ("bip39-english.txt", include_str!("../../reference/bip39-english.txt")),
    ("README.md", include_str!("../../golden/README.md")),
    ("flags.json", include_str!("../../golden/flags.json")),
    ("requirements.json", include_str!("../../golden/requirements.json")),
    ("schema.json", include_str!("../../golden/schema.json")),
];

/// How a folder differs from what [`generate`] would write.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// A file is missing.
    Missing(PathBuf),
    /// A file holds something else.
    Changed(PathBuf),
    /// A vector that nothing makes.
    Stale(PathBuf),
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, path) = match self {
            Self::Missing(path) => ("missing", path),
            Self::Changed(path) => ("changed", path),
            Self::Stale(path) => ("stale", path),
        };
        write!(formatter, "{what}: {}", path.display())
    }
}

/// Makes all vectors from a seed (see [`SEED`](crate::SEED)) and writes them into a folder, with everything
/// that belongs to them. Vectors that are there and are not made any more are removed. Returns the number of
/// vectors.
///
/// # Errors
/// [`Error::File`], or any of those about vectors that cannot be made; nothing has been written then.
pub fn generate(dir: &Path, seed: &str) -> Result<usize, Error> {
    let vectors = collection::make(seed)?;
    let files = files(&vectors)?;
    for difference in compare(dir, &files)? {
        let (Difference::Missing(path) | Difference::Changed(path) | Difference::Stale(path)) = &difference;
        let target = dir.join(path);
        let Some(content) = files.get(path) else {
            fs::remove_file(&target).map_err(Error::file(target))?;
            continue;
        };
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(Error::file(parent))?;
        }
        fs::write(&target, content).map_err(Error::file(target))?;
    }
    Ok(vectors.len())
}

/// Makes all vectors from [`SEED`](crate::SEED) and lists where the folder differs, paths relative to it.
///
/// # Errors
/// As [`generate`].
pub fn check(dir: &Path) -> Result<Vec<Difference>, Error> {
    compare(dir, &files(&collection::make(collection::SEED)?)?)
}

/// Reads all vectors of a folder, family by family, sorted by id.
pub(crate) fn read(dir: &Path) -> Result<Vec<Vector>, Error> {
    let mut vectors = Vec::new();
    for family in FAMILIES {
        for path in vector_files(dir, family.name)? {
            vectors.push(read_one(&dir.join(&path), family.name)?);
        }
    }
    if vectors.is_empty() { Err(Error::Empty { path: dir.to_owned() }) } else { Ok(vectors) }
}

/// JSON as it stands in the files: indented by two blanks, with a final line end.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::Inconsistent(error.to_string()))?;
    Ok(text + "\n")
}

fn read_one(path: &Path, family: &str) -> Result<Vector, Error> {
    let wrong = |reason: String| Error::NotAVector { path: path.to_owned(), reason };
    let text = fs::read_to_string(path).map_err(Error::file(path))?;
    let vector: Vector = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if path.file_stem().and_then(|stem| stem.to_str()) != Some(&vector.id) {
        return Err(wrong(format!("id: expected the file's name, found {}", vector.id)));
    }
    if vector.family != family {
        return Err(wrong(format!("family: expected {family}, found {}", vector.family)));
    }
    Ok(vector)
}

/// Everything that belongs into the folder: path and content.
fn files(vectors: &[Vector]) -> Result<BTreeMap<PathBuf, String>, Error> {
    let mut files = BTreeMap::new();
    for (name, content) in BY_HAND {
        files.insert(PathBuf::from(name), (*content).to_owned());
    }
    for (name, pem) in KEYS {
        files.insert(Path::new("keys").join(format!("{name}.pem")), (*pem).to_owned());
    }
    files.insert("rules.json".into(), json(&ledger::rules())?);
    files.insert("LEDGER.md".into(), ledger::write(vectors)?);
    for vector in vectors {
        files.insert(Path::new(&vector.family).join(format!("{}.json", vector.id)), json(vector)?);
    }
    Ok(files)
}

fn compare(dir: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Vec<Difference>, Error> {
    let mut differences = BTreeSet::new();
    for (path, content) in files {
        let found = dir.join(path);
        match fs::read(&found) {
            Ok(bytes) if bytes == content.as_bytes() => {}
            Ok(_) => drop(differences.insert(Difference::Changed(path.clone()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                differences.insert(Difference::Missing(path.clone()));
            }
            Err(error) => return Err(Error::file(found)(error)),
        }
    }
    for family in FAMILIES {
        let stale = vector_files(dir, family.name)?.into_iter().filter(|path| !files.contains_key(path));
        differences.extend(stale.map(Difference::Stale));
    }
    Ok(differences.into_iter().collect())
}

/// The vectors of a family, paths relative to the folder, sorted. None if the family is not there.
fn vector_files(dir: &Path, family: &str) -> Result<BTreeSet<PathBuf>, Error> {
    let within = dir.join(family);
    let entries = match fs::read_dir(&within) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Error::file(within)(error)),
    };
    let mut paths = BTreeSet::new();
    for entry in entries {
        let name = PathBuf::from(entry.map_err(Error::file(&within))?.file_name());
        if name.extension().is_some_and(|extension| extension == "json") {
            paths.insert(Path::new(family).join(name));
        }
    }
    Ok(paths)
}
