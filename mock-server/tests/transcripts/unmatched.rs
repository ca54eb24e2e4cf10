//! Cases whose answers differ, each with its reason. One that matches must not stay here.

/// Release of the app, case id and reason.
pub(crate) const UNMATCHED: &[(&str, &str, &str)] = &[];
