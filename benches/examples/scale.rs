//! Opens folders of 10,000 to 1,000,000 files and prints what one file costs: the same in all of them, if the time
//! grows no faster than the folder.

use std::error::Error;
use std::time::Instant;

use e2ee_benches::Folder;

/// The fastest of so many runs counts.
const RUNS: u32 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    for count in [10_000, 100_000, 1_000_000] {
        let folder = Folder::with_files(count)?;
        let mut fastest = f64::INFINITY;
        for _ in 0..RUNS {
            let started = Instant::now();
            let contents = folder.open().ok_or("the folder does not open")?;
            fastest = fastest.min(started.elapsed().as_secs_f64());
            drop(contents);
        }
        let micros = fastest * 1e6 / f64::from(u32::try_from(count)?);
        println!("{count:>9} files: {:>9.1} ms, {micros:.2} µs a file", fastest * 1e3);
    }
    Ok(())
}
