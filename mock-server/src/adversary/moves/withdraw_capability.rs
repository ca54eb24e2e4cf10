use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// The capabilities no longer announce end-to-end encryption (ATK-FLAG-01); all else stays honest, the flags of
/// the folders too. The way of an administrator who removes the app, and of a server that hopes for plaintext.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawCapability {
    /// What stands in its place.
    pub how: CapabilityGone,
}

/// How a capability is withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapabilityGone {
    /// The member `end-to-end-encryption` is not there.
    Absent,
    /// It is there, with `enabled: false`.
    Disabled,
    /// It is there, with an `api-version` of 1.2 (ATK-DOWN-02).
    Lowered,
}

impl Play for WithdrawCapability {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        Ok(Some(Box::new(Withdrawn(self.how))))
    }
}

struct Withdrawn(CapabilityGone);

impl Lie for Withdrawn {
    fn name(&self) -> &'static str {
        "withdraw_capability"
    }

    fn capabilities(&self, _: &Asker, mut honest: Value) -> Value {
        match (self.0, honest.as_object_mut()) {
            (CapabilityGone::Absent, _) => Value::Null,
            (CapabilityGone::Disabled, Some(members)) => {
                members.insert("enabled".to_owned(), Value::Bool(false));
                honest
            }
            (CapabilityGone::Lowered, Some(members)) => {
                members.insert("api-version".to_owned(), Value::from("1.2"));
                honest
            }
            (CapabilityGone::Lowered, None) => json!({ "enabled": true, "api-version": "1.2" }),
            (CapabilityGone::Disabled, None) => json!({ "enabled": false }),
        }
    }
}
