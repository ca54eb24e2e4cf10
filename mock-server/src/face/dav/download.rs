//! GET and HEAD.

use super::dates::http_date;
use super::error::DavError;
use super::request::Scope;
use crate::face::call::Call;
use crate::face::reply::Reply;
use crate::model::Content;

/// The bytes of a file, or a part of them. No token is needed, and no particular client.
pub(super) fn download(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    scope.visible()?;
    let model = call.model();
    let id = model.resolve_readable(scope.user, scope.path);
    let Some((id, node)) = id.and_then(|id| Some((id, model.node(id)?))) else {
        return Err(DavError::not_found(scope.missing(&model, scope.path)));
    };
    let Some(content) = node.content().cloned() else {
        return Err(DavError::not_implemented("GET"));
    };
    let (etag, name) = (format!("\"{}\"", node.etag()), node.name().to_owned());
    let (checksum, modified) = (node.checksum().map(str::to_owned), http_date(node.mtime()));
    drop(model);
    let content = call.told.file_bytes(id, content);
    let total = content.len();
    let range = call.head.header("range").and_then(|range| wanted(&range, total));
    let (status, content) = match range {
        None => (200, content),
        Some(Ok((from, to))) => (206, content.slice(from..to + 1)),
        Some(Err(from)) => {
            let text = format!("The start offset ({from}) exceeded the size of the entity ({total})");
            let error = DavError::new(416, r"Sabre\DAV\Exception\RequestedRangeNotSatisfiable", text);
            return Err(error.header("etag", etag).header("last-modified", modified));
        }
    };
    let length = content.len().to_string();
    let content = if call.head.method == "HEAD" { Content::default() } else { content };
    let reply = Reply::of_content(status, "application/octet-stream", content)
        .header("content-length", length)
        .header("etag", etag.clone())
        .header("oc-etag", etag)
        .header("content-disposition", disposition(&name))
        .header("last-modified", modified)
        .maybe("oc-checksum", checksum);
    Ok(match range {
        Some(Ok((from, to))) => reply.header("content-range", format!("bytes {from}-{to}/{total}")),
        _ => reply,
    })
}

/// The first and last byte of a range, or the first one if it lies behind the end. Ranges that make no sense are
/// ignored, as are several at once.
fn wanted(header: &str, total: u64) -> Option<Result<(u64, u64), u64>> {
    let (from, to) = header.strip_prefix("bytes=")?.split_once('-')?;
    let last = total.saturating_sub(1);
    let (from, to) = if from.is_empty() {
        (total.saturating_sub(to.parse().ok()?), last)
    } else {
        let from: u64 = from.parse().ok()?;
        let to = if to.is_empty() { last } else { to.parse::<u64>().ok()?.min(last) };
        (from, to)
    };
    if from >= total {
        return Some(Err(from));
    }
    (from <= to).then_some(Ok((from, to)))
}

/// The name for saving; quotes and what is not ASCII go into the encoded form only.
pub(super) fn disposition(name: &str) -> String {
    let encoded = percent_encoding::utf8_percent_encode(name, &super::request::UNRESERVED);
    let plain: String =
        name.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '_' }).collect();
    let plain = plain.replace('\\', "\\\\").replace('"', "\\\"");
    format!("attachment; filename*=UTF-8''{encoded}; filename=\"{plain}\"")
}
