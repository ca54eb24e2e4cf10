//! Prints the table of the README from what the last `cargo bench` left in `target/criterion`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

fn main() -> Result<(), Box<dyn Error>> {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/criterion");
    println!("| what | ours | primitives | ours / primitives |");
    println!("|---|---:|---:|---:|");
    for group in folders(&results)? {
        for (case, path) in cases(&group.join("ours"))? {
            let ours = fastest(&path)?;
            let primitives = fastest(&group.join("primitives").join(&case))?;
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

/// The fastest sample, in nanoseconds: the one that other programs disturbed least.
fn fastest(of: &Path) -> Result<f64, Box<dyn Error>> {
    let path = of.join("new/sample.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let sample: Sample = serde_json::from_str(&text)?;
    Ok(sample.times.iter().zip(&sample.iters).map(|(time, turns)| time / turns).fold(f64::INFINITY, f64::min))
}

/// Samples of criterion: nanoseconds, and how often the operation ran in them.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e4 => format!("{nanoseconds:.0} ns"),
        ..1e7 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.1} ms", nanoseconds / 1e6),
    }
}
