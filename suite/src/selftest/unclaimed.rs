//! What is caught although nobody claims it: scenarios that know more than they say.

use super::matrix::{Cell, Matrix};
use crate::judge::Verdict;
use crate::monitors::MONITORS;

/// A scenario that catches a defect without claiming it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catch<'a> {
    /// The scenario's id.
    pub scenario: &'a str,
    /// What the client with the defect gets.
    pub verdict: Verdict,
}

/// For each defect the scenarios that catch it and do not claim to, unless it is a monitor's claim; without the defects
/// of which there are none.
pub fn unclaimed(matrix: &Matrix) -> Vec<(&'static str, Vec<Catch<'_>>)> {
    let mut all = Vec::new();
    for row in &matrix.defects {
        let Some(defect) = row.defect else { continue };
        let mut caught = Vec::new();
        for scenario in &matrix.scenarios {
            let Some(cell) = row.cells.get(&scenario.id).filter(|cell| cell.verdict.is_red()) else {
                continue;
            };
            let is_claimed = scenario.catches.iter().any(|claimed| claimed == defect);
            if !is_claimed && !is_claimed_by_monitor(defect, cell) {
                caught.push(Catch { scenario: &scenario.id, verdict: cell.verdict });
            }
        }
        if !caught.is_empty() {
            all.push((defect, caught));
        }
    }
    all
}

fn is_claimed_by_monitor(defect: &str, cell: &Cell) -> bool {
    let mut found = MONITORS.iter().filter(|monitor| cell.monitors.contains(monitor.name));
    found.any(|monitor| monitor.catches.contains(&defect))
}
