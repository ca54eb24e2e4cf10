//! One request on its way through the handlers.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, AsHeaderName, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;

use super::history::History;
use super::login::{Login, log_in};
use super::params::Params;
use super::reply::Reply;
use super::told::Told;
use super::user_agent;
use crate::adversary::lie::{Asker, Lie};
use crate::model::{Caller, Content};
use crate::release::Behaviour;
use crate::tenant::State;

/// Says that a client supports end-to-end encryption.
static SUPPORTED: HeaderName = HeaderName::from_static("x-e2ee-supported");

/// What is known before the body has arrived.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// The names of the path, decoded; no tenant's prefix.
    pub(crate) path: Vec<String>,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) login: Login,
    pub(crate) asker: Asker,
    pub(crate) behaviour: &'static Behaviour,
    /// From where the request comes.
    pub(crate) address: IpAddr,
}

/// A request whose body has arrived.
pub(crate) struct Call<'a> {
    pub(crate) tenant: &'a State,
    pub(crate) head: &'a Head,
    /// The body, unless it is a file.
    pub(crate) body: Bytes,
    /// The body.
    pub(crate) content: Content,
    pub(crate) params: Params,
    pub(crate) told: Told<'a>,
    /// The label of the history that is shown; usually the device's.
    shown: Option<Cow<'a, str>>,
    number: Option<u64>,
}

impl Head {
    /// Reads a head; `path` is what follows the tenant's prefix.
    pub(crate) fn new(tenant: &State, parts: Parts, path: &str, address: IpAddr) -> Result<Self, Reply> {
        let path = names(path).ok_or_else(|| Reply::text(400, "The path cannot be decoded.\n"))?;
        let authorization = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let model = tenant.model();
        let (login, asker) = log_in(&model, authorization);
        let behaviour = model.behaviour();
        drop(model);
        Ok(Self {
            method: parts.method.as_str().to_owned(),
            path,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            login,
            asker,
            behaviour,
            address,
        })
    }

    /// The text of a header; bytes that are no UTF-8 are replaced.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<String> {
        self.text(name).map(Cow::into_owned)
    }

    /// The same without a copy.
    pub(crate) fn text(&self, name: impl AsHeaderName) -> Option<Cow<'_, str>> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()))
    }

    /// The decoded path.
    pub(crate) fn shown_path(&self) -> String {
        format!("/{}", self.path.join("/"))
    }

    /// The path that the header `Destination` names, decoded, without the tenant's prefix. `None`: there is none, or
    /// it leads elsewhere.
    pub(crate) fn destination(&self, prefix: &str) -> Option<Vec<String>> {
        let header = self.header("destination")?;
        let path = match header.split_once("://") {
            Some((_, rest)) => rest.get(rest.find('/')?..)?,
            None => header.as_str(),
        };
        names(path.split(['?', '#']).next()?.strip_prefix(prefix)?)
    }

    pub(crate) fn user_agent(&self) -> Cow<'_, str> {
        self.text(USER_AGENT).unwrap_or_default()
    }

    /// Whether the client is one that supports end-to-end encryption.
    pub(crate) fn is_supported(&self) -> bool {
        user_agent::is_supported(&self.user_agent(), self.text(&SUPPORTED).as_deref())
    }

    /// The same for DAV, where old releases do not look at the header.
    pub(crate) fn is_supported_for_dav(&self) -> bool {
        let header = self.text(&SUPPORTED).filter(|_| self.behaviour.header_counts_for_dav);
        user_agent::is_supported(&self.user_agent(), header.as_deref())
    }
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        tenant: &'a State,
        head: &'a Head,
        content: Content,
        lies: Arc<[Arc<dyn Lie>]>,
    ) -> Self {
        let body = content.in_memory().cloned().unwrap_or_default();
        let params = Params::read(head, &body);
        Self {
            tenant,
            head,
            body,
            content,
            params,
            told: Told::new(&head.asker, lies, tenant.filter(), &tenant.options.authority),
            shown: head.asker.device.as_deref().map(Cow::Borrowed),
            number: None,
        }
    }

    /// Has the request meet the history of this label.
    pub(crate) fn show(&mut self, history: String) {
        self.shown = Some(history.into());
    }

    /// What the app's release does otherwise than others.
    pub(crate) fn behaviour(&self) -> &'static Behaviour {
        self.head.behaviour
    }

    /// The state. Exchanges are numbered in the order in which they first take it.
    pub(crate) fn model(&mut self) -> History<'a> {
        let history = History::new(self.tenant.model(), self.shown.as_deref());
        self.number.get_or_insert_with(|| self.tenant.next_number());
        self.told.fork(history.has_diverged());
        history
    }

    pub(crate) fn user(&self) -> Option<&'a str> {
        self.head.asker.user.as_deref()
    }

    /// Who calls the E2EE API, given the header with a share token.
    pub(crate) fn caller<'b>(&'b self, share_token: Option<&'b str>) -> Caller<'b> {
        Caller { user: self.user(), share_token: share_token.filter(|token| !token.is_empty()) }
    }

    /// The exchange's number and the names of the lies that were told.
    pub(crate) fn finish(self) -> (u64, Vec<String>) {
        (self.number.unwrap_or_else(|| self.tenant.next_number()), self.told.tampered_by())
    }
}

/// Decodes a path. Empty names are left out, as doubled slashes mean nothing; names that would lead elsewhere are
/// refused.
pub(crate) fn names(path: &str) -> Option<Vec<String>> {
    let mut names = Vec::with_capacity(path.bytes().filter(|byte| *byte == b'/').count() + 1);
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let name = match name.contains('%') {
            true => percent_decode_str(name).decode_utf8().ok()?,
            false => name.into(),
        };
        if matches!(&*name, "." | "..") || name.bytes().any(|byte| matches!(byte, b'/' | 0)) {
            return None;
        }
        names.push(name.into_owned());
    }
    Some(names)
}
