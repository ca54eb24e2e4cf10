//! Connections: accepted, encrypted if wanted, and answered request by request.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::limits::ConnectionLimits;
use crate::seats::{Seated, Seats};
use crate::wire::{Reset, Wire};

/// The longest head of a request, in bytes, and the most headers in it.
pub(crate) const MAX_HEAD: usize = 128 * 1024;
pub(crate) const MAX_HEADERS: usize = 100;
/// How long a client usually may take to agree on encryption.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long requests that are under way may take when the server stops.
const STOP_TIME: Duration = Duration::from_secs(2);

/// Where connections come from, and how they are encrypted.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    /// How long a client may take to agree on encryption.
    pub(crate) handshake: Duration,
    /// How long it may take to send a head.
    pub(crate) head: Duration,
    pub(crate) seats: Arc<Seats>,
}

/// How one connection is served.
#[derive(Clone)]
struct Terms {
    tls: Option<(TlsAcceptor, Duration)>,
    head: Duration,
    stopped: watch::Receiver<bool>,
}

impl Listener {
    /// Connections to this socket.
    pub(crate) fn new(socket: TcpListener, tls: Option<TlsAcceptor>, limits: &ConnectionLimits) -> Self {
        let seats = Arc::new(Seats::new(limits.connections));
        Self { socket, tls, handshake: HANDSHAKE_TIME, head: limits.head, seats }
    }
}

/// Takes connections until told to stop, then lets those that are open end.
/// An error of `answer` resets its connection.
pub(crate) async fn accept<H, F, B, E>(listener: Listener, mut stopped: watch::Receiver<bool>, answer: H)
where
    H: Fn(Request<Incoming>, IpAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data = Bytes, Error = E> + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let Listener { socket, tls, handshake, head, seats } = listener;
    let terms = Terms { tls: tls.map(|tls| (tls, handshake)), head, stopped: stopped.clone() };
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => break,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                let answer = answer.clone();
                let answer = move |request| answer(request, address.ip());
                match seats.take() {
                    Some(seat) => connections.spawn(connect(stream, terms.clone(), seat, answer)),
                    None => connections.spawn(turn_away(stream, terms.tls.is_some())),
                };
            }
            // Usually too many open files: give the others time to close some.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(socket);
    let ended = async { while connections.join_next().await.is_some() {} };
    // Whoever is still busy then is cut off with the set.
    let _ = tokio::time::timeout(STOP_TIME, ended).await;
}

/// A client that speaks TLS would not understand the answer.
async fn turn_away(mut stream: TcpStream, tls: bool) {
    const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\
        connection: close\r\n\r\n";
    if !tls {
        let _ = tokio::time::timeout(Duration::from_secs(1), stream.write_all(ANSWER)).await;
    }
}

async fn connect<H, F, B, E>(stream: TcpStream, terms: Terms, seat: Seated, answer: H)
where
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes, Error = E> + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    // Answers are short: waiting for more to send would only cost time.
    let _ = stream.set_nodelay(true);
    let reset = Reset::default();
    let stream = Wire::new(stream, reset.clone());
    let answer = async |request| answer(request).await.inspect_err(|_| reset.demand());
    let Some((tls, time)) = &terms.tls else { return serve(stream, &terms, &seat, answer).await };
    let handshake = tokio::time::timeout(*time, tls.accept(stream));
    let mut stopped = terms.stopped.clone();
    let agreed = tokio::select! {
        () = seat.wanted() => return,
        _ = stopped.wait_for(|stopped| *stopped) => return,
        agreed = handshake => agreed,
    };
    // Nothing to answer to a client that does not want this encryption, or takes too long.
    if let Ok(Ok(stream)) = agreed {
        serve(stream, &terms, &seat, answer).await;
    }
}

async fn serve<S, H, F, B, E>(stream: S, terms: &Terms, seat: &Seated, answer: H)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes, Error = E> + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let service = hyper::service::service_fn(|request| {
        seat.busy();
        let answer = answer(request);
        async {
            let answer = answer.await;
            // Whoever does not read the answer cannot keep the place for ever.
            seat.idle();
            answer
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .timer(TokioTimer::new())
        .header_read_timeout(terms.head)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let mut stopped = terms.stopped.clone();
    tokio::select! {
        // What a client breaks off is its own affair.
        _ = connection.as_mut() => return,
        () = seat.wanted() => return,
        _ = stopped.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use http_body_util::Full;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::tls::Tls;

    #[tokio::test]
    async fn who_never_agrees_on_encryption_is_hung_up_on() {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let tls = Some(Tls::certified_for(&[]).unwrap().acceptor);
        let handshake = Duration::from_millis(200);
        let limits = ConnectionLimits::default();
        let listener = Listener { handshake, ..Listener::new(socket, tls, &limits) };
        let (_stop, stopped) = watch::channel(false);
        let answer = |_, _| async { Ok(Response::new(Full::new(Bytes::new()))) };
        tokio::spawn(accept(listener, stopped, answer));
        let mut silent = TcpStream::connect(address).await.unwrap();
        let (begun, mut heard) = (Instant::now(), [0; 16]);
        let read = tokio::time::timeout(Duration::from_secs(10), silent.read(&mut heard));
        assert_eq!(read.await.unwrap().unwrap(), 0);
        assert!(begun.elapsed() >= handshake);
    }
}
