//! Prints the table of the README from what the last `cargo bench` left in `target/criterion`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/criterion");
    println!("| what | ours | primitives | ours / primitives |");
    println!("|---|---:|---:|---:|");
    for group in folders(&results)? {
        for (case, path) in cases(&group.join("ours"))? {
            let ours = median(&path)?;
            let primitives = median(&group.join("primitives").join(&case))?;
            let name = group.file_name().unwrap_or_default().to_string_lossy();
            let ratio = ours / primitives;
            println!("| {name} {case} | {} | {} | {ratio:.2} |", shown(ours), shown(primitives));
        }
    }
    Ok(())
}

/// Name and folder of each case of a group, sorted; one without a name if the group is the case.
fn cases(ours: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    if ours.join("new").exists() {
        return Ok(vec![(String::new(), ours.to_owned())]);
    }
    let named = |path: PathBuf| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path);
    let mut cases: Vec<_> = folders(ours)?.into_iter().map(named).collect();
    cases.sort_by_key(|(case, _)| (case.parse::<u64>().unwrap_or_default(), case.clone()));
    Ok(cases)
}

fn folders(of: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries =
        fs::read_dir(of).map_err(|error| format!("{}: {error}; run the benches first", of.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.retain(|path| path.is_dir() && !path.ends_with("report"));
    paths.sort();
    Ok(paths)
}

/// In nanoseconds.
fn median(of: &Path) -> Result<f64, Box<dyn Error>> {
    let path = of.join("new/estimates.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let estimates: Value = serde_json::from_str(&text)?;
    let median = estimates.pointer("/median/point_estimate").and_then(Value::as_f64);
    median.ok_or_else(|| format!("{}: no median", path.display()).into())
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e4 => format!("{nanoseconds:.0} ns"),
        ..1e7 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.1} ms", nanoseconds / 1e6),
    }
}
