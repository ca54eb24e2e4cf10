//! Requests of clients in the same process, answered without a connection.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Body;
use tokio::sync::watch;

use crate::face::service;
use crate::listener::{MAX_HEAD, MAX_HEADERS};
use crate::server::Shared;

/// A way to the server that spares both sides the connection. Requests are answered, recorded and lied to as those that
/// come over the network are: by all tenants, told apart by the path.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use e2ee_mock_server::MockServer;
///
/// let server = MockServer::start().await;
/// let request = http::Request::get(format!("{}/status.php", server.uri())).body(bytes::Bytes::new())?;
/// let answer = server.direct().answer(request).await?;
/// assert!(answer.status().is_success());
/// assert_eq!(server.default_tenant().exchanges().len(), 1);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Direct {
    shared: Arc<Shared>,
    stopped: watch::Receiver<bool>,
}

/// The server hung up before its answer was complete: because a lie wants it so, or because it has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server hung up before its answer was complete")]
pub struct HungUp;

impl Direct {
    pub(crate) fn new(shared: Arc<Shared>, stopped: watch::Receiver<bool>) -> Self {
        Self { shared, stopped }
    }

    /// Answers a request as if a client on the same machine had sent it. `Host`, and `Content-Length` if
    /// there is a body, are added, as every HTTP/1.1 client does (RFC 9112 sections 3.2 and 6.2). A head that is too long for a connection is too long
    /// here, and what has no body there has none here.
    ///
    /// # Errors
    /// See [`HungUp`].
    pub async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HungUp> {
        self.answer_up_to(request, usize::MAX).await
    }

    /// The same for a client that hangs up when more than `most` bytes of the body have come: its body is what had come
    /// by then.
    ///
    /// # Errors
    /// See [`HungUp`].
    pub async fn answer_up_to(
        &self,
        request: Request<Bytes>,
        most: usize,
    ) -> Result<Response<Bytes>, HungUp> {
        if *self.stopped.borrow() {
            return Err(HungUp);
        }
        let bodiless = request.method() == Method::HEAD;
        let Some(request) = as_received(request) else { return Ok(refused()) };
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let answer = service::answer(Arc::clone(&self.shared), address, request).await;
        let (parts, body) = answer.map_err(|_| HungUp)?.into_parts();
        let bodiless = bodiless || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let body = match bodiless {
            true => Bytes::new(),
            false => taken(body, most).await?,
        };
        Ok(Response::from_parts(parts, body))
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Direct(…)")
    }
}

/// A body, or as much of it as had come when it was too long.
async fn taken(mut body: impl Body<Data = Bytes> + Unpin, most: usize) -> Result<Bytes, HungUp> {
    let (mut first, mut all) = (Bytes::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let piece = frame.map_err(|_| HungUp)?.into_data().unwrap_or_default();
        match (first.is_empty(), all.is_empty()) {
            // Most bodies come in one piece, which is not copied.
            (true, true) => first = piece,
            (_, true) => all = [&first[..], &piece[..]].concat(),
            _ => all.extend_from_slice(&piece),
        }
        if first.len().max(all.len()) > most {
            break;
        }
    }
    Ok(if all.is_empty() { first } else { all.into() })
}

/// The request as it comes out of a connection; `None` if its head is too long for one.
fn as_received(request: Request<Bytes>) -> Option<Request<Full<Bytes>>> {
    let (mut parts, body) = request.into_parts();
    if !parts.headers.contains_key(HOST)
        && let Some(host) = parts.uri.authority()
    {
        parts.headers.insert(HOST, HeaderValue::from_str(host.as_str()).ok()?);
    }
    if !body.is_empty() && !parts.headers.contains_key(CONTENT_LENGTH) {
        parts.headers.insert(CONTENT_LENGTH, body.len().into());
    }
    let target = parts.uri.path_and_query()?.clone();
    let line = parts.method.as_str().len() + target.as_str().len() + " HTTP/1.1\r\n".len() + 1;
    let of_headers = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    if line + of_headers.sum::<usize>() > MAX_HEAD || parts.headers.len() > MAX_HEADERS {
        return None;
    }
    parts.uri = Uri::from(target);
    Some(Request::from_parts(parts, Full::new(body)))
}

fn refused() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    response
}
