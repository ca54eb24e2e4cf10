//! PROPPATCH. No token is needed for it, not even in encrypted folders.

use super::error::DavError;
use super::multistatus::{Multistatus, NEXTCLOUD, OWNCLOUD, element};
use super::propfind::malformed;
use super::request::Scope;
use super::xml::{Element, parse};
use crate::face::call::Call;
use crate::face::params::php_integer;
use crate::face::reply::Reply;
use crate::model::{FileId, Model};

/// Sets the mark of favourites and the time of change. Other properties are kept as text, unless they are the
/// server's own.
pub(super) fn proppatch(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    scope.visible()?;
    let request = parse(&call.body).map_err(|why| malformed(why, call.body.len()))?;
    let request = request.filter(|request| request.name.is("DAV:", "propertyupdate"));
    let request = request.ok_or_else(|| DavError::bad_request("A propertyupdate is expected"))?;
    let mut model = call.model();
    let Some(id) = model.resolve(scope.user, scope.path) else {
        return Err(DavError::not_found(scope.missing(&model, scope.path)));
    };
    let (mut changed, mut refused) = (String::new(), String::new());
    for action in &request.children {
        let set = action.name.is("DAV:", "set");
        for property in action.child("DAV:", "prop").into_iter().flat_map(|prop| &prop.children) {
            let done = change(&mut model, scope.user, id, property, set);
            element(if done { &mut changed } else { &mut refused }, &property.name, "");
        }
    }
    let folder = model.node(id).is_some_and(|node| node.is_folder());
    drop(model);
    let mut body = Multistatus::new();
    body.response(&scope.href(scope.path, folder), &[("200 OK", &changed), ("403 Forbidden", &refused)]);
    Ok(body.into_reply())
}

fn change(model: &mut Model, user: &str, id: FileId, property: &Element, set: bool) -> bool {
    let name = &property.name;
    let text = property.text.trim();
    if name.is(OWNCLOUD, "favorite") {
        model.set_favourite(user, id, set && matches!(text, "1" | "true"));
        return true;
    }
    if name.is("DAV:", "lastmodified") || name.is("DAV:", "getlastmodified") {
        model.set_mtime(id, php_integer(text));
        return set;
    }
    if matches!(name.namespace.as_str(), "DAV:" | OWNCLOUD | NEXTCLOUD) {
        return false;
    }
    model.set_property(id, (&name.namespace, &name.local), set.then_some(property.text.as_str()))
}
