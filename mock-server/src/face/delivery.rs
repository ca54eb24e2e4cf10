//! The body of an answer, which tells the recorder when it has gone to the connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::model::Content;
use crate::tenant::State;

/// Which exchange an answer belongs to.
pub(crate) struct Receipt {
    pub(crate) tenant: Arc<State>,
    pub(crate) number: u64,
}

/// The body of an answer: in one piece if it is in memory, else read while it is sent.
pub(crate) struct Delivery {
    content: Content,
    /// How much has gone.
    sent: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    receipt: Option<Receipt>,
}

impl Delivery {
    pub(crate) fn new(content: Content, receipt: Option<Receipt>) -> Self {
        Self { content, sent: 0, reading: None, receipt }
    }

    fn left(&self) -> u64 {
        self.content.len() - self.sent
    }

    fn ended(&mut self) {
        if let Some(Receipt { tenant, number }) = self.receipt.take() {
            tenant.recorder().ended(number, self.left() == 0);
        }
    }
}

impl Body for Delivery {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if this.left() == 0 {
            this.ended();
            return Poll::Ready(None);
        }
        let piece = match this.content.in_memory() {
            Some(bytes) => bytes.clone(),
            None => {
                let (content, at) = (&this.content, this.sent);
                let read = || {
                    let content = content.clone();
                    tokio::task::spawn_blocking(move || content.read_at(at))
                };
                let read = ready!(Pin::new(this.reading.get_or_insert_with(read)).poll(context));
                this.reading = None;
                match read.unwrap_or_else(|error| Err(io::Error::other(error))) {
                    Ok(piece) => piece,
                    Err(error) => return Poll::Ready(Some(Err(error))),
                }
            }
        };
        this.sent += piece.len() as u64;
        if this.left() == 0 {
            this.ended();
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

impl Drop for Delivery {
    /// An empty body is never polled: it is dropped when the head is written. Any other that is dropped before its end
    /// was broken off.
    fn drop(&mut self) {
        self.ended();
    }
}
