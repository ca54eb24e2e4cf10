//! Who a request comes from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::adversary::lie::Asker;
use crate::model::Model;

/// How a request proves who it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Login {
    /// Not at all.
    Anonymous,
    /// By the right password.
    Right,
    /// By a wrong password.
    Wrong,
    /// By a bearer token; the server knows none.
    Bearer,
}

/// Checks the header `Authorization`.
pub(crate) fn log_in(model: &Model, authorization: Option<&str>) -> (Login, Asker) {
    let nobody = Asker::default();
    let Some(value) = authorization else { return (Login::Anonymous, nobody) };
    let (scheme, value) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return (Login::Bearer, nobody);
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return (Login::Anonymous, nobody);
    }
    match credentials(value).and_then(|(user, password)| {
        let device = model.log_in(&user, &password)?.to_owned();
        Some(Asker { user: Some(user), device: Some(device) })
    }) {
        Some(asker) => (Login::Right, asker),
        None => (Login::Wrong, nobody),
    }
}

/// The user and password of HTTP Basic.
pub(crate) fn credentials(value: &str) -> Option<(String, String)> {
    let mut text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let password = text.split_off(text.find(':')? + 1);
    text.pop();
    Some((text, password))
}
