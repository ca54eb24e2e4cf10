//! A request to the control API, as its route sees it.

use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refusal::{Code, Refusal};
use super::routes::Route;
use crate::server::Shared;
use crate::tenant::Tenant;

/// The pieces of a path that a route names, percent-decoded, in the order of the path.
pub(super) type Members = Vec<(&'static str, String)>;

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) shared: &'a Shared,
    pub(super) route: &'static Route,
    pub(super) members: Members,
    /// The query, percent-decoded.
    pub(super) query: Vec<(String, String)>,
    pub(super) body: &'a [u8],
}

/// What is answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn of(body: &impl Serialize) -> Result<Self, Refusal> {
        Self::with_status(200, body)
    }

    pub(super) fn with_status(status: u16, body: &impl Serialize) -> Result<Self, Refusal> {
        let body = serde_json::to_value(body);
        let body =
            body.map_err(|error| Refusal::new(Code::Internal, format!("cannot write JSON: {error}")))?;
        Ok(Self { status, body })
    }
}

impl Asked<'_> {
    /// A piece of the path.
    pub(super) fn member(&self, name: &str) -> &str {
        self.members.iter().find(|(member, _)| *member == name).map_or("", |(_, value)| value)
    }

    /// The tenant that the path names.
    pub(super) fn tenant(&self) -> Result<Tenant, Refusal> {
        let name = self.member("tenant");
        self.shared
            .find(name)
            .ok_or_else(|| Refusal::new(Code::UnknownTenant, format!("unknown tenant `{}`", short(name))))
    }

    /// A number in the query.
    pub(super) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let Some((_, value)) = self.query.iter().find(|(parameter, _)| parameter == name) else {
            return Ok(None);
        };
        let wrong = |_| Refusal::new(Code::BadParameter, format!("`{name}`: expected a number"));
        value.parse().map(Some).map_err(wrong)
    }

    /// The body as JSON; an empty one counts as `{}`.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let body = if self.body.is_empty() { b"{}" } else { self.body };
        serde_json::from_slice(body).map_err(|error| Refusal::new(Code::BadJson, error.to_string()))
    }

    /// Refuses parameters that the route does not have.
    pub(super) fn check_query(&self) -> Result<(), Refusal> {
        let known = |name: &str| self.route.query.iter().any(|(known, _)| *known == name);
        match self.query.iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => {
                Err(Refusal::new(Code::BadParameter, format!("unknown parameter `{}`", short(name))))
            }
            None => Ok(()),
        }
    }
}

/// What somebody sent, as far as an error repeats it.
pub(super) fn short(text: &str) -> String {
    text.chars().take(64).collect()
}
