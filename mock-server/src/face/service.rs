//! The way of a request through the server.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};

use super::again::SentAgain;
use super::call::{Call, Head};
use super::dav;
use super::delivery::{Delivery, Receipt};
use super::reply::Reply;
use super::route;
use crate::adversary::lie::Fault;
use crate::exchange::{Endpoint, Exchange};
use crate::journal::{Change, StateError};
use crate::order;
use crate::server::Shared;
use crate::tenant::State;

/// Answers a request to any tenant.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    address: IpAddr,
    request: Request<Incoming>,
) -> Response<Delivery> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Some((tenant, path)) = shared.route(&path) else {
        return Reply::text(404, "There is no such tenant.\n").into_response(None);
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
) -> Response<Delivery> {
    let head = match Head::new(&tenant, parts, path, address) {
        Ok(head) => head,
        Err(reply) => return reply.into_response(None),
    };
    let body = match receive(body, tenant.options.max_body).await {
        Ok(body) => body,
        Err(reply) => return reply.into_response(None),
    };
    let micros = tenant.micros();
    let endpoint = route::endpoint(&head);
    let lies = tenant.lies();
    for lie in lies.iter() {
        lie.before(endpoint, &head.asker).wait().await;
    }
    // From here on nothing waits: a client that hangs up does not undo what it has asked for.
    let fault = lies.iter().find_map(|lie| Some((lie.name(), lie.fault(endpoint, &head.asker)?)));
    let mut call = Call::new(&tenant, &head, body.clone(), lies);
    let carried_out = !matches!(fault, Some((_, Fault { carried_out: false, .. })));
    let reply = match tenant.order().filter(|_| carried_out && order::may_change(&head)) {
        _ if !carried_out => Ok(Reply::empty(200)),
        None => Ok(route::handle(&mut call)),
        Some(order) => {
            let change = || Change::Request(Box::new(SentAgain::of(&head)));
            order.change(change, &body, || route::handle(&mut call), |reply| reply.status)
        }
    };
    let mut reply = reply.unwrap_or_else(|error| not_kept(&error));
    let (number, mut tampered_by) = call.finish();
    if let Some((name, Fault { status, .. })) = fault {
        reply = Reply::text(status, "The server failed.\n");
        tampered_by.push(name.to_owned());
    }
    record(&tenant, &head, endpoint, body, &reply, (number, micros), tampered_by);
    if let Some(order) = tenant.order()
        && let Err(error) = order.durable().await
    {
        return not_kept(&error).into_response(None);
    }
    let receipt = Receipt { tenant, number };
    reply.into_response(Some(receipt))
}

/// The answer when the state cannot be kept.
fn not_kept(error: &StateError) -> Reply {
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
