//! Monitors without a scenario.

use serde::Serialize;

use super::finding::{Evidence, Finding, Monitor};
use super::history;
use crate::recorded::Recorded;
use crate::transcript::{Mode, Transcript};

/// What monitors have found, and what they could not look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight {
    /// What is wrong, in the order of the monitors.
    pub findings: Vec<Finding>,
    /// What nobody has looked at: there nothing is known to be right.
    pub gaps: Vec<Gap>,
}

/// Something that a monitor could not look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The monitor's name.
    pub monitor: String,
    /// The play in which it is; a recording is one in which the server was honest or not.
    pub play: Mode,
    /// One clause: what, and what would be needed; no secrets.
    pub text: String,
    /// Whether keys, words, canaries or a whole recording would help; nothing helps against what no recording says.
    pub remediable: bool,
}

/// Asks monitors about a recording. Those that are for honest servers say that they cannot look if the server was not.
///
/// ```
/// use e2ee_mock_server::MockServer;
/// use e2ee_mock_server::control::Recording;
/// use e2ee_suite::monitors::{MONITORS, watch_recording};
/// use e2ee_suite::recorded::{Known, Recorded};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
///
/// let server = MockServer::builder().user("alice", "secret").start().await?;
/// // … a client is at work at `server.uri()` …
///
/// let known = Known::from_toml(r#"canaries = ["report-5eed5eed0badcafe"]"#)?;
/// let recorded = Recorded::new(Recording::of(&server.default_tenant()), &known)?;
/// let sight = watch_recording(&recorded, MONITORS);
/// assert!(sight.findings.is_empty(), "{:?}", sight.findings);
/// let leak = sight.gaps.iter().filter(|gap| gap.monitor == "leak").count();
/// assert_eq!(leak, 0, "nobody has encrypted anything: no mnemonic is needed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn watch_recording<'m>(recorded: &Recorded, monitors: impl IntoIterator<Item = &'m Monitor>) -> Sight {
    look(&Evidence::of(&recorded.transcript, Some(recorded)), monitors)
}

/// Asks monitors about a play, in which all but what happens while the server is dishonest can be seen.
pub fn watch_play<'m>(transcript: &Transcript, monitors: impl IntoIterator<Item = &'m Monitor>) -> Sight {
    look(&Evidence::of(transcript, None), monitors)
}

fn look<'m>(evidence: &Evidence<'_>, monitors: impl IntoIterator<Item = &'m Monitor>) -> Sight {
    let mut sight = Sight::default();
    for monitor in monitors {
        let mut is_blind = false;
        let mut gap = |text: &str, remediable| {
            sight.gaps.push(Gap {
                monitor: monitor.name.to_owned(),
                play: evidence.transcript.mode,
                text: evidence.transcript.secrets.redact(text),
                remediable,
            });
        };
        if monitor.honest_only && !evidence.transcript.mode.is_honest() {
            gap(&dishonest(evidence), false);
            continue;
        }
        if evidence.recorded.is_some() {
            for missing in monitor.needs.iter().flat_map(|need| need.missing(evidence)) {
                gap(&missing.text, missing.remediable);
                is_blind |= missing.blinds;
            }
        } else if monitor.name == history::MONITOR.name
            && let Some(unclear) = history::unclear(evidence)
        {
            gap(&unclear, false);
        }
        if !is_blind {
            sight.findings.extend(monitor.findings(evidence));
            evidence.unlooked.take().iter().for_each(|text| gap(text, false));
        }
    }
    sight
}

fn dishonest(evidence: &Evidence<'_>) -> String {
    let meddled = evidence.recorded.map(|recorded| recorded.meddled.join(", ")).unwrap_or_default();
    let colon = if meddled.is_empty() { "" } else { ": " };
    format!("it takes a server that is left to itself and honest, and this one was not{colon}{meddled}")
}
