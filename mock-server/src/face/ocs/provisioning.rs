//! The provisioning API: an administrator makes accounts and groups.

use serde_json::json;

use super::outcome::Outcome;
use crate::face::call::Call;

/// The group whose members are administrators.
pub(crate) const ADMINISTRATORS: &str = "admin";

const NOT_ADMIN: &str =
    "Logged in account must be an admin, a sub admin or gotten special right to access this setting";

/// `GET cloud/users`: the ids that contain the search term.
pub(crate) fn list_users(call: &mut Call<'_>) -> Outcome {
    if let Some(refusal) = refuse(call) {
        return refusal;
    }
    let search = call.params.get("search").unwrap_or_default().to_lowercase();
    let model = call.model();
    let ids: Vec<&str> = model.user_ids().filter(|id| id.to_lowercase().contains(&search)).collect();
    Outcome::data(json!({ "users": ids }))
}

/// `POST cloud/users`, with `userid`, `password` and maybe `groups[]`.
pub(crate) fn create_user(call: &mut Call<'_>) -> Outcome {
    if let Some(refusal) = refuse(call) {
        return refusal;
    }
    let (id, password) = (text(call, "userid"), text(call, "password"));
    if !is_name(&id) {
        return Outcome::exception(
            101,
            "Only the following characters are allowed in an Login name: \"a-z\", \"A-Z\", \"0-9\", spaces and \"_.@-'\"",
        );
    }
    if password.is_empty() {
        return Outcome::exception(108, "An email address is required, to send a password link to the user.");
    }
    let mut model = call.model();
    if model.user(&id).is_some() {
        return Outcome::exception(102, "User already exists");
    }
    model.add_user(&id);
    model.add_credential(&id, &password, "default");
    Outcome::one("id", id)
}

/// `DELETE cloud/users/{id}`.
pub(crate) fn delete_user(call: &mut Call<'_>, id: &str) -> Outcome {
    if let Some(refusal) = refuse(call) {
        return refusal;
    }
    if call.user() == Some(id) || !call.model().remove_user(id) {
        return Outcome::exception(101, "");
    }
    Outcome::nothing()
}

/// `GET cloud/groups`.
pub(crate) fn list_groups(call: &mut Call<'_>) -> Outcome {
    if let Some(refusal) = refuse(call) {
        return refusal;
    }
    let model = call.model();
    let groups: Vec<&str> = model.groups().collect();
    Outcome::data(json!({ "groups": groups }))
}

/// `POST cloud/groups`, with `groupid`.
pub(crate) fn create_group(call: &mut Call<'_>) -> Outcome {
    if let Some(refusal) = refuse(call) {
        return refusal;
    }
    let group = text(call, "groupid");
    if group.is_empty() || group.len() > 64 {
        return Outcome::exception(101, "Invalid group name");
    }
    if !call.model().add_group(&group) {
        return Outcome::exception(102, "group exists");
    }
    Outcome::nothing()
}

/// `DELETE cloud/groups/{id}`.
pub(crate) fn delete_group(call: &mut Call<'_>, group: &str) -> Outcome {
    if let Some(refusal) = refuse(call) {
        return refusal;
    }
    if call.model().groups().all(|known| known != group) {
        return Outcome::exception(101, "");
    }
    if group == ADMINISTRATORS {
        return Outcome::exception(102, "");
    }
    call.model().remove_group(group);
    Outcome::nothing()
}

/// `GET`, `POST` and `DELETE cloud/users/{id}/groups`; the latter two with `groupid`.
pub(crate) fn memberships(call: &mut Call<'_>, id: &str, method: &str) -> Outcome {
    if let Some(refusal) = refuse(call).filter(|_| method != "GET" || call.user() != Some(id)) {
        return refusal;
    }
    let group = text(call, "groupid");
    let mut model = call.model();
    if model.user(id).is_none() {
        return if method == "GET" {
            Outcome::exception(404, "User does not exist")
        } else {
            Outcome::exception(103, "")
        };
    }
    if method == "GET" {
        return Outcome::data(json!({ "groups": model.groups_of(id) }));
    }
    if group.is_empty() {
        return Outcome::exception(101, "");
    }
    if model.groups().all(|known| known != group) {
        return Outcome::exception(102, "");
    }
    if method == "POST" {
        model.add_to_group(&group, id)
    } else {
        model.remove_from_group(&group, id)
    }
    Outcome::nothing()
}

/// The refusal for those who are no administrators.
fn refuse(call: &Call<'_>) -> Option<Outcome> {
    let user = call.user().unwrap_or_default();
    let is_admin = call.tenant.model().is_in_group(ADMINISTRATORS, user);
    (!is_admin).then(|| Outcome::exception(403, NOT_ADMIN))
}

fn text(call: &Call<'_>, name: &str) -> String {
    call.params.get(name).unwrap_or_default().to_owned()
}

fn is_name(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || " _.@-'".contains(c);
    !id.trim().is_empty()
        && id.trim() == id
        && id.len() <= 64
        && !matches!(id, "." | "..")
        && id.chars().all(fits)
}
