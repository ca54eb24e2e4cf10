use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// The capabilities announce another `api-version` than the server has (ATK-DOWN-02, ATK-DOWN-03); all else stays as it
/// is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Announce {
    /// What is announced, for example `1.2`.
    pub version: String,
}

impl Play for Announce {
    fn play(&self, _: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        Ok(Some(Box::new(self.clone())))
    }
}

impl Lie for Announce {
    fn name(&self) -> &'static str {
        "announce"
    }

    fn capabilities(&self, _: &Asker, mut honest: Value) -> Value {
        if let Some(members) = honest.as_object_mut() {
            members.insert("api-version".to_owned(), Value::from(self.version.clone()));
        }
        honest
    }
}
