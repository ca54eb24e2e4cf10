//! A request that is carried out again, from the state file.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::call::{Call, Head};
use super::login::Login;
use super::route;
use crate::adversary::lie::Asker;
use crate::tenant::State;

/// The head of a request, with whom it was found to come from instead of the password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SentAgain {
    method: String,
    path: Vec<String>,
    query: String,
    /// Each byte of a value is a character.
    headers: Vec<(String, String)>,
    login: Login,
    user: Option<String>,
    device: Option<String>,
    address: IpAddr,
}

impl SentAgain {
    pub(crate) fn of(head: &Head) -> Self {
        // Only this one asks for the password itself: it is to be forgotten.
        let forgets =
            head.method == "DELETE" && head.path.ends_with(&["core".to_owned(), "apppassword".to_owned()]);
        let kept = |name: &HeaderName| match name.as_str() {
            "authorization" => forgets,
            "cookie" | "proxy-authorization" => false,
            _ => true,
        };
        let text = |value: &HeaderValue| value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
        let headers = head.headers.iter().filter(|(name, _)| kept(name));
        Self {
            method: head.method.clone(),
            path: head.path.clone(),
            query: head.query.clone(),
            headers: headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
            login: head.login,
            user: head.asker.user.clone(),
            device: head.asker.device.clone(),
            address: head.address,
        }
    }

    /// Carries it out; the status of the answer.
    pub(crate) fn send(self, tenant: &State, body: Bytes) -> u16 {
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers {
            let value: Vec<u8> = value.chars().filter_map(|letter| u8::try_from(letter).ok()).collect();
            // A header that was one is one again.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(&value)) {
                headers.append(name, value);
            }
        }
        let head = Head {
            method: self.method,
            path: self.path,
            query: self.query,
            headers,
            login: self.login,
            asker: Asker { user: self.user, device: self.device },
            behaviour: tenant.options.app_version.behaviour(),
            address: self.address,
        };
        route::handle(&mut Call::new(tenant, &head, body.into(), tenant.lies())).status
    }
}
