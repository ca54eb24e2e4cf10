//! The way of a request through the server.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use hyper::body::Body;
use hyper::{Request, Response};

use super::body;
use super::call::Head;
use super::dav;
use super::delivery::Receipt;
use super::fault::{self, Cut, Done, Pace, Told};
use super::reply::Reply;
use super::route;
use crate::adversary::lie::{Aim, Pause};
use crate::exchange::Endpoint;
use crate::journal::StateError;
use crate::model::Content;
use crate::record::{Record, Said, Texts};
use crate::server::Shared;
use crate::tenant::State;

/// Answers a request to any tenant.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    address: IpAddr,
    request: Request<impl Body<Data = Bytes> + Unpin>,
) -> Result<Response<Told>, Cut> {
    let (parts, body) = request.into_parts();
    let uri = parts.uri.clone();
    let Some((tenant, path)) = shared.route(uri.path()) else {
        return Ok(tell(Reply::text(404, "There is no such tenant.\n"), Pace::Whole, None));
    };
    let mut response = answer_of(&shared, Arc::clone(&tenant), address, (parts, path), body).await?;
    // Otherwise hyper tells the machine's time.
    if tenant.options.seed.is_some()
        && let Ok(date) = dav::http_date(tenant.model().clock().now()).try_into()
    {
        response.headers_mut().insert(http::header::DATE, date);
    }
    Ok(response)
}

async fn answer_of(
    shared: &Shared,
    tenant: Arc<State>,
    address: IpAddr,
    (parts, path): (Parts, &str),
    body: impl Body<Data = Bytes> + Unpin,
) -> Result<Response<Told>, Cut> {
    let head = match Head::new(&tenant, parts, path, address) {
        Ok(head) => head,
        Err(reply) => return Ok(tell(reply, Pace::Whole, None)),
    };
    let endpoint = route::endpoint(&head);
    let body = match body::receive(body, &tenant, endpoint, &shared.limits, &shared.underway).await {
        Ok(body) => body,
        Err(reply) => return Ok(tell(reply, Pace::Whole, None)),
    };
    let micros = tenant.micros();
    let lies = tenant.lies();
    let aim = Aim::of(&tenant, (endpoint, &head), &lies);
    let mut kept_waiting = Vec::new();
    for lie in lies.iter() {
        let pause = lie.before(&aim, &head.asker);
        if matches!(pause, Pause::Delay(_)) {
            kept_waiting.push(lie.name().to_owned());
            let waiting =
                Waiting { tenant: &tenant, head: &head, endpoint, body: &body, micros, by: lie.name() };
            pause.wait().await;
            // He is still there.
            std::mem::forget(waiting);
        } else {
            pause.wait().await;
        }
    }
    // From here on nothing waits: a client that hangs up does not undo what it has asked for.
    let cued = fault::play_cues(&tenant, &lies, &aim, &head.asker);
    let lies = if cued.is_empty() { lies } else { tenant.lies() };
    let Done { number, mut tampered_by, reply, pace } = fault::carry_out(&tenant, &head, &aim, &body, &lies);
    tampered_by.extend(cued);
    tampered_by.extend(kept_waiting);
    record(&tenant, &head, endpoint, body, &reply, (number, micros), tampered_by);
    if let Some(order) = tenant.order() {
        tenant.compact_if_due();
        if let Err(error) = order.durable().await {
            return Ok(tell(not_kept(&error), Pace::Whole, None));
        }
    }
    let receipt = Receipt { tenant, number };
    pace.map(|pace| tell(reply, pace, Some(receipt))).ok_or(Cut)
}

/// A request that is kept waiting. Of whoever hangs up meanwhile nothing is carried out, and that he came is recorded.
struct Waiting<'a> {
    tenant: &'a State,
    head: &'a Head,
    endpoint: Endpoint,
    body: &'a Content,
    micros: u64,
    by: &'static str,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Self { tenant, head, endpoint, body, micros, by } = *self;
        let number = (tenant.next_number(), micros);
        record(tenant, head, endpoint, body.clone(), &Reply::unanswered(), number, vec![by.to_owned()]);
    }
}

/// An answer on its way; one that does not come in full is never delivered.
fn tell(reply: Reply, pace: Pace, receipt: Option<Receipt>) -> Response<Told> {
    let (whole, slow) = match pace {
        Pace::Whole => (receipt, None),
        Pace::Half => (None, None),
        Pace::Drip(_) | Pace::Endless => (None, receipt),
    };
    reply.into_response(whole).map(|body| Told::new(body, pace, slow))
}

/// The answer when the state cannot be kept.
pub(super) fn not_kept(error: &StateError) -> Reply {
    let status = if matches!(error, StateError::Full { .. }) { 507 } else { 500 };
    Reply::text(status, &format!("{error}\n"))
}

fn record(
    tenant: &State,
    head: &Head,
    endpoint: Endpoint,
    request: Content,
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
    let texts = Texts::of(&Said {
        user: head.asker.user.as_deref(),
        device: head.asker.device.as_deref(),
        method: &head.method,
        path: &head.path,
        query: &head.query,
        request_headers: &head.headers,
        response_headers: &reply.headers,
    });
    let record = Record {
        number,
        micros,
        endpoint,
        texts,
        request,
        status: reply.status,
        response_body: reply.body.clone(),
        response_file: reply.file.clone(),
        delivered: false,
        tampered_by,
    };
    tenant.recorder().record(record);
    tenant.events.exchange(number, lied);
}
