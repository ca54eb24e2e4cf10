//! What a matrix has to show.

use super::dialects;
use super::matrix::{Cell, Matrix, Pairs};
use crate::judge::Cause;
use crate::monitors::MONITORS;
use crate::scenario::{Action, Expect, Kind, Role, Scenario};

/// Clients that look safe without being so, and whether an attack scenario can show it: those that cannot do right by
/// accident must pass no attack scenario at all, the others none that tempts them.
pub const LIARS: &[(&str, Exposed)] = &[
    ("refuses-everything", Exposed::Always),
    ("lies-about-success", Exposed::Always),
    ("crashes-on-hostile", Exposed::WhereRefused),
    ("hangs-on-hostile", Exposed::WhereRefused),
    ("never-syncs", Exposed::WhereSyncMustFail),
];

/// Where a liar must be seen through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposed {
    /// In every attack scenario.
    Always,
    /// Where the honest client refuses something.
    WhereRefused,
    /// Where a judged device must not succeed in a `sync`.
    WhereSyncMustFail,
}

/// What is not as it must be; empty if all is well.
pub fn prove(matrix: &Matrix) -> Vec<String> {
    let mut wrong = Vec::new();
    honest(matrix, &mut wrong);
    dialects::prove(&matrix.spoken, matrix.whole, &mut wrong);
    scenarios(matrix, &mut wrong);
    if matrix.whole && matrix.scenarios.iter().all(|scenario| matrix.asks(&scenario.id)) {
        monitors(matrix, &mut wrong);
        defects(matrix, &mut wrong);
    }
    liars(matrix, &mut wrong);
    wrong
}

fn honest(matrix: &Matrix, wrong: &mut Vec<String>) {
    for (scenario, cell) in &matrix.honest.cells {
        if !cell.passed {
            wrong.push(format!("{scenario}: the honest client gets {} ({})", cell.verdict, cell.reason));
        }
    }
}

fn scenarios(matrix: &Matrix, wrong: &mut Vec<String>) {
    for scenario in &matrix.scenarios {
        if scenario.catches.is_empty() {
            wrong.push(format!("{} cannot tell the honest client from any defect", scenario.id));
            continue;
        }
        if !matrix.asks(&scenario.id) {
            continue;
        }
        let mut by_itself = false;
        for claimed in &scenario.catches {
            match cell(matrix, claimed, &scenario.id) {
                Some(cell) if cell.verdict.is_red() => by_itself |= cell.cause != Cause::Monitor,
                Some(cell) => {
                    let (id, verdict, reason) = (&scenario.id, cell.verdict, &cell.reason);
                    wrong.push(format!("{id} claims to catch {claimed}, which gets {verdict} ({reason})"));
                }
                None => wrong.push(format!("{} was not played with {claimed}", scenario.id)),
            }
        }
        if scenario.kind == Kind::Attack && !by_itself {
            wrong.push(format!("{} catches nothing that the monitors do not catch", scenario.id));
        }
    }
}

fn monitors(matrix: &Matrix, wrong: &mut Vec<String>) {
    for monitor in MONITORS {
        for claimed in monitor.catches {
            let row = matrix.defects.iter().find(|row| row.defect == Some(*claimed));
            let caught = row.is_some_and(|row| {
                row.cells.values().any(|cell| cell.verdict.is_red() && cell.monitors.contains(monitor.name))
            });
            if !caught {
                wrong.push(format!("monitor {} claims to catch {claimed} and does not", monitor.name));
            }
        }
    }
}

fn defects(matrix: &Matrix, wrong: &mut Vec<String>) {
    for row in &matrix.defects {
        let name = row.defect.unwrap_or_default();
        // Whoever refuses or fakes everything is not even judged where only attacks are played: it is enough that it passes
        // nothing.
        let caught = row.cells.values().any(|cell| cell.verdict.is_red());
        if !caught && (matrix.pairs == Pairs::All || !LIARS.iter().any(|(liar, _)| *liar == name)) {
            wrong.push(format!("nothing catches {name}"));
        }
    }
}

fn liars(matrix: &Matrix, wrong: &mut Vec<String>) {
    for (liar, exposed) in LIARS {
        for scenario in matrix.scenarios.iter().filter(|scenario| scenario.kind == Kind::Attack) {
            let Some(honest) = matrix.honest.cells.get(&scenario.id) else { continue };
            let must_be_seen = match exposed {
                Exposed::Always => true,
                Exposed::WhereRefused => honest.refused,
                Exposed::WhereSyncMustFail => sync_must_fail(scenario),
            };
            if must_be_seen && cell(matrix, liar, &scenario.id).is_some_and(|cell| cell.passed) {
                wrong.push(format!("{} is passed by {liar}", scenario.id));
            }
        }
    }
}

fn sync_must_fail(scenario: &Scenario) -> bool {
    scenario.device_steps().any(|step| {
        let judged = scenario.actor(&step.actor).is_some_and(|actor| actor.role == Role::Subject);
        let must_fail = matches!(step.expect, Expect::Refused | Expect::NotOk);
        judged && must_fail && step.action == Action::Sync {}
    })
}

fn cell<'a>(matrix: &'a Matrix, defect: &str, scenario: &str) -> Option<&'a Cell> {
    let row = matrix.defects.iter().find(|row| row.defect == Some(defect))?;
    row.cells.get(scenario)
}
