//! The honest client in the dialects of released ones: what the suite finds wrong with it is a false alarm.

use std::collections::BTreeSet;
use std::sync::Arc;

use e2ee_reference::dialect::Dialect;
use e2ee_reference::recognise::AnyVersion;
use e2ee_reference_client::Defects;

use super::deviations::{DEVIATIONS, Deviation, Shows};
use super::matrix::meet;
use super::side_by_side::side_by_side;
use crate::judge::Verdict;
use crate::play::{ClientFault, Laboratory, Options, Played, run};
use crate::scenario::{Role, Scenario};

/// The honest client in one dialect.
#[derive(Debug, Clone)]
pub struct Spoken {
    /// That of the judged client.
    pub dialect: Dialect,
    /// That of the client beside it.
    pub peer: Dialect,
    /// What came of each scenario in each version.
    pub plays: Vec<Heard>,
}

/// One scenario in one version, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The scenario's id.
    pub scenario: String,
    /// The metadata version.
    pub version: AnyVersion,
    /// The verdict.
    pub verdict: Verdict,
    /// Its sentence.
    pub reason: String,
    /// The requirements of all that was found, each with the monitor.
    pub found: BTreeSet<(String, String)>,
}

/// Who meets whom: everybody plays everything beside a client that writes as specified, and what takes several clients
/// also beside one of another dialect, in the newest version.
pub(super) async fn play(
    laboratory: &Arc<Laboratory>,
    scenarios: &[Arc<Scenario>],
    options: &Options,
    tick: &impl Fn(&str),
) -> Result<Vec<Spoken>, ClientFault> {
    let social: Vec<_> = scenarios.iter().filter(|scenario| has_peer(scenario)).cloned().collect();
    let mut meetings = Vec::new();
    for (position, dialect) in Dialect::ALL.into_iter().enumerate() {
        let next = Dialect::ALL.get(position + 1).copied().unwrap_or(Dialect::DESKTOP);
        // Beside itself, the specified one is the honest client of the matrix.
        let alone = (Dialect::SPECIFIED, scenarios, false);
        let runs = [alone, (next, &social, true)].into_iter().filter(|(peer, ..)| *peer != dialect);
        meetings.extend(runs.map(|(peer, scenarios, newest_only)| async move {
            let options = Options { newest_only, ..options.clone() };
            tick(&format!("the honest client in the dialect {}, beside {}", dialect.name, peer.name));
            Spoken::play(laboratory, dialect, peer, scenarios, &options).await
        }));
    }
    side_by_side(meetings, options.jobs.is_some()).await.into_iter().collect()
}

fn has_peer(scenario: &Scenario) -> bool {
    scenario.actors.iter().any(|actor| actor.role == Role::Peer)
}

impl Spoken {
    /// Plays scenarios in the versions that the options allow and the peer can write.
    ///
    /// # Errors
    /// [`ClientFault`], if the reference client does not even introduce itself.
    pub async fn play(
        laboratory: &Arc<Laboratory>,
        dialect: Dialect,
        peer: Dialect,
        scenarios: &[Arc<Scenario>],
        options: &Options,
    ) -> Result<Self, ClientFault> {
        let versions = AnyVersion::ALL.into_iter().filter(|version| version.major() > 1 || peer.writes_v1);
        let options = Options { versions: versions.collect(), ..options.clone() };
        let subject = meet(laboratory, Defects::default(), dialect, &options).await?;
        let beside = meet(laboratory, Defects::default(), peer, &options).await?;
        let played = run(laboratory, &subject, &beside, scenarios, &options, |_| {}).await;
        Ok(Self { dialect, peer, plays: played.iter().map(heard).collect() })
    }

    /// Whether the client gets through a scenario in its newest version.
    pub(super) fn can_play(&self, scenario: &str) -> bool {
        let plays = self.plays.iter().filter(|play| play.scenario == scenario);
        let newest = plays.max_by_key(|play| play.version);
        newest.is_some_and(|play| matches!(play.verdict, Verdict::Pass | Verdict::Warn))
    }

    /// What no known deviation explains.
    pub fn alarms(&self, known: &[Deviation]) -> Vec<String> {
        let alarms = self.plays.iter().filter(|play| self.explained(play, known).is_none());
        let sentence = |play: &Heard| {
            format!(
                "{} in {}: the honest client in the dialect {} (beside {}) gets {} ({})",
                play.scenario, play.version, self.dialect.name, self.peer.name, play.verdict, play.reason
            )
        };
        alarms.map(sentence).collect()
    }

    /// The requirements whose deviations explain a verdict: none for what every honest client gets, `None` for a false
    /// alarm.
    fn explained(&self, play: &Heard, known: &[Deviation]) -> Option<BTreeSet<&'static str>> {
        match play.verdict {
            Verdict::Pass => Some(BTreeSet::new()),
            Verdict::Skipped => (play.version.major() == 1 && !self.dialect.writes_v1).then(BTreeSet::new),
            Verdict::Warn if !play.found.is_empty() => {
                let warnings = stated(known, &self.dialect, |shows| shows == Shows::Warning);
                let warned = |(monitor, requirement): &(String, String)| {
                    let known = warnings.iter().find(|known| *known == requirement);
                    known.copied().filter(|_| monitor == "departures")
                };
                play.found.iter().map(warned).collect()
            }
            Verdict::Fail | Verdict::Inconclusive if play.found.is_empty() => {
                let here = |shows| matches!(shows, Shows::Refused(text) if play.reason.contains(text));
                let mut refused = stated(known, &self.dialect, here);
                refused.extend(stated(known, &self.peer, here));
                Some(refused).filter(|refused| !refused.is_empty())
            }
            _ => None,
        }
    }
}

/// The requirements of a dialect's deviations that show in some way.
fn stated(known: &[Deviation], dialect: &Dialect, shows: impl Fn(Shows) -> bool) -> BTreeSet<&'static str> {
    let of_dialect = known.iter().filter(|known| shows(known.shows) && (known.applies)(dialect));
    of_dialect.flat_map(|known| known.requirements).copied().collect()
}

fn heard(played: &Played) -> Heard {
    let judgement = &played.judgement;
    let found = judgement.findings.iter().flat_map(|finding| {
        let monitor = &finding.monitor;
        finding.requirements.iter().map(move |requirement| (monitor.clone(), requirement.clone()))
    });
    Heard {
        scenario: played.scenario.id.clone(),
        version: played.version,
        verdict: judgement.verdict,
        reason: judgement.reason.clone(),
        found: found.collect(),
    }
}

/// Every alarm, and of the `whole` catalogue every deviation that is said to show and does not.
pub(super) fn prove(spoken: &[Spoken], whole: bool, wrong: &mut Vec<String>) {
    wrong.extend(spoken.iter().flat_map(|spoken| spoken.alarms(DEVIATIONS)));
    for dialect in Dialect::ALL.into_iter().filter(|_| whole) {
        let own = spoken.iter().filter(|spoken| spoken.dialect == dialect);
        let shown = own.flat_map(|own| own.plays.iter().filter_map(|play| own.explained(play, DEVIATIONS)));
        let shown: BTreeSet<&str> = shown.flatten().collect();
        let unseen = stated(DEVIATIONS, &dialect, |shows| shows != Shows::Nowhere);
        for requirement in unseen.difference(&shown) {
            let name = dialect.name;
            wrong.push(format!(
                "the dialect {name} is said to depart from {requirement}, and nothing shows it"
            ));
        }
    }
}
