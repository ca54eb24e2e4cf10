//! The scenario as a whole.

use e2ee_adapter::protocol::Feature;
use e2ee_mock_server::Endpoint;
use e2ee_reference::dialect::Dialect;
use e2ee_reference::recognise::AnyVersion;
use serde::{Deserialize, Serialize};

use super::derivation::Derivation;
use super::step::{DeviceStep, MoveStep, Step};

/// One scenario file, checked.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Kebab case, equal to the file's stem, never renamed.
    pub id: String,
    /// One line for the table of contents.
    pub title: String,
    /// What a failure means.
    pub kind: Kind,
    /// Requirements and attacks, for example `ATK-SHARE-01`.
    pub cites: Vec<String>,
    /// The metadata versions that it is played in.
    pub versions: Vec<AnyVersion>,
    /// A client that does not read these as well skips it.
    pub reads: Vec<AnyVersion>,
    /// A client that does not write these as well skips it.
    pub writes: Vec<AnyVersion>,
    /// Without these features a client skips it.
    pub needs: Vec<Feature>,
    /// The defects of the reference client that it must catch.
    pub catches: Vec<String>,
    /// What a client must do and why.
    pub why: String,
    /// How the private keys that the runner provides are sealed.
    pub derivation: Derivation,
    /// The name of the opening that the first actors and steps come from.
    pub opening: Option<String>,
    /// The devices, in the order of the file.
    pub actors: Vec<Actor>,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// The exchanges of which one has to be seen, or the scenario has shown nothing.
    pub reach: Vec<Endpoint>,
    /// What proves that the attack has worked; any one suffices.
    pub proof: Vec<Proof>,
    /// Where it was read from, for messages.
    pub file: String,
    /// Its text.
    pub source: String,
}

impl Scenario {
    /// Where the attack begins: the position in [`Scenario::steps`] of the attacker's first step that can show; or,
    /// if none can, of his first.
    pub fn first_attack(&self) -> Option<usize> {
        let attack = |step: &Step, silent_too: bool| match step {
            Step::Move(step) => step.is_attack() && (silent_too || !step.is_silent()),
            _ => false,
        };
        let shows = self.steps.iter().position(|step| attack(step, false));
        shows.or_else(|| self.steps.iter().position(|step| attack(step, true)))
    }

    /// Whether it has an honest twin.
    pub fn has_twin(&self) -> bool {
        self.first_attack().is_some()
    }

    /// The device of this name.
    pub fn actor(&self, name: &str) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.name == name)
    }

    /// Every step of a device, those inside `together` included.
    pub fn device_steps(&self) -> impl Iterator<Item = &DeviceStep> {
        self.steps.iter().flat_map(Step::devices)
    }

    /// Every move.
    pub fn moves(&self) -> impl Iterator<Item = &MoveStep> {
        self.steps.iter().filter_map(|step| match step {
            Step::Move(step) => Some(step),
            _ => None,
        })
    }

    /// The user ids, each once, in the order of the actors.
    pub fn users(&self) -> Vec<&str> {
        let mut users: Vec<&str> = Vec::new();
        for actor in &self.actors {
            if !users.contains(&actor.user.as_str()) {
                users.push(&actor.user);
            }
        }
        users
    }
}

/// What a failure of the scenario means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An honest server: the client does not do its job.
    Conformance,
    /// A malicious server: the client is not safe.
    Attack,
    /// An honest server in trouble: the client is not robust.
    Robustness,
}

impl Kind {
    /// All of them in scenario spelling.
    pub const NAMES: &[&str] = &["conformance", "attack", "robustness"];

    /// The scenario spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conformance => "conformance",
            Self::Attack => "attack",
            Self::Robustness => "robustness",
        }
    }
}

/// A device of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name in the script.
    pub name: String,
    /// Who plays it.
    pub role: Role,
    /// The user id of its account.
    pub user: String,
    /// Where its key material comes from.
    pub identity: IdentitySource,
    /// Whether it meets the server only at its first step: an attack may come before.
    pub late: bool,
    /// The newest metadata version that it reads and writes, as if it ran an older release.
    pub speaks: Option<AnyVersion>,
    /// The released client whose manner of writing a peer has; none: what the specification has, or what was asked for.
    pub dialect: Option<Dialect>,
}

/// Who plays a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The client that is judged.
    Subject,
    /// The honest reference client.
    Peer,
}

impl Role {
    /// The scenario spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Peer => "peer",
        }
    }
}

/// Where the key material of a device comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentitySource {
    /// The runner provides it.
    Seeded,
    /// The script does, by `create_identity` or `restore_identity`.
    Scripted,
}

/// What proves that an attack has worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The attacker's keys open the file of this path.
    AttackerReads(String),
    /// What the attacker made is taken for genuine: a planted name, or other bytes under this path.
    ForgedLands(String),
    /// The file of this path, acknowledged before the attack, is gone from the device, reverted or overwritten.
    Lost(String),
    /// A canary went over the wire in the clear.
    Leaked,
    /// Something from the server lies on the device outside the user's folder.
    Escaped,
}

impl Proof {
    /// All of them in scenario spelling.
    pub const NAMES: &[&str] = &["attacker_reads", "forged_lands", "lost", "leaked", "escaped"];

    /// The scenario spelling.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AttackerReads(_) => "attacker_reads",
            Self::ForgedLands(_) => "forged_lands",
            Self::Lost(_) => "lost",
            Self::Leaked => "leaked",
            Self::Escaped => "escaped",
        }
    }
}
