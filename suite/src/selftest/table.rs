//! The matrix as text.

use std::io::{self, Write};

use e2ee_reference::dialect::Dialect;

use super::deviations::{DEVIATIONS, Shows};
use super::dialects::Spoken;
use super::matrix::{Cell, Matrix};
use super::unclaimed::Catch;
use crate::judge::{Cause, Verdict};
use crate::report::wrap;

/// One row a scenario, one column a defect, numbered below.
///
/// # Errors
/// The writer's.
pub fn print(out: &mut impl Write, matrix: &Matrix) -> io::Result<()> {
    let width = matrix.scenarios.iter().map(|scenario| scenario.id.len()).max().unwrap_or(0);
    write!(out, "{:width$}  ok", "")?;
    for number in 1..=matrix.defects.len() {
        write!(out, " {number:2}")?;
    }
    writeln!(out)?;
    for scenario in &matrix.scenarios {
        write!(out, "{:width$}  {:>2}", scenario.id, mark(matrix.honest.cells.get(&scenario.id), false))?;
        for row in &matrix.defects {
            let claimed = row.defect.is_some_and(|defect| scenario.catches.iter().any(|own| own == defect));
            write!(out, " {:>2}", mark(row.cells.get(&scenario.id), claimed))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "\n. pass  X exploited  F fail  M caught by a monitor  H hang  w warn  ? inconclusive")?;
    writeln!(out, "- skipped  E error  * claimed by the scenario\n")?;
    for (number, row) in matrix.defects.iter().enumerate() {
        writeln!(out, "{:2} {}", number + 1, row.defect.unwrap_or_default())?;
    }
    Ok(())
}

/// A paragraph for each dialect: whom it was played beside, and what is known of it.
///
/// # Errors
/// The writer's.
pub fn print_spoken(out: &mut impl Write, spoken: &[Spoken]) -> io::Result<()> {
    writeln!(out, "\nThe honest client in dialects")?;
    for dialect in Dialect::ALL {
        let runs: Vec<&Spoken> = spoken.iter().filter(|spoken| spoken.dialect == dialect).collect();
        let plays = runs.iter().flat_map(|spoken| &spoken.plays);
        let played = plays.filter(|play| play.verdict != Verdict::Skipped).count();
        let peers: Vec<&str> = runs.iter().map(|spoken| spoken.peer.name).collect();
        writeln!(out, "  {}: {played} plays, beside {}", dialect.name, peers.join(" and "))?;
        for deviation in DEVIATIONS.iter().filter(|deviation| (deviation.applies)(&dialect)) {
            let shows = match deviation.shows {
                Shows::Warning => "a warning",
                Shows::Refused(_) => "the server refuses it",
                Shows::Nowhere => "harmless",
            };
            writeln!(out, "      {} ({}; {shows})", deviation.what, deviation.requirements.join(", "))?;
        }
    }
    Ok(())
}

/// A paragraph for each defect.
///
/// # Errors
/// The writer's.
pub fn print_unclaimed(out: &mut impl Write, all: &[(&str, Vec<Catch<'_>>)]) -> io::Result<()> {
    writeln!(out, "\nCaught without a claim (no mistake: whoever writes a scenario may claim more)")?;
    for (defect, caught) in all {
        writeln!(out, "  {defect}: {}", caught.len())?;
        let shown = caught.iter().take(MOST).map(|catch| format!("{} ({})", catch.scenario, catch.verdict));
        let more = caught.len().saturating_sub(MOST);
        let more = (more > 0).then(|| format!("and {more} more"));
        for line in wrap(&shown.chain(more).collect::<Vec<_>>().join(", "), WIDTH) {
            writeln!(out, "      {line}")?;
        }
    }
    Ok(())
}

/// Scenarios that are named for one defect.
const MOST: usize = 12;

const WIDTH: usize = 100;

fn mark(cell: Option<&Cell>, claimed: bool) -> String {
    let Some(cell) = cell else { return " ".to_owned() };
    let letter = match (cell.verdict, cell.cause) {
        (Verdict::Pass, _) => '.',
        (Verdict::Fail, Cause::Monitor) => 'M',
        (Verdict::Fail, _) => 'F',
        (Verdict::Exploited, _) => 'X',
        (Verdict::Hang, _) => 'H',
        (Verdict::Warn, _) => 'w',
        (Verdict::Inconclusive, _) => '?',
        (Verdict::Skipped, _) => '-',
        (Verdict::Error, _) => 'E',
    };
    if claimed { format!("{letter}*") } else { format!("{letter} ") }
}
