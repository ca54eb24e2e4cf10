//! Login flow v2: a client gets an app password without ever seeing the user's password.

use serde_json::json;

use super::call::Call;
use super::php_json;
use super::reply::Reply;

/// `POST index.php/login/v2`: the client's name is its user agent.
pub(crate) fn begin(call: &mut Call<'_>) -> Reply {
    if call.head.method != "POST" {
        return Reply::empty(405);
    }
    let device = call.head.user_agent().into_owned();
    let (poll, login) = call.model().begin_login(&device);
    let base = format!("{}{}/index.php/login/v2", call.tenant.origin, call.tenant.prefix);
    let answer = json!({
        "poll": { "token": poll, "endpoint": format!("{base}/poll") },
        "login": format!("{base}/flow/{login}"),
    });
    Reply::new(200, Reply::JSON, php_json::to_vec(&answer))
}

/// `POST index.php/login/v2/poll`: 404 until the login is granted, and again after it was told.
pub(crate) fn poll(call: &mut Call<'_>) -> Reply {
    let token = call.params.get("token").unwrap_or_default().to_owned();
    match call.model().take_login(&token) {
        None => Reply::new(404, Reply::JSON, "[]"),
        Some((user, password)) => {
            let server = format!("{}{}", call.tenant.origin, call.tenant.prefix);
            let answer = json!({ "server": server, "loginName": user, "appPassword": password });
            Reply::new(200, Reply::JSON, php_json::to_vec(&answer))
        }
    }
}

/// `index.php/login/v2/flow/TOKEN`: a page with a form. Whoever sends it with a right name and password, or sends it
/// with HTTP Basic, grants the login.
pub(crate) fn flow(call: &mut Call<'_>, login: &str) -> Reply {
    if !call.model().login_waits(login) {
        return page(404, "<p>There is no such login.</p>");
    }
    if call.head.method != "POST" {
        return page(
            200,
            "<form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\">\
             <button>Grant access</button></form>",
        );
    }
    let by_form = || {
        let (user, password) = (call.params.get("user")?, call.params.get("password")?);
        call.tenant.model().log_in(user, password).is_some().then(|| user.to_owned())
    };
    let user = call.user().map(str::to_owned).or_else(by_form);
    match user {
        Some(user) if call.model().grant_login(login, &user) => page(200, "<p>Account connected.</p>"),
        _ => page(403, "<p>Wrong login or password.</p>"),
    }
}

fn page(status: u16, content: &str) -> Reply {
    let body = format!(
        "<!DOCTYPE html>\n<html><head><title>Nextcloud</title></head><body>{content}</body></html>\n"
    );
    Reply::new(status, Reply::HTML, body)
}
