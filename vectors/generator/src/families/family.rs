//! What a family is.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::FAMILIES;
use crate::error::Error;
use crate::make;
use crate::memo::Memo;
use crate::outcome::{Outcome, Stop};
use crate::set::Set;
use crate::vector::Vector;

/// Vectors with the same inputs and the same question.
pub(crate) struct Family {
    /// Name of the folder.
    pub(crate) name: &'static str,
    /// What it is about, in a few words.
    pub(crate) summary: &'static str,
    /// Makes the vectors.
    pub(crate) generate: fn(&mut Set<'_>) -> Result<(), Error>,
    /// What the reference implementation makes of the inputs, with the backend in force.
    pub(crate) evaluate: fn(&Value, &Memo) -> Outcome,
}

/// What the reference implementation makes of a vector, with the backend in force.
pub(crate) fn evaluate(vector: &Vector, memo: &Memo) -> Outcome {
    match FAMILIES.iter().find(|family| family.name == vector.family) {
        Some(family) => (family.evaluate)(&vector.inputs, memo),
        None => Err(Stop::Failed(format!("there is no family {}", vector.family))),
    }
}

/// The inputs of a vector as those of its family.
pub(super) fn inputs<I: DeserializeOwned>(of: &Value) -> Result<I, Stop> {
    I::deserialize(of).map_err(|error| Stop::Failed(format!("inputs: {error}")))
}

/// Bytes that stand in the inputs as hex.
pub(super) fn bytes(hex: &str) -> Result<Vec<u8>, Stop> {
    hex::decode(hex).map_err(|_| Stop::Failed("inputs: expected hex".to_owned()))
}

/// Bytes that stand in the inputs as base64, as on the wire.
pub(super) fn base64(text: &str) -> Result<Vec<u8>, Stop> {
    make::text::from_base64(text).ok_or(Stop::Refused("base64-well-formed"))
}
