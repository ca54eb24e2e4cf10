//! The way of a request through the server.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};

use super::call::Head;
use super::dav;
use super::delivery::Receipt;
use super::fault::{self, Cut, Done, Pace, Told};
use super::reply::Reply;
use super::route;
use crate::exchange::{Endpoint, Exchange};
use crate::journal::StateError;
use crate::server::Shared;
use crate::tenant::State;

/// Answers a request to any tenant.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    address: IpAddr,
    request: Request<Incoming>,
) -> Response<Told> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Some((tenant, path)) = shared.route(&path) else {
        return tell(Reply::text(404, "There is no such tenant.\n"), Pace::Whole, None);
    };
    let mut response = answer_of(Arc::clone(&tenant), address, (parts, path), body).await;
    // Otherwise hyper tells the machine's time.
    if tenant.options.seed.is_some()
        && let Ok(date) = dav::http_date(tenant.model().clock().now()).try_into()
    {
        response.headers_mut().insert(http::header::DATE, date);
    }
    response
}

async fn answer_of(
    tenant: Arc<State>,
    address: IpAddr,
    (parts, path): (Parts, &str),
    body: Incoming,
) -> Response<Told> {
    let head = match Head::new(&tenant, parts, path, address) {
        Ok(head) => head,
        Err(reply) => return tell(reply, Pace::Whole, None),
    };
    let body = match receive(body, tenant.options.max_body).await {
        Ok(body) => body,
        Err(reply) => return tell(reply, Pace::Whole, None),
    };
    let micros = tenant.micros();
    let endpoint = route::endpoint(&head);
    let lies = tenant.lies();
    for lie in lies.iter() {
        lie.before(endpoint, &head.asker).wait().await;
    }
    // From here on nothing waits: a client that hangs up does not undo what it has asked for.
    let cued = fault::play_cues(&tenant, &lies, endpoint, &head.asker);
    let lies = if cued.is_empty() { lies } else { tenant.lies() };
    let Done { number, mut tampered_by, reply, pace } = fault::carry_out(&tenant, &head, &body, &lies);
    tampered_by.extend(cued);
    record(&tenant, &head, endpoint, body, &reply, (number, micros), tampered_by);
    if let Some(order) = tenant.order()
        && let Err(error) = order.durable().await
    {
        return tell(not_kept(&error), Pace::Whole, None);
    }
    let receipt = Receipt { tenant, number };
    let Some(pace) = pace else {
        // The connection sees to it that nothing of this is told.
        let mut response = tell(Reply::empty(500), Pace::Whole, None);
        response.extensions_mut().insert(Cut);
        return response;
    };
    tell(reply, pace, Some(receipt))
}

/// An answer on its way; one that does not come in full is never delivered.
fn tell(reply: Reply, pace: Pace, receipt: Option<Receipt>) -> Response<Told> {
    let (whole, slow) = match pace {
        Pace::Whole => (receipt, None),
        Pace::Half => (None, None),
        Pace::Drip(_) => (None, receipt),
    };
    reply.into_response(whole).map(|body| Told::new(body, pace, slow))
}

/// The answer when the state cannot be kept.
pub(super) fn not_kept(error: &StateError) -> Reply {
    let status = if matches!(error, StateError::Full { .. }) { 507 } else { 500 };
    Reply::text(status, &format!("{error}\n"))
}

/// The whole body, or the answer to one that is too long or breaks off.
async fn receive(body: Incoming, limit: usize) -> Result<Bytes, Reply> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Reply::text(413, &format!("The body is longer than {limit} bytes.\n"))
                .header("connection", "close"))
        }
        Err(_) => Err(Reply::text(400, "The body broke off.\n").header("connection", "close")),
    }
}

fn record(
    tenant: &State,
    head: &Head,
    endpoint: Endpoint,
    request_body: Bytes,
    reply: &Reply,
    (number, micros): (u64, u64),
    tampered_by: Vec<String>,
) {
    if tenant.log {
        eprintln!(
            "{} {}{} -> {}",
            head.method,
            tenant.prefix,
            head.shown_path().escape_debug(),
            reply.status
        );
    }
    let lied = !tampered_by.is_empty();
    let secret = |name: &str| matches!(name, "authorization" | "cookie" | "proxy-authorization");
    let headers = head.headers.iter().filter(|(name, _)| !secret(name.as_str()));
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    tenant.recorder().record(Exchange {
        number,
        micros,
        user: head.asker.user.clone(),
        device: head.asker.device.clone(),
        method: head.method.clone(),
        path: head.shown_path(),
        query: head.query.clone(),
        endpoint,
        request_headers: headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        request_body,
        status: reply.status,
        response_headers: reply
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        response_body: reply.body.clone(),
        delivered: false,
        tampered_by,
    });
    tenant.events.exchange(number, lied);
}
