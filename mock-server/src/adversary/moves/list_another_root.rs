use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Play;
use crate::adversary::error::MoveError;
use crate::adversary::lie::{Asker, Lie};
use crate::adversary::stage::Stage;

/// Whoever lists the root of his files is shown that of another user, under its addresses (ATK-DEL-04). What is asked for
/// by its path is told as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAnotherRoot {
    /// The user whose root is shown.
    pub of: String,
}

impl Play for ListAnotherRoot {
    fn play(&self, stage: &mut Stage<'_>) -> Result<Option<Box<dyn Lie>>, MoveError> {
        if !stage.model.user_ids().any(|user| user == self.of) {
            return Err(MoveError::UnknownUser(self.of.clone()));
        }
        Ok(Some(Box::new(AnotherRoot(self.of.clone()))))
    }
}

/// By the user id.
struct AnotherRoot(String);

impl Lie for AnotherRoot {
    fn name(&self) -> &'static str {
        "list_another_root"
    }

    fn root(&self, _: &Asker, _: String) -> String {
        self.0.clone()
    }
}
