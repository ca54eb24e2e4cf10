//! One step of a script.

use e2ee_adapter::protocol::Answer;
use e2ee_mock_server::Endpoint;
use e2ee_mock_server::adversary::Move;

use super::action::Action;

/// One line of the script.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Step {
    /// A device does something.
    Device(DeviceStep),
    /// The server does something out of the ordinary.
    Move(MoveStep),
    /// Several devices do something at the same time.
    Together(Vec<DeviceStep>),
}

impl Step {
    /// The devices' parts; none for a move.
    pub fn devices(&self) -> &[DeviceStep] {
        match self {
            Self::Device(step) => std::slice::from_ref(step),
            Self::Together(steps) => steps,
            Self::Move(_) => &[],
        }
    }

    /// The one of this number of those that an entry with `times` stands for.
    pub(super) fn numbered(&self, number: i64) -> Self {
        match self {
            Self::Device(step) => {
                let action = step.action.map_paths(|path| path.replace('#', &number.to_string()));
                Self::Device(DeviceStep { action, ..step.clone() })
            }
            other => other.clone(),
        }
    }

    /// Its line in the file.
    pub fn line(&self) -> usize {
        match self {
            Self::Move(step) => step.line,
            _ => self.devices().first().map_or(0, |step| step.line),
        }
    }
}

/// A device does something.
#[derive(Debug, Clone)]
pub struct DeviceStep {
    /// The line in the file.
    pub line: usize,
    /// The device.
    pub actor: String,
    /// What it is asked.
    pub action: Action,
    /// What must come back.
    pub expect: Expect,
    /// What must come back in the honest twin.
    pub twin_expect: Expect,
    /// A request that the device must not send during this step.
    pub without: Option<Endpoint>,
    /// By the end of this step, and since the attack, the device must have warned, asked or refused; else
    /// the verdict is `warn`.
    pub notice: bool,
    /// What the user answers to questions during this step.
    pub answer: Answer,
    /// What the server must not be able to tell from what the device sends: steps of different words here look alike.
    pub secret: Option<String>,
    /// The step must come out so only if this device has held the file that it is about; not every client keeps copies.
    pub if_held: Option<String>,
    /// The device is killed when the server has its next request of this kind, which is not carried out any more.
    pub killed_at: Option<Endpoint>,
}

/// The server does something out of the ordinary.
#[derive(Debug, Clone)]
pub struct MoveStep {
    /// The line in the file.
    pub line: usize,
    /// Whether the honest twin has it, too.
    pub by: Mover,
    /// The move.
    pub play: Move,
    /// What the honest twin plays in its place.
    pub twin: Option<Move>,
}

impl MoveStep {
    /// Whether the attacker makes it.
    pub fn is_attack(&self) -> bool {
        self.by == Mover::Attack
    }

    /// Whether it shows in no answer: the attacker only looks, keeps, waits or has everything fetched again.
    pub fn is_silent(&self) -> bool {
        const SILENT: &[&str] = &[
            "corrupt",
            "expire_locks",
            "hold_lock",
            "relent",
            "rendezvous",
            "set_counter",
            "snapshot",
            "touch_etags",
        ];
        SILENT.contains(&self.play.name())
    }

    /// The name and parameters as JSON, for example `{"snapshot": {"name": "before"}}`.
    pub fn as_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.play).unwrap_or_default()
    }
}

/// Who makes a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mover {
    /// The attacker: left out of the honest twin.
    Attack,
    /// The honest server: played in both.
    Server,
}

impl Mover {
    /// The scenario spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::Server => "server",
        }
    }
}

/// What must come back from a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Success.
    Ok,
    /// A refusal for the user's safety.
    Refused,
    /// Somebody else holds the lock.
    Busy,
    /// Either.
    OkOrBusy,
    /// Any error.
    NotOk,
    /// Any answer at all.
    Any,
}

impl Expect {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Ok, Self::Refused, Self::Busy, Self::OkOrBusy, Self::NotOk, Self::Any];

    /// The scenario spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::OkOrBusy => "ok-or-busy",
            Self::NotOk => "not-ok",
            Self::Any => "any",
        }
    }
}
