//! REPORT on files: favourites.

use super::error::DavError;
use super::multistatus::OWNCLOUD;
use super::propfind::{answer, malformed};
use super::request::Scope;
use super::seen::look;
use super::xml::{parse, wanted};
use crate::face::call::Call;
use crate::face::reply::Reply;

/// `oc:filter-files`: everything below the folder that is a favourite.
pub(super) fn report(call: &mut Call<'_>, scope: &Scope<'_>) -> Result<Reply, DavError> {
    scope.visible()?;
    let request = parse(&call.body).map_err(|why| malformed(why, call.body.len()))?;
    let Some(request) = request.filter(|request| request.name.is(OWNCLOUD, "filter-files")) else {
        return Err(DavError::report_not_supported());
    };
    let rules =
        request.child(OWNCLOUD, "filter-rules").map(|rules| rules.children.as_slice()).unwrap_or_default();
    if rules.is_empty() {
        return Err(DavError::bad_request("Missing filter-rule block in request"));
    }
    let favourites = rules.iter().all(|rule| rule.name.is(OWNCLOUD, "favorite"));
    if !favourites {
        return Err(DavError::precondition("Cannot filter by tags that do not exist"));
    }
    let model = call.model();
    let Some(id) = model.resolve(scope.user, scope.path) else {
        return Err(DavError::not_found(scope.missing(&model, scope.path)));
    };
    let mut seen = look(&model, scope, id, usize::MAX);
    drop(model);
    seen.retain(|seen| seen.favourite && !call.told.is_hidden(seen.id));
    answer(call, scope, &wanted(Some(&request)), &seen)
}
