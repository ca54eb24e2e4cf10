//! What can be wrong with recordings and with what is told about them.

/// Why something cannot be used. No secret stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
#[non_exhaustive]
pub struct RecordedError {
    /// Where, for example `line 3` or `users.alice.mnemonic`.
    pub place: String,
    /// What is wrong, or what was expected.
    pub what: String,
}

impl RecordedError {
    pub(super) fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }

    /// An error of JSON, without what stands in the file there: that may be a secret.
    pub(super) fn of_json(error: &serde_json::Error) -> Self {
        let place = format!("line {}, column {}", error.line(), error.column());
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        let shown = error.is_data() && text.starts_with("invalid ");
        let what = match text.rsplit_once(", expected ") {
            Some((_, expected)) if shown => format!("expected {expected}"),
            _ => text.to_owned(),
        };
        Self { place, what }
    }
}
