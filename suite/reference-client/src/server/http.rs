//! Requests and answers: authentication, headers, limits, errors.

use super::listings::LastListing;
use super::request::Request;
use crate::common::Common;
use crate::limits::Limits;
use crate::transport::Transport;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_adapter::protocol::ClientError;
use flate2::read::GzDecoder;
use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use std::io::Read as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::timeout;

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024 * 1024;
/// How much memory a client without such a limit has until it is killed.
pub(crate) const MEMORY: usize = 2 * MAX_ANSWER;
const NAME: &str = concat!("e2ee-reference-client/", env!("CARGO_PKG_VERSION"));
/// Servers of that time let known clients alone into encrypted folders; the header `X-E2EE-SUPPORTED` came later.
const OLDER_NAME: &str =
    concat!("Mozilla/5.0 (Linux) mirall/3.7.3 (e2ee-reference-client/", env!("CARGO_PKG_VERSION"), ")");
/// Says that a client supports end-to-end encryption.
pub(super) const SUPPORTED: HeaderName = HeaderName::from_static("x-e2ee-supported");

/// One account on one server.
#[derive(Clone)]
pub(crate) struct Http {
    /// Sends requests unless `transport` does.
    client: reqwest::Client,
    transport: Option<Arc<dyn Transport>>,
    base: String,
    user: String,
    /// What says so, with the password.
    credentials: HeaderValue,
    interface: Interface,
    pub(super) last_listing: LastListing,
    pub(super) limits: Limits,
    /// Whether listings are asked for without a word about end-to-end encryption.
    pub(crate) is_silent: bool,
    /// Whether slashes in names lead on, and two dots back.
    pub(crate) joins: bool,
    /// Whether answers are read until there is no memory left.
    pub(crate) takes_all: bool,
    /// Whether answers that were compressed on the way are inflated until there is no memory left.
    pub(crate) inflates: bool,
}

/// The version of the server's interface for keys, locks and metadata: the number before the point of what is announced
/// (R2-API-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interface {
    /// Locks have no counter and metadata no signature.
    V1,
    /// For metadata of 2.x.
    V2,
}

/// Why the server did not give what was asked for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum ServerError {
    /// No answer, or a broken one.
    #[error("{what}: no answer from the server ({reason})")]
    Unreachable { what: String, reason: String },
    /// No answer, or only a part of one, when the time was over.
    #[error("{what}: no answer from the server in time")]
    Late { what: String },
    /// An answer that is no success.
    #[error("{what}: server answered {status} {message}")]
    Status { what: String, status: u16, message: String },
    /// A success whose body is not what it should be.
    #[error("{what}: cannot read the server's answer: {reason}")]
    Malformed { what: String, reason: String },
}

impl ServerError {
    /// What a lock request was refused with is that somebody else holds one: version 1 of the interface says 403.
    pub(super) fn taken(self) -> Self {
        match self {
            Self::Status { what, status: 403, message } => Self::Status { what, status: 423, message },
            other => other,
        }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The time was over before there was an answer.
    pub(crate) fn is_late(&self) -> bool {
        matches!(self, Self::Late { .. })
    }

    /// No answer, or one by which the server itself says that it is in trouble.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Late { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            Self::Malformed { .. } => false,
        }
    }
}

impl From<ServerError> for ClientError {
    fn from(error: ServerError) -> Self {
        match error.status() {
            Some(423) => Self::busy(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

/// A whole answer.
pub(crate) struct Answer {
    /// The request, for errors.
    pub(crate) what: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn malformed(&self, reason: impl ToString) -> ServerError {
        ServerError::Malformed { what: self.what.clone(), reason: reason.to_string() }
    }
}

impl Http {
    /// Requests go over the network unless there is another `transport`.
    pub(crate) fn new(base: &str, user: &str, password: &str, common: &Common) -> Result<Self, ServerError> {
        static UNUSED: OnceLock<reqwest::Client> = OnceLock::new();
        let Common { transport, limits, .. } = common;
        let client = match transport {
            Some(_) => UNUSED.get_or_init(reqwest::Client::new).clone(),
            None => over_the_network(limits.patience)?,
        };
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self {
            client,
            transport: transport.clone(),
            base,
            user: user.into(),
            credentials: credentials(user, password),
            interface: Interface::V2,
            last_listing: LastListing::default(),
            limits: *limits,
            is_silent: false,
            joins: false,
            takes_all: false,
            inflates: false,
        })
    }

    /// The same account on another server. Connections are shared.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn interface(&self) -> Interface {
        self.interface
    }

    pub(crate) fn speak(&mut self, interface: Interface) {
        self.interface = interface;
    }

    /// A request to `path`, which begins with a slash and is encoded already.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        let url = format!("{}{path}", self.base);
        let name = match self.interface {
            Interface::V1 => OLDER_NAME,
            Interface::V2 => NAME,
        };
        let fixed = [
            (ACCEPT, "*/*"),
            (USER_AGENT, name),
            (HeaderName::from_static("ocs-apirequest"), "true"),
            (SUPPORTED, "true"),
        ];
        let fixed = fixed.map(|(name, value)| (name, HeaderValue::from_static(value)));
        Request::new(method, url, HeaderMap::from_iter(fixed)).basic_auth(&self.credentials)
    }

    /// Sends, and reads the answer whatever its status. `what` names the request in errors.
    pub(crate) async fn send(&self, what: &str, request: Request) -> Result<Answer, ServerError> {
        let mut answer = self.answer(what, request).await?;
        if self.inflates && answer.header("content-encoding") == Some("gzip") {
            let mut plain = Vec::new();
            let inflated = GzDecoder::new(&*answer.body).take(MEMORY as u64 + 1).read_to_end(&mut plain);
            inflated.map_err(|e| answer.malformed(e))?;
            if plain.len() > MEMORY {
                out_of_memory();
            }
            answer.body = plain;
        }
        Ok(answer)
    }

    async fn answer(&self, what: &str, request: Request) -> Result<Answer, ServerError> {
        if let Some(transport) = &self.transport {
            return self.carried(what, request, &**transport).await;
        }
        let without_answer = |reason: String| ServerError::Unreachable { what: what.into(), reason };
        let unreachable = |e: reqwest::Error| match e.is_timeout() {
            true => ServerError::Late { what: what.into() },
            false => without_answer(words(&e)),
        };
        let request = request.over(&self.client).map_err(without_answer)?;
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&chunk);
            self.bear(what, &body)?;
        }
        Ok(Answer { what: what.into(), status, headers, body })
    }

    /// An answer that comes some other way than over the network.
    async fn carried(
        &self,
        what: &str,
        request: Request,
        transport: &dyn Transport,
    ) -> Result<Answer, ServerError> {
        let unreachable = |reason: String| ServerError::Unreachable { what: what.into(), reason };
        let request = request.whole().map_err(unreachable)?;
        let answer = timeout(self.limits.patience, transport.send(request, self.most())).await;
        let answer = answer.map_err(|_| ServerError::Late { what: what.into() })?.map_err(unreachable)?;
        let (parts, body) = answer.into_parts();
        self.bear(what, &body)?;
        Ok(Answer {
            what: what.into(),
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.into(),
        })
    }

    /// An error if so much of an answer has come that no more is read.
    fn bear(&self, what: &str, body: &[u8]) -> Result<(), ServerError> {
        if body.len() <= self.most() {
            return Ok(());
        }
        if self.takes_all {
            out_of_memory();
        }
        let reason = format!("it is longer than {MAX_ANSWER} bytes");
        Err(ServerError::Malformed { what: what.into(), reason })
    }

    fn most(&self) -> usize {
        if self.takes_all { MEMORY } else { MAX_ANSWER }
    }
}

/// As the system ends a program that takes all memory.
pub(crate) fn out_of_memory() -> ! {
    std::panic::resume_unwind(Box::new("out of memory"))
}

/// For one device: connections are its own.
fn over_the_network(patience: Duration) -> Result<reqwest::Client, ServerError> {
    let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().timeout(patience).build();
    client.map_err(|e| ServerError::Unreachable { what: "start".into(), reason: words(&e) })
}

/// The header of RFC 7617. Base64 can always stand in a header.
fn credentials(user: &str, password: &str) -> HeaderValue {
    let text = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let mut credentials = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Basic"));
    credentials.set_sensitive(true);
    credentials
}

/// The error and its causes, without the address.
pub(super) fn words(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    if words.is_empty() { error.to_string() } else { words.join(": ") }
}
