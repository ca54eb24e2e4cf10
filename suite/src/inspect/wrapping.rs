//! Documents and blobs as people have them at hand: plain, in an answer of the server, in a fixture.

use serde_json::Value;

use super::input::InspectError;

/// The document's text and, if it came along, the signature.
///
/// Understood are: the document itself; a JSON string that holds it; the server's answer
/// (`ocs.data.meta-data`); and an object whose `metadata` is the document, with a `signature` beside it.
///
/// # Errors
/// [`InspectError::NoDocument`].
pub fn document(text: &str) -> Result<(String, Option<String>), InspectError> {
    let no = |what: &str| InspectError::NoDocument(what.to_owned());
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| InspectError::NoDocument(error.to_string()))?;
    if let Value::String(inner) = &value {
        return Ok((inner.clone(), None));
    }
    if let Some(inner) = value.pointer("/ocs/data/meta-data").or_else(|| value.get("meta-data")) {
        let inner = inner.as_str().ok_or_else(|| no("`meta-data` must be a string"))?;
        return Ok((inner.to_owned(), None));
    }
    let signature = value.get("signature").and_then(Value::as_str).map(str::to_owned);
    match value.get("metadata") {
        Some(Value::String(inner)) => Ok((inner.clone(), signature)),
        Some(inner) if inner.get("metadata").is_some() => Ok((inner.to_string(), signature)),
        // The document itself: its text stays as it is, since a member named twice would vanish.
        Some(_) => Ok((text.trim_start_matches('\u{feff}').to_owned(), None)),
        None => Err(no("expected a member `metadata`, or the server's answer with `ocs.data.meta-data`")),
    }
}

/// A private-key blob, plain or in the server's answer (`ocs.data.private-key`) or as the member `blob`.
pub fn blob(text: &str) -> String {
    let text = text.trim();
    let Ok(value) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let places = ["/ocs/data/private-key", "/private-key", "/privateKey", "/blob"];
    let found = places.iter().find_map(|place| value.pointer(place)?.as_str());
    found.or(value.as_str()).unwrap_or(text).to_owned()
}
