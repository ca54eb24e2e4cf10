//! Long files in chunks: a folder of their own below `uploads`, and a MOVE that makes one file of all of them.

use super::dav::{DavPath, SEGMENT};
use super::folder::{LockToken, authorised};
use super::http::{Http, ServerError};
use bytes::Bytes;
use e2ee_reference::random;
use percent_encoding::utf8_percent_encode;

/// Chunks that are under way.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    /// Drawn: it says nothing about the file.
    id: String,
    /// How many chunks the server has.
    pub(crate) sent: usize,
}

impl Http {
    /// The longest file that goes in one piece, and the length of a chunk.
    pub(crate) fn chunk(&self) -> usize {
        self.limits.chunk.max(1)
    }

    /// Every request of a transfer names where the file will be.
    pub(crate) async fn begin_transfer(&self, to: &DavPath) -> Result<Transfer, ServerError> {
        let transfer = Transfer { id: hex::encode(random::array::<16>()), sent: 0 };
        let request =
            self.dav_at("MKCOL", &self.place_of(&transfer, "")).header("Destination", self.address(to));
        self.dav_answer("MKCOL uploads", request).await.map(|_| transfer)
    }

    /// Chunks are numbered from 1. Sent again, a chunk takes its own place.
    pub(crate) async fn send_chunk(
        &self,
        transfer: &Transfer,
        number: usize,
        to: &DavPath,
        bytes: Bytes,
    ) -> Result<(), ServerError> {
        let place = self.place_of(transfer, &format!("/{number:05}"));
        let request = self.dav_at("PUT", &place).header("Destination", self.address(to)).body(bytes);
        self.dav_answer("PUT chunk", request).await.map(drop)
    }

    /// Makes a file of the chunks. A server that has been told the `total` length makes none of fewer bytes.
    pub(crate) async fn end_transfer(
        &self,
        transfer: &Transfer,
        to: &DavPath,
        token: &LockToken,
        total: Option<usize>,
        headers: &[(&str, String)],
    ) -> Result<(), ServerError> {
        let mut request = self.dav_at("MOVE", &self.place_of(transfer, "/.file"));
        request = authorised(request, token).header("Destination", self.address(to));
        if let Some(total) = total {
            request = request.header("OC-Total-Length", total);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.dav_answer("MOVE chunks", request).await.map(drop)
    }

    /// Has the server forget the chunks, or does not care: it forgets them by itself after a day.
    pub(crate) async fn drop_transfer(&self, transfer: &Transfer) {
        let request = self.dav_at("DELETE", &self.place_of(transfer, ""));
        let _ = self.dav_answer("DELETE uploads", request).await;
    }

    fn place_of(&self, Transfer { id, .. }: &Transfer, below: &str) -> String {
        format!("/remote.php/dav/uploads/{}/{id}{below}", utf8_percent_encode(self.user(), SEGMENT))
    }
}
