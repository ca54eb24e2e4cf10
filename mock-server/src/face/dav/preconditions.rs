//! `If-Match` and `If-None-Match`, which are judged by the path as it was asked for.

use super::error::DavError;
use super::request::Scope;
use crate::face::call::Call;
use crate::face::reply::Reply;

/// Nothing when the request may go on; the answer 304 when a download is not needed.
pub(super) fn check(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Option<Reply>, DavError> {
    let if_match = call.head.header("if-match");
    let if_none_match = call.head.header("if-none-match");
    if (if_match.is_none() && if_none_match.is_none()) || scope.visible().is_err() {
        return Ok(None);
    }
    let model = call.model();
    let node = model.resolve(scope.user, scope.path).and_then(|id| model.node(id));
    let exists = node.is_some();
    let etag = node.filter(|node| !node.is_folder()).map(|node| format!("\"{}\"", node.etag()));
    drop(model);
    let refused = |text| Err(DavError::precondition(text).maybe("etag", etag.clone()));
    if let Some(wanted) = if_match {
        if !exists {
            return refused("An If-Match header was specified and the resource did not exist");
        }
        if wanted != "*" && !lists(&wanted, etag.as_deref()) {
            return refused("An If-Match header was specified, but none of the specified ETags matched.");
        }
    }
    if let Some(unwanted) = if_none_match
        && exists
        && (unwanted == "*" || lists(&unwanted, etag.as_deref()))
    {
        if matches!(call.head.method.as_str(), "GET" | "HEAD") {
            let reply = Reply { status: 304, headers: Vec::new(), body: bytes::Bytes::new(), file: None };
            return Ok(Some(reply.maybe("etag", etag)));
        }
        return refused("An If-None-Match header was specified, but the ETag matched (or * was specified).");
    }
    Ok(None)
}

fn lists(header: &str, etag: Option<&str>) -> bool {
    let clean = |item: &str| item.trim().trim_start_matches("W/").replace("\\\"", "\"");
    etag.is_some_and(|etag| header.split(',').any(|item| clean(item) == etag))
}
