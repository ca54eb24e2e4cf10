//! Bodies while they arrive.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::{Instant, timeout};

use super::reply::Reply;
use crate::exchange::Endpoint;
use crate::limits::ConnectionLimits;
use crate::model::Content;
use crate::spill::{Spill, SpillWriter};
use crate::tenant::State;

/// Files that are longer go to a temporary file; chunks are kept by the thousand until they make a file.
const LONG_FILE: usize = 1024 * 1024;
const LONG_CHUNK: usize = 64 * 1024;
/// What is no file is read as a whole: longer bodies are refused.
const LONGEST_IN_MEMORY: u64 = 64 * 1024 * 1024;
/// Written at once.
const BLOCK: usize = 256 * 1024;

/// How many bytes of bodies are in memory before their requests are answered, in all connections of a server.
#[derive(Debug, Default)]
pub(crate) struct Underway {
    bytes: AtomicU64,
}

/// Receives a body, or makes the answer to one that is too long, too slow or broken off.
pub(crate) async fn receive(
    mut body: impl Body<Data = Bytes> + Unpin,
    tenant: &State,
    endpoint: Endpoint,
    limits: &ConnectionLimits,
    underway: &Arc<Underway>,
) -> Result<Content, Reply> {
    // A state file takes bodies as a whole.
    let spill = tenant.options.spill.as_ref().filter(|_| tenant.options.state.is_none());
    let (spill, long) = match endpoint {
        Endpoint::PutFile => (spill, LONG_FILE),
        Endpoint::PutChunk => (spill, LONG_CHUNK),
        _ => (None, usize::MAX),
    };
    let most = tenant.options.max_body as u64;
    let most = if spill.is_some() { most } else { most.min(LONGEST_IN_MEMORY) };
    if body.size_hint().lower() > most {
        return Err(too_long(most));
    }
    if body.is_end_stream() {
        return Ok(Content::default());
    }
    let mut share = Share { underway: Arc::clone(underway), bytes: 0 };
    let mut received = Received::Memory(BytesMut::new());
    let (started, mut length) = (Instant::now(), 0u64);
    loop {
        let frame = match timeout(limits.idle, body.frame()).await {
            Err(_) => return Err(close(Reply::text(408, "The body does not go on.\n"))),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(close(Reply::text(400, "The body broke off.\n"))),
            Ok(Some(Ok(frame))) => frame,
        };
        // Trailers mean nothing here.
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > most {
            return Err(too_long(most));
        }
        let spent = started.elapsed();
        if spent > limits.idle && (length as f64) < spent.as_secs_f64() * limits.bytes_per_second as f64 {
            return Err(close(Reply::text(408, "The body comes too slowly.\n")));
        }
        received = received.add(data, spill, long).await.map_err(cannot_keep)?;
        share.hold(received.held(), limits.bodies)?;
    }
    received.end().await.map_err(cannot_keep)
}

enum Received {
    Memory(BytesMut),
    File(Box<SpillWriter>, BytesMut),
}

impl Received {
    fn held(&self) -> u64 {
        match self {
            Self::Memory(bytes) | Self::File(_, bytes) => bytes.len() as u64,
        }
    }

    async fn add(self, data: Bytes, spill: Option<&Spill>, long: usize) -> io::Result<Self> {
        match (self, spill) {
            (Self::Memory(mut bytes), Some(spill)) if bytes.len() + data.len() > long => {
                bytes.extend_from_slice(&data);
                let spill = spill.clone();
                blocking(move || write(spill.writer()?, bytes)).await
            }
            (Self::File(writer, mut bytes), _) => {
                bytes.extend_from_slice(&data);
                if bytes.len() < BLOCK {
                    return Ok(Self::File(writer, bytes));
                }
                blocking(move || write(*writer, bytes)).await
            }
            (Self::Memory(mut bytes), _) => {
                bytes.extend_from_slice(&data);
                Ok(Self::Memory(bytes))
            }
        }
    }

    async fn end(self) -> io::Result<Content> {
        match self {
            Self::Memory(bytes) => Ok(bytes.freeze().into()),
            Self::File(mut writer, bytes) => {
                blocking(move || {
                    writer.write(&bytes)?;
                    writer.finish().map(Content::from)
                })
                .await
            }
        }
    }
}

fn write(mut writer: SpillWriter, mut bytes: BytesMut) -> io::Result<Received> {
    writer.write(&bytes)?;
    bytes.clear();
    Ok(Received::File(Box::new(writer), bytes))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// What one body holds of the memory for all.
struct Share {
    underway: Arc<Underway>,
    bytes: u64,
}

impl Share {
    fn hold(&mut self, bytes: u64, most: u64) -> Result<(), Reply> {
        let all = &self.underway.bytes;
        if bytes > self.bytes {
            let more = bytes - self.bytes;
            if all.fetch_add(more, Ordering::Relaxed) + more > most {
                all.fetch_sub(more, Ordering::Relaxed);
                let busy = Reply::text(503, "Too many bodies are under way.\n").header("retry-after", "1");
                return Err(close(busy));
            }
        } else {
            all.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.underway.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

fn too_long(most: u64) -> Reply {
    close(Reply::text(413, &format!("The body is longer than {most} bytes.\n")))
}

fn cannot_keep(error: io::Error) -> Reply {
    let why = match error.kind() {
        io::ErrorKind::StorageFull => "there is no room for more".to_owned(),
        kind => kind.to_string(),
    };
    close(Reply::text(507, &format!("The file cannot be kept: {why}.\n")))
}

/// The rest of the body is not read.
fn close(reply: Reply) -> Reply {
    reply.header("connection", "close")
}
