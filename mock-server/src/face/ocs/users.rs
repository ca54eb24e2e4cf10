//! Facts about users, the search for somebody to share with, and app passwords.

use serde_json::{Value, json};

use super::outcome::Outcome;
use crate::face::call::Call;
use crate::face::login::credentials;

/// `GET cloud/user`.
pub(crate) fn own(call: &mut Call<'_>) -> Outcome {
    let Some(user) = call.user() else { return Outcome::NotLoggedIn };
    get(call, user)
}

/// `GET cloud/users/{id}`.
pub(crate) fn get(call: &mut Call<'_>, id: &str) -> Outcome {
    let model = call.model();
    let Some(user) = model.user(id) else { return Outcome::exception(404, "User does not exist") };
    let used = model.size(user.root());
    let groups = model.groups_of(id);
    let second = model.now();
    Outcome::data(json!({
        "enabled": true,
        "id": id,
        "firstLoginTimestamp": second,
        "lastLoginTimestamp": second,
        "lastLogin": second.saturating_mul(1000),
        "backend": "Database",
        "subadmin": [],
        "quota": { "free": -3, "used": used, "total": -3, "relative": 0, "quota": -3 },
        "manager": "",
        "email": null,
        "additional_mail": [],
        "displayname": id,
        "display-name": id,
        "phone": "",
        "address": "",
        "website": "",
        "twitter": "",
        "organisation": "",
        "role": "",
        "headline": "",
        "biography": "",
        "profile_enabled": "1",
        "groups": groups,
        "language": "en",
        "locale": "",
        "notify_email": null,
        "backendCapabilities": { "setDisplayName": true, "setPassword": true },
    }))
}

/// `GET sharees`: users whose id contains the search term.
pub(crate) fn sharees(call: &mut Call<'_>) -> Outcome {
    let search = call.params.get("search").unwrap_or_default().to_lowercase();
    let own = call.user();
    let model = call.model();
    let others = model.user_ids().filter(|id| Some(*id) != own && id.to_lowercase().contains(&search));
    let (exact, others): (Vec<&str>, Vec<&str>) = others.partition(|id| id.to_lowercase() == search);
    let sharees = |ids: Vec<&str>| ids.into_iter().take(200).map(sharee).collect::<Vec<_>>();
    Outcome::data(json!({
        "exact": {
            "users": sharees(exact),
            "groups": [],
            "remotes": [],
            "remote_groups": [],
            "emails": [],
            "circles": [],
            "rooms": [],
        },
        "users": sharees(others),
        "groups": [],
        "remotes": [],
        "remote_groups": [],
        "emails": [],
        "lookup": [],
        "circles": [],
        "rooms": [],
        "lookupEnabled": false,
    }))
}

/// `GET core/getapppassword`. The label of the device that asked is kept.
pub(crate) fn new_app_password(call: &mut Call<'_>) -> Outcome {
    let (user, device) = (call.head.asker.user.as_deref(), call.head.asker.device.as_deref());
    let (Some(user), Some(device)) = (user, device) else { return Outcome::NotLoggedIn };
    let mut model = call.model();
    let password = model.ids().secret_text(72);
    model.add_credential(user, &password, device);
    Outcome::one("apppassword", password)
}

/// `DELETE core/apppassword`: forgets the password with which the request came.
pub(crate) fn delete_app_password(call: &mut Call<'_>) -> Outcome {
    let authorization = call.head.header("authorization").unwrap_or_default();
    let value = authorization.split_once(' ').map_or("", |(_, value)| value);
    if let Some((user, password)) = credentials(value) {
        call.model().remove_credential(&user, &password);
    }
    Outcome::nothing()
}

fn sharee(id: &str) -> Value {
    json!({
        "label": id,
        "subline": "",
        "icon": "icon-user",
        "value": { "shareType": 0, "shareWith": id },
        "shareWithDisplayNameUnique": id,
        "status": [],
    })
}
