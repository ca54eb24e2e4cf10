//! What is checked before a handler runs, and in which order.

use http::HeaderName;
use http::header::ACCEPT;
use serde_json::json;

use super::envelope::{Format, wrap};
use super::guard::Guard;
use super::outcome::Outcome;
use super::{
    Target, capabilities, encryption, filedrop, keys, locks, metadata, provisioning, shares, users, v1,
};
use crate::face::call::{Call, Head};
use crate::face::login::Login;
use crate::face::php_json;
use crate::face::reply::Reply;

/// Web pages cannot send it to other servers.
static API_REQUEST: HeaderName = HeaderName::from_static("ocs-apirequest");

/// Answers a call of an OCS API.
pub(crate) fn handle(call: &mut Call<'_>, v1: bool, target: &Target<'_>) -> Reply {
    let head = call.head;
    let method = head.method.as_str();
    let format = Format::of(call.params.get("format"), head.text(ACCEPT).as_deref());
    let reply = |outcome| wrap(outcome, format, v1).maybe("x-user-id", head.asker.user.clone());
    if head.login == Login::Wrong {
        let scheme =
            if head.text("x-requested-with").as_deref() == Some("XMLHttpRequest") { "Dummy" } else { "" };
        let challenge = format!("{scheme}Basic realm=\"Authorisation Required\"");
        return reply(Outcome::Unauthorised).header("www-authenticate", challenge);
    }
    if *target != Target::Unknown && !target.verbs(head.behaviour).contains(&method) {
        return Reply::new(405, Reply::JSON, "");
    }
    if target.needs_login(method, head.behaviour) && call.user().is_none() {
        return reply(Outcome::NotLoggedIn);
    }
    if *target != Target::Unknown && !is_api_request(head) {
        let body = php_json::to_vec(&json!({ "message": "CSRF check failed" }));
        return Reply::new(412, Reply::JSON, body).maybe("x-user-id", head.asker.user.clone());
    }
    let guard = Guard::new(call, *target, method);
    if let Some(refusal) = guard.refuse_early(call, *target) {
        return refusal.unwrap_or_else(reply);
    }
    if target.needs_supported_client(method, head.behaviour) && !head.is_supported() {
        let agent = head.user_agent();
        let text = format!("Client \"{agent}\" is not allowed to access end-to-end encrypted content.");
        return guard.finish(call, Outcome::exception(403, text), reply);
    }
    let outcome = run(call, target, method);
    guard.finish(call, outcome, reply)
}

/// A request that no web page can have made by itself.
fn is_api_request(head: &Head) -> bool {
    head.login == Login::Bearer || head.text(&API_REQUEST).as_deref() == Some("true")
}

fn run(call: &mut Call<'_>, target: &Target<'_>, method: &str) -> Outcome {
    match (*target, method) {
        (Target::PrivateKey, "GET") => keys::get_private_key(call),
        (Target::PrivateKey, "POST") => keys::set_private_key(call),
        (Target::PrivateKey, _) => keys::delete_private_key(call),
        (Target::PublicKey, "GET") => keys::get_public_keys(call),
        (Target::PublicKey, "POST") => keys::create_public_key(call),
        (Target::PublicKey, "PUT") => keys::set_public_key(call),
        (Target::PublicKey, _) => keys::delete_public_key(call),
        (Target::ServerKey, _) => keys::get_server_key(call),
        (Target::Encrypted(id), "PUT") => encryption::set_flag(call, id),
        (Target::Encrypted(id), _) => encryption::remove_flag(call, id),
        (Target::EncryptedFiles, _) => encryption::remove_folders(call),
        (Target::Lock(id), "POST") => locks::lock(call, id),
        (Target::Lock(id), _) => locks::unlock(call, id),
        (Target::Metadata(id), "GET") => metadata::get(call, id),
        (Target::Metadata(id), "POST") => metadata::create(call, id),
        (Target::Metadata(id), "PUT") => metadata::replace(call, id),
        (Target::Metadata(id), _) => metadata::delete(call, id),
        (Target::Filedrop(id), _) => filedrop::add(call, id),
        (Target::LockV1(id), "POST") => v1::lock(call, id),
        (Target::LockV1(id), _) => v1::unlock(call, id),
        (Target::MetadataV1(id), "GET") => v1::get(call, id),
        (Target::MetadataV1(id), "POST") => v1::create(call, id),
        (Target::MetadataV1(id), "PUT") => v1::replace(call, id),
        (Target::MetadataV1(id), _) => v1::delete(call, id),
        (Target::FiledropV1(id), _) => v1::drop_files(call, id),
        (Target::Capabilities, _) => capabilities::get(call),
        (Target::OwnUser, _) => users::own(call),
        (Target::User(id), "GET") => users::get(call, id),
        (Target::User(id), _) => provisioning::delete_user(call, id),
        (Target::Users, "GET") => provisioning::list_users(call),
        (Target::Users, _) => provisioning::create_user(call),
        (Target::UserGroups(id), _) => provisioning::memberships(call, id, method),
        (Target::Groups, "GET") => provisioning::list_groups(call),
        (Target::Groups, _) => provisioning::create_group(call),
        (Target::Group(id), _) => provisioning::delete_group(call, id),
        (Target::Shares, "GET") => shares::list(call),
        (Target::Shares, _) => shares::create(call),
        (Target::Share(id), "GET") => shares::get(call, id),
        (Target::Share(id), "PUT") => shares::change(call, id),
        (Target::Share(id), _) => shares::delete(call, id),
        (Target::Sharees, _) => users::sharees(call),
        (Target::NewAppPassword, _) => users::new_app_password(call),
        (Target::AppPassword, _) => users::delete_app_password(call),
        (Target::Unknown, _) => Outcome::NoRoute,
    }
}
