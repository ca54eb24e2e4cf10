//! The body of an MKCOL (RFC 5689). Among files only plain folders can be made by it.

use super::error::DavError;
use super::propfind::malformed;
use super::xml::parse;
use crate::face::call::Call;

/// Refuses a body that asks for anything but a plain folder.
pub(super) fn check(call: &Call<'_>) -> Result<(), DavError> {
    if call.body.is_empty() {
        return Ok(());
    }
    let kind = call.head.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/xml") && !kind.starts_with("text/xml") {
        let text = "The request body for the MKCOL request must have an xml Content-Type";
        return Err(DavError::new(415, r"Sabre\DAV\Exception\UnsupportedMediaType", text));
    }
    let request = parse(&call.body).map_err(|why| malformed(why, call.body.len()))?;
    let request = request.filter(|request| request.name.is("DAV:", "mkcol"));
    let request = request.ok_or_else(|| DavError::bad_request("A mkcol is expected"))?;
    let prop = request.child("DAV:", "set").and_then(|set| set.child("DAV:", "prop"));
    let Some(kinds) = prop.and_then(|prop| prop.child("DAV:", "resourcetype")) else {
        let text = "The mkcol request must include a {DAV:}resourcetype property";
        return Err(DavError::bad_request(text));
    };
    if kinds.children.len() > 1 {
        let text = "The {DAV:}resourcetype you specified is not supported here.";
        return Err(DavError::new(403, r"Sabre\DAV\Exception\InvalidResourceType", text));
    }
    Ok(())
}
