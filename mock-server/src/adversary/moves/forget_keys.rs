use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// The server claims that a user never had keys (ATK-KEY-05): neither certificate nor private-key blob are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetKeys {
    /// The user id.
    pub of: String,
    /// Whether only the private-key blob is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_private: bool,
    /// Whether it is only the capabilities that say so, to everybody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_announced: bool,
}

impl Play for ForgetKeys {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        stage.certificate_of(&self.of)?;
        Ok(Some(Box::new(Forgotten(self.clone()))))
    }
}

struct Forgotten(ForgetKeys);

impl Lie for Forgotten {
    fn name(&self) -> &'static str {
        "forget_keys"
    }

    fn capabilities(&self, _: &Asker, mut honest: Value) -> Value {
        if let Some(exist) = honest.get_mut("keys-exist").filter(|_| self.0.only_announced) {
            *exist = Value::Bool(false);
        }
        honest
    }

    fn certificate(&self, _: &Asker, of: &str, honest: Option<String>) -> Option<String> {
        honest.filter(|_| of != self.0.of || self.0.only_private || self.0.only_announced)
    }

    fn private_key(&self, told_to: &Asker, honest: Option<String>) -> Option<String> {
        honest.filter(|_| told_to.user.as_deref() != Some(&self.0.of) || self.0.only_announced)
    }
}
