//! The report as JSON, described by `report.schema.json`.

use super::model::Report;

/// Indented, with a final line end.
///
/// # Errors
/// Never for a report; the signature is serde's.
pub fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}
