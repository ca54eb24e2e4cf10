//! The bytes of files on their way to the server.

use super::Work;
use super::lock::pause;
use crate::defects::Defect;
use crate::server::{DavPath, LockToken, ServerError, Transfer};
use bytes::Bytes;
use tokio::time::sleep;

/// How often a chunk is sent when the server does not answer.
const CHUNK_ATTEMPTS: u8 = 3;

impl Work<'_> {
    /// Uploads an encrypted file; a long one, if it `is_new`, in chunks. A file that was put together of chunks is there at
    /// once, and no release of the lock takes it back: what replaces something goes in one piece.
    pub(super) async fn upload(
        &mut self,
        to: &DavPath,
        is_new: bool,
        token: &LockToken,
        sealed: Vec<u8>,
        headers: &[(&str, String)],
    ) -> Result<(), ServerError> {
        if !is_new || sealed.len() <= self.account.http.chunk() {
            return self.account.http.put(to, Some(token), sealed, headers).await;
        }
        let mut transfer = match self.account.kept_transfer.take() {
            Some(kept) => kept,
            None => self.account.http.begin_transfer(to).await?,
        };
        let sealed = Bytes::from(sealed);
        let total = Some(sealed.len()).filter(|_| !self.has(Defect::AssemblesWhatIsThere));
        if let Err(e) = self.send_chunks(&mut transfer, to, &sealed).await {
            if self.has(Defect::ResumesWithOtherContent) {
                self.account.kept_transfer = Some(transfer);
            } else {
                self.account.http.drop_transfer(&transfer).await;
            }
            return Err(e);
        }
        let ended = self.account.http.end_transfer(&transfer, to, token, total, headers).await;
        if ended.is_err() {
            // Nobody knows how far it came.
            self.account.http.drop_transfer(&transfer).await;
            self.take_back(to, token).await;
        }
        ended
    }

    /// Removes what was put together of chunks and is named nowhere, as well as it can be done under the lock.
    pub(super) async fn take_back(&self, uploaded: &DavPath, token: &LockToken) {
        let _ = self.account.http.delete(uploaded, Some(token)).await;
    }

    /// What does not arrive is sent again, and is the same bytes then.
    async fn send_chunks(
        &self,
        transfer: &mut Transfer,
        to: &DavPath,
        sealed: &Bytes,
    ) -> Result<(), ServerError> {
        let length = self.account.http.chunk();
        let starts = (0..sealed.len()).step_by(length);
        for (position, start) in starts.enumerate().skip(transfer.sent) {
            let chunk = sealed.slice(start..sealed.len().min(start.saturating_add(length)));
            let mut attempt = 0;
            loop {
                attempt += 1;
                match self.account.http.send_chunk(transfer, position + 1, to, chunk.clone()).await {
                    Err(_) if self.has(Defect::AssemblesWhatIsThere) => break,
                    Err(e) if e.is_passing() && attempt < CHUNK_ATTEMPTS => sleep(pause(attempt)).await,
                    sent => break sent?,
                }
            }
            transfer.sent = position + 1;
        }
        Ok(())
    }
}
