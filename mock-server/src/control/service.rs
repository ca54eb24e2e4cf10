//! The way of a request through the control API.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, watch};

use super::body::Reading;
use super::command::Command;
use super::gate::Gate;
use super::refusal::{Code, Refusal};
use super::request::{Answer, Asked, Members, short};
use super::routes::{Does, ROUTES, Route};
use super::watch::events;
use crate::server::Shared;

/// The longest body, in bytes: a key pair, or a tenant with some accounts.
const MAX_BODY: usize = 1024 * 1024;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);
/// How often those who watch hear that the connection is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many event streams may be open at once.
const MAX_WATCHERS: usize = 256;

/// The control API of a server.
pub(crate) struct Control {
    shared: Arc<Shared>,
    gate: Gate,
    watchers: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
}

impl Control {
    pub(crate) fn new(
        shared: Arc<Shared>,
        exposure: crate::exposure::Exposure,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let scheme = if exposure.tls { "https" } else { "http" };
        let gate = Gate { scheme, public_name: exposure.public_name, token: exposure.token };
        Self { shared, gate, watchers: Arc::new(Semaphore::new(MAX_WATCHERS)), stopped }
    }
}

/// Answers a request to the control API.
pub(crate) async fn answer(control: Arc<Control>, request: Request<Incoming>) -> Response<Reading> {
    let answered = handle(control, request).await;
    answered.unwrap_or_else(|refusal| {
        let body = serde_json::to_vec(&refusal.body()).unwrap_or_default();
        let mut response = whole(refusal.status, body);
        match refusal.code {
            Code::Unauthorized => {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // What is left of the body is not read.
            Code::TooLarge | Code::BodyTimeout => {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Code::MethodNotAllowed => {
                let allowed = refusal.message.rsplit_once(": ").map_or("", |(_, methods)| methods);
                if let Ok(allowed) = HeaderValue::from_str(allowed) {
                    response.headers_mut().insert(ALLOW, allowed);
                }
            }
            _ => {}
        }
        response
    })
}

async fn handle(control: Arc<Control>, request: Request<Incoming>) -> Result<Response<Reading>, Refusal> {
    let (parts, body) = request.into_parts();
    control.gate.check(&parts.headers)?;
    let (route, members) = find(parts.method.as_str(), parts.uri.path())?;
    let query = pairs(parts.uri.query().unwrap_or_default());
    if let Does::Events = route.does {
        let asked = Asked { shared: &control.shared, route, members, query, body: &[] };
        return watch(&control, &asked, &parts.headers);
    }
    let body = receive(body).await?;
    if !body.is_empty() && !is_json(&parts.headers) {
        let message = "expected `content-type: application/json`";
        return Err(Refusal::new(Code::UnsupportedMediaType, message));
    }
    // Moves make keys, and the attacker tries all of his: nobody else should wait for that.
    let answer = tokio::task::spawn_blocking(move || {
        run(&Asked { shared: &control.shared, route, members, query, body: &body })
    });
    let answer =
        answer.await.map_err(|_| Refusal::new(Code::Internal, "the request could not be finished"))??;
    Ok(whole(answer.status, answer.body.to_string().into_bytes()))
}

fn run(asked: &Asked<'_>) -> Result<Answer, Refusal> {
    asked.check_query()?;
    match asked.route.does {
        Does::Answer { run, takes, .. } => {
            if takes.is_none() && !asked.body.is_empty() {
                return Err(Refusal::new(Code::BadJson, "expected no body"));
            }
            run(asked)
        }
        Does::Command(name) => Answer::of(&asked.tenant()?.apply(&command(name, asked)?)?),
        Does::Events => Err(Refusal::new(Code::Internal, "a stream is no answer")),
    }
}

/// The command whose members stand in the path and in the body.
fn command(name: &str, asked: &Asked<'_>) -> Result<Command, Refusal> {
    let mut members: Map<String, Value> = asked.json()?;
    for (member, value) in asked.members.iter().filter(|(member, _)| *member != "tenant") {
        if members.insert((*member).to_owned(), value.as_str().into()).is_some() {
            return Err(Refusal::new(Code::BadJson, format!("`{member}` stands in the path already")));
        }
    }
    let command = Value::Object(Map::from_iter([(name.to_owned(), Value::Object(members))]));
    serde_json::from_value(command).map_err(|error| Refusal::new(Code::BadJson, error.to_string()))
}

fn watch(control: &Control, asked: &Asked<'_>, headers: &HeaderMap) -> Result<Response<Reading>, Refusal> {
    asked.check_query()?;
    let tenant = asked.tenant()?;
    let last = headers.get("last-event-id").map(|id| id.to_str().ok().and_then(|id| id.trim().parse().ok()));
    let last = last
        .map(|id| id.ok_or_else(|| Refusal::new(Code::BadParameter, "`last-event-id`: expected a number")));
    let after = match last.transpose()? {
        Some(id) => id,
        None => asked.number("after")?.unwrap_or_else(|| tenant.state().events.last()),
    };
    let place = Arc::clone(&control.watchers).try_acquire_owned();
    let full =
        |_| Refusal::new(Code::TooManyWatchers, format!("{MAX_WATCHERS} event streams are open already"));
    let pieces = events(tenant, after, control.stopped.clone(), place.map_err(full)?, HEARTBEAT);
    Ok(response(200, "text/event-stream", Reading::Stream(pieces)))
}

/// The route of a request, with the pieces of the path that it names.
fn find(method: &str, path: &str) -> Result<(&'static Route, Members), Refusal> {
    let fitting: Vec<_> =
        ROUTES.iter().filter_map(|route| Some((route, matched(route.path, path)?))).collect();
    if fitting.is_empty() {
        return Err(Refusal::new(Code::UnknownRoute, "no such address, see /v1/openapi.json"));
    }
    let methods: Vec<&str> = fitting.iter().map(|(route, _)| route.method).collect();
    let found = fitting.into_iter().find(|(route, _)| route.method == method);
    found.ok_or_else(|| {
        let message = format!("`{}` is not for this address, but: {}", short(method), methods.join(", "));
        Refusal::new(Code::MethodNotAllowed, message)
    })
}

fn matched(template: &'static str, path: &str) -> Option<Members> {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut members = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(members),
            (Some(wanted), Some(given)) => {
                match wanted.strip_prefix('{').and_then(|member| member.strip_suffix('}')) {
                    Some(member) => {
                        let value =
                            percent_decode_str(given).decode_utf8().ok().filter(|it| !it.is_empty())?;
                        members.push((member, value.into_owned()));
                    }
                    None if wanted == given => {}
                    None => return None,
                }
            }
            _ => return None,
        }
    }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

async fn receive(body: Incoming) -> Result<Bytes, Refusal> {
    let body = tokio::time::timeout(BODY_TIME, Limited::new(body, MAX_BODY).collect()).await;
    match body.map_err(|_| Refusal::new(Code::BodyTimeout, "the body did not arrive in time"))? {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Refusal::new(Code::TooLarge, format!("the body is longer than {MAX_BODY} bytes")))
        }
        Err(_) => Err(Refusal::new(Code::BadJson, "the body broke off")),
    }
}

fn whole(status: u16, body: Vec<u8>) -> Response<Reading> {
    response(status, "application/json", Reading::Whole(Some(body.into())))
}

fn response(status: u16, kind: &'static str, body: Reading) -> Response<Reading> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
