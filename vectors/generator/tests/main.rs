//! One test program: OpenSSL is linked once.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod export;
mod files;
mod purpose;
mod requirements;
mod schema;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};

use e2ee_vectors::Vector;

/// The committed vectors.
fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden")
}

/// A copy of the committed vectors that a test may change.
fn copy_of_golden() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for path in files_below(&golden()) {
        let target = copy.path().join(path.strip_prefix(golden()).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
    copy
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    files
}

/// The vectors of a folder with their paths.
fn vectors_in(dir: &Path) -> Vec<(PathBuf, Vector)> {
    let read = |path: PathBuf| {
        let vector = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path, vector)
    };
    let is_vector = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "json") && path.parent() != Some(dir)
    };
    files_below(dir).into_iter().filter(is_vector).map(read).collect()
}
