//! The share API.

use serde_json::{Value, json};

use super::outcome::Outcome;
use super::share_object::share_object;
use crate::face::call::Call;
use crate::model::{Model, NewShare, Permissions, Share, ShareError, ShareId, ShareType};

const NO_PATH: &str = "Wrong path, file/folder does not exist";
const NO_SHARE: &str = "Wrong share ID, share does not exist";

/// `GET shares`: one's own shares, all or of one path, or with `shared_with_me=true` those of others.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let Some(user) = call.user() else { return Outcome::NotLoggedIn };
    let is_set = |name| call.params.get(name) == Some("true");
    let (received, reshares, inside) = (is_set("shared_with_me"), is_set("reshares"), is_set("subfiles"));
    let path = call.params.get("path").map(str::to_owned);
    let model = call.model();
    let node = match path.as_deref().map(|path| model.find(user, path)) {
        None => None,
        Some(Some(node)) => Some(node),
        Some(None) => return Outcome::exception(404, NO_PATH),
    };
    let fits = |share: &&Share| {
        let about = match node {
            None => true,
            Some(folder) if inside => {
                model.node(share.node).is_some_and(|node| node.parent() == Some(folder))
            }
            Some(node) => share.node == node,
        };
        let owned = model.owner(share.node) == Some(user);
        let mine =
            if received { model.receives(share, user) } else { share.by == user || (reshares && owned) };
        about && mine
    };
    let found: Vec<Value> =
        model.shares().filter(fits).filter_map(|share| object(call, &model, share)).collect();
    Outcome::data(Value::Array(found))
}

/// `GET shares/{id}`: a list of one.
pub(crate) fn get(call: &mut Call<'_>, id: &str) -> Outcome {
    let model = call.model();
    let user = call.user().unwrap_or_default();
    let share =
        share_id(id).and_then(|id| model.share_by_id(id)).filter(|share| model.is_concerned(user, share));
    match share.and_then(|share| object(call, &model, share)) {
        Some(object) => Outcome::data(json!([object])),
        None => Outcome::exception(404, NO_SHARE),
    }
}

/// `POST shares`.
pub(crate) fn create(call: &mut Call<'_>) -> Outcome {
    let Some(user) = call.user() else { return Outcome::NotLoggedIn };
    let Some(path) = call.params.get("path").map(str::to_owned) else {
        return Outcome::exception(404, "Please specify a file or folder path");
    };
    let mut model = call.model();
    let Some(node) = model.find(user, &path) else { return Outcome::exception(404, NO_PATH) };
    let kind = match call.params.number("shareType") {
        Some(0) => ShareType::User,
        Some(1) => ShareType::Group,
        Some(3) => ShareType::Link,
        _ => return Outcome::exception(400, "Unknown share type"),
    };
    let permissions = match permissions(call) {
        Ok(permissions) => permissions,
        Err(outcome) => return outcome,
    };
    let with = call.params.get("shareWith").unwrap_or_default();
    match model.share(user, NewShare { kind, node, with, permissions }) {
        Ok(id) => answer(call, &model, id),
        Err(error) => refusal(error),
    }
}

/// `PUT shares/{id}`: only the permissions can be changed.
pub(crate) fn change(call: &mut Call<'_>, id: &str) -> Outcome {
    let Some(user) = call.user() else { return Outcome::NotLoggedIn };
    let Some(id) = share_id(id) else { return Outcome::exception(404, NO_SHARE) };
    let wanted = match permissions(call) {
        Ok(Some(wanted)) => wanted,
        Ok(None) => return Outcome::exception(400, "Wrong or no update parameter given"),
        Err(outcome) => return outcome,
    };
    let mut model = call.model();
    match model.change_share(user, id, wanted) {
        Ok(()) => answer(call, &model, id),
        Err(error) => refusal(error),
    }
}

/// `DELETE shares/{id}`: ends a share, or leaves one that is received.
pub(crate) fn delete(call: &mut Call<'_>, id: &str) -> Outcome {
    let Some(user) = call.user() else { return Outcome::NotLoggedIn };
    let Some(id) = share_id(id) else { return Outcome::exception(404, NO_SHARE) };
    let result = call.model().unshare(user, id);
    result.map_or_else(refusal, |()| Outcome::nothing())
}

fn answer(call: &Call<'_>, model: &Model, id: ShareId) -> Outcome {
    let object = model.share_by_id(id).and_then(|share| object(call, model, share));
    object.map_or(Outcome::Uncaught, Outcome::data)
}

fn object(call: &Call<'_>, model: &Model, share: &Share) -> Option<Value> {
    let base = format!("{}{}", call.tenant.origin, call.tenant.prefix);
    share_object(model, share, call.user()?, &base)
}

fn share_id(text: &str) -> Option<ShareId> {
    text.parse().ok()
}

fn permissions(call: &Call<'_>) -> Result<Option<Permissions>, Outcome> {
    if call.params.get("permissions").is_none_or(str::is_empty) && call.params.number("permissions").is_none()
    {
        return Ok(None);
    }
    let number = call.params.number("permissions").and_then(|number| u8::try_from(number).ok());
    let fits = number.filter(|number| *number <= Permissions::ALL.bits() && *number > 0);
    fits.map(|number| Some(Permissions::new(number)))
        .ok_or_else(|| Outcome::exception(404, "Invalid permissions"))
}

fn refusal(error: ShareError) -> Outcome {
    match error {
        ShareError::WithYourself => Outcome::exception(403, "Cannot share with yourself"),
        ShareError::NoSuchUser => Outcome::exception(404, "Please specify a valid account to share with"),
        ShareError::NoSuchGroup => Outcome::exception(404, "Please specify a valid group"),
        ShareError::Permissions => Outcome::exception(404, "Cannot increase permissions"),
        ShareError::NoSuchShare => Outcome::exception(404, NO_SHARE),
        ShareError::NotYours => Outcome::exception(403, "You are not allowed to edit incoming shares"),
    }
}
