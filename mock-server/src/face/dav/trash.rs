//! The trash bin: `remote.php/dav/trashbin/USER`.

use super::dates::http_date;
use super::download::disposition;
use super::error::DavError;
use super::multistatus::{NEXTCLOUD, OWNCLOUD};
use super::places::{Place, list, nowhere};
use super::request::{FEATURES, encode_name};
use crate::face::call::Call;
use crate::face::reply::Reply;
use crate::model::{Content, Model, Trashed};

/// Answers a request below `trashbin`: listing, download, restoring (a MOVE into `restore`), deleting one node or all.
pub(super) fn handle(call: &mut Call<'_>, path: &[String]) -> Result<Reply, DavError> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let user = call.user().filter(|user| path.first().is_some_and(|owner| owner == user));
    let user = user.ok_or_else(nowhere)?;
    match (call.head.method.as_str(), names.get(1..).unwrap_or_default()) {
        ("PROPFIND", ["trash"]) => contents(call, user),
        ("PROPFIND", ["trash", name]) => one(call, user, name),
        ("GET" | "HEAD", ["trash", name]) => download(call, user, name),
        ("DELETE", ["trash"]) => {
            call.model().empty_trash(user, None);
            Ok(Reply::empty(204))
        }
        ("DELETE", ["trash", name]) if call.model().empty_trash(user, Some(name)) => Ok(Reply::empty(204)),
        ("MOVE", ["trash", name]) => restore(call, user, name),
        ("PROPFIND" | "GET" | "HEAD" | "DELETE" | "MOVE", _) => Err(nowhere()),
        (method, _) => Err(DavError::not_implemented(method)),
    }
}

fn contents(call: &mut Call<'_>, user: &str) -> Result<Reply, DavError> {
    let base = base(call, user);
    let model = call.model();
    let items = model.trashed(user);
    let places = items.iter().map(|(name, item)| place(&model, &base, name, item));
    let places = std::iter::once(Place::folder(base.clone(), &[])).chain(places).collect();
    drop(model);
    list(call, places, FEATURES)
}

fn one(call: &mut Call<'_>, user: &str, name: &str) -> Result<Reply, DavError> {
    let base = base(call, user);
    let model = call.model();
    let item = model.trashed(user).remove(name).ok_or_else(nowhere)?;
    let place = place(&model, &base, name, &item);
    drop(model);
    list(call, vec![place], FEATURES)
}

fn download(call: &mut Call<'_>, user: &str, name: &str) -> Result<Reply, DavError> {
    let model = call.model();
    let item = model.trashed(user).remove(name).ok_or_else(nowhere)?;
    let content = model.node(item.id).and_then(|node| node.content().cloned());
    drop(model);
    let content = content.ok_or_else(|| DavError::not_implemented("GET"))?;
    let body = if call.head.method == "HEAD" { Content::default() } else { content };
    let reply = Reply::of_content(200, "application/octet-stream", body);
    Ok(reply.header("content-disposition", disposition(&item.name)))
}

/// Where to is not looked at beyond the folder `restore`: a node goes back where it was.
fn restore(call: &mut Call<'_>, user: &str, name: &str) -> Result<Reply, DavError> {
    let path = call.head.destination(&call.tenant.prefix).unwrap_or_default();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["remote.php", "dav", "trashbin", owner, "restore", _] if *owner == user => {}
        _ => return Err(DavError::forbidden("")),
    }
    call.model().restore_trashed(user, name).then(|| Reply::empty(201)).ok_or_else(nowhere)
}

fn place(model: &Model, base: &str, name: &str, item: &Trashed) -> Place {
    let folder = model.node(item.id).is_some_and(|node| node.is_folder());
    let href = format!("{base}{}", encode_name(name));
    let size = model.size(item.id).to_string();
    let place = if folder {
        Place::folder(format!("{href}/"), &[])
    } else {
        Place::new(href)
            .with_text("DAV:", "resourcetype", "")
            .with_text("DAV:", "getcontentlength", &size)
            .with_text("DAV:", "getcontenttype", "application/octet-stream")
    };
    let (deleted, id) = (item.deleted.to_string(), item.id.to_string());
    place
        .with_text("DAV:", "displayname", &item.name)
        .with_text("DAV:", "getlastmodified", &http_date(item.deleted))
        .with_text("DAV:", "getetag", &deleted)
        .with_text(OWNCLOUD, "fileid", &id)
        .with_text(OWNCLOUD, "id", &id)
        .with_text(OWNCLOUD, "permissions", "GD")
        .with_text(OWNCLOUD, "size", &size)
        .with_text(NEXTCLOUD, "has-preview", "false")
        .with_text(NEXTCLOUD, "mount-type", "")
        .with_text(NEXTCLOUD, "trashbin-filename", &item.name)
        .with_text(NEXTCLOUD, "trashbin-title", &item.location)
        .with_text(NEXTCLOUD, "trashbin-original-location", &item.location)
        .with_text(NEXTCLOUD, "trashbin-deletion-time", &deleted)
        .with_text(NEXTCLOUD, "trashbin-deleted-by-id", &item.by)
        .with_text(NEXTCLOUD, "trashbin-deleted-by-display-name", &item.by)
}

fn base(call: &Call<'_>, user: &str) -> String {
    format!("{}/remote.php/dav/trashbin/{}/trash/", call.tenant.prefix, encode_name(user))
}
