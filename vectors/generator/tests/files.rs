//! The committed files and those that are generated.

use std::fs;
use std::path::PathBuf;

use e2ee_vectors::{Difference, Error, check};

use crate::{copy_of_golden, golden};

/// Three files are touched, and exactly those three are listed: all others are what is generated.
#[test]
fn the_committed_files_are_what_is_generated() {
    let copy = copy_of_golden();
    let changed = PathBuf::from("oaep/oaep-bit.json");
    let missing = PathBuf::from("LEDGER.md");
    let stale = PathBuf::from("trust/trust-never-made.json");
    let text = fs::read_to_string(copy.path().join(&changed)).unwrap();
    fs::write(copy.path().join(&changed), text.replace("another", "a different one")).unwrap();
    fs::remove_file(copy.path().join(&missing)).unwrap();
    fs::write(copy.path().join(&stale), "{}").unwrap();
    let expected =
        [Difference::Missing(missing), Difference::Changed(changed), Difference::Stale(stale)].into();
    let differences: std::collections::BTreeSet<_> = check(copy.path()).unwrap().into_iter().collect();
    assert_eq!(differences, expected);
}

#[test]
fn what_is_not_a_vector_is_named() {
    let copy = tempfile::tempdir().unwrap();
    assert!(matches!(e2ee_vectors::verify(copy.path()), Err(Error::Empty { .. })));
    let dir = copy.path().join("oaep");
    fs::create_dir(&dir).unwrap();
    let vector = fs::read_to_string(golden().join("oaep/oaep-bit.json")).unwrap();
    for (name, text, reason) in [
        ("oaep-other.json", vector.clone(), "id: expected the file's name, found oaep-bit"),
        ("oaep-bit.json", vector.replace("\"comment\"", "\"remark\""), "unknown field `remark`"),
        (
            "oaep-bit.json",
            vector.replace("\"family\": \"oaep\"", "\"family\": \"kdf\""),
            "family: expected oaep",
        ),
        ("oaep-bit.json", "{".to_owned(), "EOF"),
    ] {
        let path = dir.join(name);
        fs::write(&path, text).unwrap();
        let Err(Error::NotAVector { path: named, reason: found }) = e2ee_vectors::verify(copy.path()) else {
            panic!("{name} was taken for a vector");
        };
        assert_eq!(named, path);
        assert!(found.contains(reason), "{found}");
        fs::remove_file(path).unwrap();
    }
}
