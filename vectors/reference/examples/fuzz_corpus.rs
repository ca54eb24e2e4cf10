//! Writes the first corpus of the fuzz targets: `fuzz_corpus GOLDEN CORPUS` turns the vectors of the folder
//! GOLDEN into inputs in CORPUS/TARGET.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::fuzzing::seeds;
use serde_json::Value;

/// Which targets the strings of a family's inputs are for: all whose names begin so.
const TARGETS: [(&str, &[&str]); 9] = [
    ("canonical-json", &["canonical_json"]),
    ("certificate", &["certificate"]),
    ("file", &["file_cipher"]),
    ("filedrop", &["filedrop"]),
    ("key", &["private_key_blob", "certificate"]),
    ("metadata", &["metadata_v1", "metadata_v2", "canonical_json"]),
    ("private-key", &["private_key_blob"]),
    ("signature", &["signature", "canonical_json"]),
    ("trust", &["metadata_v2", "signature"]),
];
/// Longer ones would only be slow.
const MAX_LENGTH: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [golden, corpus] = &folders[..] else { return Err("usage: fuzz_corpus GOLDEN CORPUS".into()) };
    let mut written = 0;
    for seed in seeds()? {
        written += write(corpus, seed.target, seed.name, &seed.bytes)?;
    }
    for path in vectors(golden)? {
        let vector: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        let (family, id) = (text(&vector, "family"), text(&vector, "id"));
        let targets = TARGETS.iter().filter(|(prefix, _)| family.starts_with(prefix));
        for target in targets.flat_map(|(_, targets)| *targets) {
            for (number, input) in strings(&vector["inputs"]).into_iter().enumerate() {
                written += write(corpus, target, &format!("{id}-{number}"), input.as_bytes())?;
                if let (&"certificate", Ok(der)) = (target, STANDARD.decode(input)) {
                    written += write(corpus, target, &format!("{id}-{number}.der"), &der)?;
                }
            }
        }
    }
    println!("{written} inputs");
    Ok(())
}

/// The files of all vectors; none when the folder does not exist.
fn vectors(golden: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut paths = Vec::new();
    for family in golden.read_dir().into_iter().flatten() {
        let family = family?.path();
        for file in family.read_dir().into_iter().flatten() {
            paths.push(file?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    Ok(paths)
}

fn text<'a>(vector: &'a Value, member: &str) -> &'a str {
    vector[member].as_str().unwrap_or_default()
}

/// All strings and, as JSON, all objects, however deep.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).chain([value.to_string()]).collect(),
        _ => Vec::new(),
    }
}

fn write(corpus: &Path, target: &str, name: &str, bytes: &[u8]) -> Result<usize, std::io::Error> {
    if bytes.is_empty() || bytes.len() > MAX_LENGTH {
        return Ok(0);
    }
    let folder = corpus.join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)?;
    Ok(1)
}
