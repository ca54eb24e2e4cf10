//! How plays are made.

use std::sync::Arc;
use std::time::Duration;

use e2ee_mock_server::adversary::ForgeryFilter;
use e2ee_reference::recognise::AnyVersion;

use crate::scenario::Scenario;
use crate::transcript::Transcript;

/// How plays are made.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many plays go on at the same time; unless set twice as many as there are cores, and eight times as many with
    /// clients that can be copied: those never wait for another program.
    pub jobs: Option<usize>,
    /// How long one step may take.
    pub limit: Duration,
    /// Only these metadata versions; all that a scenario names, if empty.
    pub versions: Vec<AnyVersion>,
    /// Of those, only the newest that a scenario names.
    pub newest_only: bool,
    /// Who keeps what was recorded; nobody unless set.
    pub keeper: Option<Arc<dyn Keeper>>,
    /// What of forged things is let through in attacks; everything unless set.
    pub filter: Option<Filter>,
}

impl Default for Options {
    /// Ten seconds, all versions.
    fn default() -> Self {
        Self {
            jobs: None,
            limit: Duration::from_secs(10),
            versions: Vec::new(),
            newest_only: false,
            keeper: None,
            filter: None,
        }
    }
}

impl Options {
    /// How many plays go on at the same time; `copied`: with clients that can be copied.
    pub(crate) fn jobs(&self, copied: bool) -> usize {
        let cores = || std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        self.jobs.unwrap_or_else(|| cores() * if copied { 8 } else { 2 }).max(1)
    }

    /// What is played: every scenario in every version that is asked for.
    pub fn plan(&self, scenarios: &[Arc<Scenario>]) -> Vec<(Arc<Scenario>, AnyVersion)> {
        let mut plan = Vec::new();
        for scenario in scenarios {
            let asked = |version: &&AnyVersion| self.versions.is_empty() || self.versions.contains(version);
            let mut versions: Vec<AnyVersion> = scenario.versions.iter().filter(asked).copied().collect();
            if self.newest_only {
                versions = versions.into_iter().max().into_iter().collect();
            }
            plan.extend(versions.into_iter().map(|version| (Arc::clone(scenario), version)));
        }
        plan
    }
}

/// A filter of what is forged.
#[derive(Clone)]
pub struct Filter(pub Arc<dyn ForgeryFilter>);

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Filter(…)")
    }
}

/// Keeps what was recorded.
pub trait Keeper: std::fmt::Debug + Send + Sync {
    /// Keeps the plays of one scenario in one version: the honest twin, if it has one, and the attack or the only play.
    ///
    /// # Errors
    /// A sentence. The verdict is an error then: what cannot be shown later is not claimed.
    fn keep(&self, twin: Option<&Transcript>, played: &Transcript) -> Result<(), String>;
}
