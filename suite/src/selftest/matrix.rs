//! Which scenario caught which defect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use e2ee_reference::dialect::Dialect;
use e2ee_reference_client::{DEFECTS, Defects};

use crate::judge::{Cause, Verdict};
use crate::lattice::is_of_lattice;
use crate::monitors::MONITORS;
use crate::play::{Client, ClientFault, Laboratory, Options, Played, run};
use crate::scenario::{Kind, Scenario};

use crate::transcript::Mode;

use super::dialects::{self, Spoken};
use super::prove::LIARS;
use super::side_by_side::side_by_side;

/// What came of one scenario with one defect; the worst of all versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The worst verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub cause: Cause,
    /// Its sentence.
    pub reason: String,
    /// The monitors that have found something.
    pub monitors: BTreeSet<String>,
    /// Whether it passed in every version.
    pub passed: bool,
    /// Whether anything was refused during the attack.
    pub refused: bool,
}

/// All scenarios with one client.
#[derive(Debug, Clone)]
pub struct Row {
    /// The defect; none for the honest client.
    pub defect: Option<&'static str>,
    /// By scenario id.
    pub cells: BTreeMap<String, Cell>,
}

/// In which scenarios defects are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// In those that can say something about a defect.
    Telling,
    /// Every defect in every scenario.
    All,
}

/// The honest client and all defects.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// The scenarios.
    pub scenarios: Vec<Arc<Scenario>>,
    /// Whether these are all scenarios, so that every monitor and every defect must have its proof among them.
    pub whole: bool,
    /// Which pairs were played.
    pub pairs: Pairs,
    /// The honest client, in all versions.
    pub honest: Row,
    /// The honest client in the dialects of released ones.
    pub spoken: Vec<Spoken>,
    /// The dialect of those that have defects.
    pub dialect: Dialect,
    /// Each defect.
    pub defects: Vec<Row>,
}

impl Matrix {
    /// Plays everything; some scenarios (`whole` is false) only with the defects that they name, unless all pairs are
    /// wanted. `options` and `dialect` are those of the defects; the honest client plays all versions, and in all dialects.
    /// `tick` is told of each row.
    ///
    /// # Errors
    /// [`ClientFault`], if the reference client does not even introduce itself.
    pub async fn play(
        laboratory: &Arc<Laboratory>,
        scenarios: Vec<Arc<Scenario>>,
        whole: bool,
        pairs: Pairs,
        dialect: Dialect,
        options: &Options,
        tick: impl Fn(&str),
    ) -> Result<Self, ClientFault> {
        let peer = meet(laboratory, Defects::default(), Dialect::SPECIFIED, options).await?;
        tick("the honest client");
        let all = Options { newest_only: false, ..options.clone() };
        let honest = row(None, &run(laboratory, &peer, &peer, &scenarios, &all, |_| {}).await);
        let spoken = dialects::play(laboratory, &scenarios, options, &tick).await?;
        let named = |name: &'static str| {
            scenarios.iter().any(|scenario| scenario.catches.iter().any(|caught| caught == name))
        };
        let liar = |name: &str| LIARS.iter().any(|(liar, _)| *liar == name);
        let names = DEFECTS.iter().map(|(name, _)| *name);
        let names = names.filter(|name| pairs == Pairs::All || whole || named(name) || liar(name));
        let rows = names.map(async |name| {
            tick(name);
            let defect = Defects::parse([name]).unwrap_or_default();
            let subject = meet(laboratory, defect, dialect, options).await?;
            let mut options = options.clone();
            if name == HANGS {
                options.limit = options.limit.min(pairs.patience());
                // They wait most of the time.
                options.jobs = Some(options.jobs(true) * 8);
            }
            let chosen = scenarios.iter().filter(|scenario| pairs == Pairs::All || concerns(name, scenario));
            let chosen: Vec<_> = chosen.cloned().collect();
            Ok(row(Some(name), &run(laboratory, &subject, &peer, &chosen, &options, |_| {}).await))
        });
        let rows = side_by_side(rows, options.jobs.is_some()).await;
        let defects = rows.into_iter().collect::<Result<_, ClientFault>>()?;
        Ok(Self { scenarios, whole, pairs, honest, spoken, dialect, defects })
    }

    /// Whether anything can be asked of a client with a defect in a scenario: not where its dialect alone keeps it from going
    /// on, as the honest client shows.
    pub(super) fn asks(&self, scenario: &str) -> bool {
        let honest = self.spoken.iter().find(|spoken| spoken.dialect == self.dialect);
        self.dialect == Dialect::SPECIFIED || honest.is_none_or(|honest| honest.can_play(scenario))
    }
}

/// The defect that lets every time limit pass.
const HANGS: &str = "hangs-on-hostile";

impl Pairs {
    /// How long it is waited for: where honest work is played, too, it must not take longer than that.
    fn patience(self) -> Duration {
        match self {
            Self::Telling => Duration::from_millis(400),
            Self::All => Duration::from_secs(5),
        }
    }
}

/// Whether a scenario can say something about a defect: it claims to catch it, a monitor does and the scenario is
/// regular operation, or the defect is a liar and must pass no attack.
fn concerns(defect: &str, scenario: &Scenario) -> bool {
    let claimed = scenario.catches.iter().any(|caught| caught == defect);
    let watched = MONITORS.iter().any(|monitor| monitor.catches.contains(&defect));
    let liar = LIARS.iter().any(|(liar, _)| *liar == defect);
    // What is generated differs in versions alone, and what the monitors see does not depend on them.
    let regular = scenario.kind == Kind::Conformance && !is_of_lattice(scenario);
    claimed || (watched && regular) || (liar && scenario.kind == Kind::Attack)
}

/// The reference client, introduced.
pub(super) async fn meet(
    laboratory: &Arc<Laboratory>,
    defects: Defects,
    dialect: Dialect,
    options: &Options,
) -> Result<Client, ClientFault> {
    Client::meet(Arc::new(laboratory.reference_client(defects, dialect)), options.limit).await
}

fn row(defect: Option<&'static str>, results: &[Played]) -> Row {
    let mut cells: BTreeMap<String, Cell> = BTreeMap::new();
    for played in results {
        let judgement = &played.judgement;
        let cell = Cell {
            verdict: judgement.verdict,
            cause: judgement.cause,
            reason: format!("{}: {}", played.version, judgement.reason),
            monitors: judgement.findings.iter().map(|finding| finding.monitor.clone()).collect(),
            passed: judgement.verdict == Verdict::Pass,
            refused: refused(played),
        };
        match cells.get_mut(&played.scenario.id) {
            None => {
                cells.insert(played.scenario.id.clone(), cell);
            }
            Some(worst) => {
                let passed = worst.passed && cell.passed;
                let monitors = &worst.monitors | &cell.monitors;
                let refused = worst.refused || cell.refused;
                if cell.verdict > worst.verdict {
                    *worst = cell;
                }
                *worst = Cell { passed, monitors, refused, ..worst.clone() };
            }
        }
    }
    Row { defect, cells }
}

fn refused(played: &Played) -> bool {
    let mut steps = played.judgement.steps.iter();
    steps.any(|step| step.play == Mode::Attack && step.got == "refused")
}
