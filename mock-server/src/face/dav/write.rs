//! PUT, MKCOL, DELETE, MOVE and COPY.

use super::error::DavError;
use super::extended_mkcol;
use super::request::{Scope, with_writer};
use crate::face::call::Call;
use crate::face::params::php_integer;
use crate::face::reply::Reply;
use crate::model::{Content, Model, Stored, Upload, WriteError};

/// PUT.
pub(super) fn put(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    scope.writable()?;
    let upload = upload(call, call.content.clone());
    let mtime = upload.mtime;
    let mut model = call.model();
    let stored = with_writer(call, scope, |writer| model.put(writer, scope.path, upload));
    let stored = stored.map_err(|error| refusal(call, scope, &model, error))?;
    Ok(reply(&model, stored, true).maybe("x-oc-mtime", mtime.map(|_| "accepted")))
}

/// MKCOL.
pub(super) fn make_folder(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    scope.writable()?;
    extended_mkcol::check(call)?;
    let mut model = call.model();
    let stored = with_writer(call, scope, |writer| model.make_folder(writer, scope.path));
    let stored = stored.map_err(|error| refusal(call, scope, &model, error))?;
    Ok(reply(&model, stored, true))
}

/// DELETE. In an encrypted folder it is a move in disguise, and answers with its headers.
pub(super) fn delete(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    scope.visible()?;
    let mut model = call.model();
    let stored = with_writer(call, scope, |writer| model.delete(writer, scope.path));
    let stored = stored.map_err(|error| match error {
        WriteError::NoParent => DavError::not_found(scope.missing(&model, scope.path)),
        error => refusal(call, scope, &model, error),
    })?;
    Ok(stored.map_or_else(|| Reply::empty(204), |stored| reply(&model, stored, true)))
}

/// MOVE, or COPY when `copy`.
pub(super) fn relocate(call: &mut Call<'_>, scope: &Scope<'_>, copy: bool) -> Result<Reply, DavError> {
    scope.visible()?;
    let to = scope.destination(call)?;
    let overwrite = match call.head.header("overwrite").as_deref() {
        None | Some("T" | "t") => true,
        Some("F" | "f") => false,
        Some(_) => return Err(DavError::bad_request("The HTTP Overwrite header should be either T or F")),
    };
    let mut model = call.model();
    let stored = with_writer(call, scope, |writer| {
        if copy {
            model.copy(writer, scope.path, &to, overwrite)
        } else {
            model.relocate(writer, scope.path, &to, overwrite)
        }
    });
    let stored = stored.map_err(|error| match error {
        WriteError::NoParent if model.resolve(scope.user, scope.path).is_none() => {
            DavError::not_found(scope.missing(&model, scope.path))
        }
        error => refusal(call, scope, &model, error),
    })?;
    Ok(reply(&model, stored, !copy))
}

/// What the headers say about a file that is uploaded.
pub(super) fn upload(call: &Call<'_>, content: Content) -> Upload {
    let header = |name| call.head.header(name).filter(|value| !value.is_empty());
    Upload {
        content,
        checksum: header("oc-checksum"),
        mtime: header("x-oc-mtime").as_deref().map(php_integer),
    }
}

pub(super) fn refusal(call: &Call<'_>, scope: &Scope<'_>, model: &Model, error: WriteError) -> DavError {
    DavError::of_write(error, &call.head.user_agent(), scope.missing(model, scope.path))
}

/// 201 or 204 with the node's id, and for a file its ETag if wanted.
pub(super) fn reply(model: &Model, stored: Stored, with_etag: bool) -> Reply {
    let etag = model.node(stored.id).filter(|node| with_etag && !node.is_folder());
    let etag = etag.map(|node| format!("\"{}\"", node.etag()));
    Reply::empty(if stored.created { 201 } else { 204 })
        .header("oc-fileid", stored.id.long(model.instance()))
        .maybe("etag", etag.clone())
        .maybe("oc-etag", etag)
}
