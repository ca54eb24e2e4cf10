//! Packing.

use std::collections::BTreeMap;
use std::fs;

use e2ee_vectors::export;
use serde_json::Value;

use crate::{golden, vectors_in};

#[test]
fn one_file_for_each_family_and_one_archive() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let written = export(&golden(), first.path()).unwrap();
    assert_eq!(written.len(), 21);
    let mut flat = 0;
    for path in written.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let family: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str(), family["family"].as_str());
        flat += family["vectors"].as_array().unwrap().len();
    }
    assert_eq!(flat, vectors_in(&golden()).len());
    export(&golden(), second.path()).unwrap();
    for path in written {
        let name = path.file_name().unwrap();
        assert_eq!(fs::read(&path).unwrap(), fs::read(second.path().join(name)).unwrap(), "{name:?}");
    }
}

#[test]
fn the_archive_holds_every_file() {
    let out = tempfile::tempdir().unwrap();
    export(&golden(), out.path()).unwrap();
    let archive = fs::File::open(out.path().join("e2ee-golden-vectors.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let mut packed = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        packed.insert(entry.path().unwrap().into_owned(), content);
    }
    let files = crate::files_below(&golden());
    assert_eq!(packed.len(), files.len());
    for path in files {
        let name = std::path::Path::new("golden").join(path.strip_prefix(golden()).unwrap());
        assert_eq!(packed.get(&name), Some(&fs::read(&path).unwrap()), "{}", name.display());
    }
}
