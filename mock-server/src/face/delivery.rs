//! The body of an answer, which tells the recorder when it has gone to the connection.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::tenant::State;

/// Which exchange an answer belongs to.
pub(crate) struct Receipt {
    pub(crate) tenant: Arc<State>,
    pub(crate) number: u64,
}

/// The body of an answer, in one piece.
pub(crate) struct Delivery {
    data: Option<Bytes>,
    receipt: Option<Receipt>,
}

impl Delivery {
    pub(crate) fn new(data: Bytes, receipt: Option<Receipt>) -> Self {
        Self { data: Some(data).filter(|data| !data.is_empty()), receipt }
    }

    fn delivered(&mut self) {
        if let Some(Receipt { tenant, number }) = self.receipt.take() {
            tenant.recorder().delivered(number);
        }
    }
}

impl Body for Delivery {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.data.take();
        self.delivered();
        Poll::Ready(data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}

impl Drop for Delivery {
    /// An empty body is never polled: it is dropped when the head is written.
    fn drop(&mut self) {
        if self.data.is_none() {
            self.delivered();
        }
    }
}
