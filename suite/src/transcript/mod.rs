//! What was recorded of one play: everything that a verdict may depend on, and nothing else.

mod canary;
mod record;
mod secrets;
mod state;

use std::sync::Arc;

use e2ee_mock_server::Exchange;
use e2ee_mock_server::adversary::Attacker;
use e2ee_reference::recognise::AnyVersion;
use serde::{Deserialize, Serialize};

use crate::scenario::Role;

pub use canary::{Canaries, ContentCanary};
pub use record::{Asked, Deed, Outcome, StepRecord};
pub use secrets::{Secrets, UserSecrets};
pub(crate) use state::FILES;
pub use state::{DiskFile, Moment, Snapshot, StoredFolder};

/// The shape of [`Transcript`], raised when it changes.
pub const TRANSCRIPT_VERSION: u32 = 1;

/// One play of one scenario in one version.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// [`TRANSCRIPT_VERSION`].
    pub schema_version: u32,
    /// The scenario's id.
    pub scenario: String,
    /// The metadata version that the server announced.
    #[serde(with = "version_text")]
    pub version: AnyVersion,
    /// Which of the plays.
    pub mode: Mode,
    /// The devices that took part.
    pub devices: Vec<DeviceRecord>,
    /// What was done, in order; steps that were left out are not here.
    pub steps: Vec<StepRecord>,
    /// Everything that went over the wire, by number.
    #[serde(with = "shared")]
    pub exchanges: Vec<Arc<Exchange>>,
    /// How many exchanges the recorder had to forget.
    pub exchanges_dropped: u64,
    /// The keys of the attacker and what it planted.
    pub attacker: Attacker,
    /// Random names and contents of this play.
    pub canaries: Canaries,
    /// What only the judge may know.
    pub secrets: Secrets,
    /// What lay on the devices, and when.
    pub snapshots: Vec<Snapshot>,
    /// The encrypted folders that the server has at the end.
    pub stored: Vec<StoredFolder>,
    /// Why the play could not be carried through, if the harness is to blame.
    pub broken: Option<String>,
    /// How long the play took, in milliseconds.
    pub millis: u64,
}

/// Which of the plays of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The only one: the scenario has no attack.
    Single,
    /// Without the attack.
    Twin,
    /// With the attack.
    Attack,
}

impl Mode {
    /// Whether the server was honest throughout.
    pub fn is_honest(self) -> bool {
        self != Self::Attack
    }
}

/// A device that took part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceRecord {
    /// The actor's name; the label of its exchanges.
    pub actor: String,
    /// Who played it.
    pub role: Role,
    /// The user id.
    pub user: String,
    /// The end of its log.
    pub log: String,
}

impl Transcript {
    /// Of a play in which nothing has happened yet.
    pub(crate) fn blank(scenario: &str, version: AnyVersion) -> Self {
        Self {
            schema_version: TRANSCRIPT_VERSION,
            scenario: scenario.to_owned(),
            version,
            mode: Mode::Single,
            devices: Vec::new(),
            steps: Vec::new(),
            exchanges: Vec::new(),
            exchanges_dropped: 0,
            attacker: Attacker::default(),
            canaries: Canaries::default(),
            secrets: Secrets::default(),
            snapshots: Vec::new(),
            stored: Vec::new(),
            broken: None,
            millis: 0,
        }
    }

    /// Whether the device is judged.
    pub fn is_subject(&self, actor: &str) -> bool {
        self.devices.iter().any(|device| device.actor == actor && device.role == Role::Subject)
    }

    /// The exchanges of devices that are judged.
    pub fn subject_exchanges(&self) -> impl Iterator<Item = &Arc<Exchange>> {
        self.exchanges
            .iter()
            .filter(|exchange| exchange.device.as_deref().is_some_and(|device| self.is_subject(device)))
    }

    /// The ends of the logs of the judged devices, fit for a report.
    pub fn subjects_log(&self) -> String {
        let mut log = String::new();
        for device in &self.devices {
            if device.role != Role::Subject {
                continue;
            }
            let lines: Vec<&str> = device.log.lines().collect();
            for line in lines.iter().skip(lines.len().saturating_sub(LOG_LINES)) {
                log.push_str(&format!("{}: {}\n", device.actor, self.secrets.redact(line)));
            }
        }
        log
    }
}

/// How many lines of each device's log a report shows.
const LOG_LINES: usize = 30;

mod version_text {
    use e2ee_reference::recognise::AnyVersion;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(version: &AnyVersion, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(version)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AnyVersion, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

mod shared {
    use std::sync::Arc;

    use e2ee_mock_server::Exchange;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        exchanges: &[Arc<Exchange>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(exchanges.iter().map(|exchange| &**exchange))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Arc<Exchange>>, D::Error> {
        Ok(Vec::<Exchange>::deserialize(deserializer)?.into_iter().map(Arc::new).collect())
    }
}
