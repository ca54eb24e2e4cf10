//! Another way to the server than the network.

use bytes::Bytes;
use e2ee_adapter::client::BoxFuture;
use std::fmt::Debug;

/// Carries requests to a server that is in the same process.
pub trait Transport: Debug + Send + Sync {
    /// Carries one request, with an absolute URL, and brings the whole answer back; else the reason why there is none, as
    /// a fragment. When more than `most` bytes of its body have come, nothing more is fetched: the body is what has come.
    fn send(
        &self,
        request: http::Request<Bytes>,
        most: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, String>>;
}
