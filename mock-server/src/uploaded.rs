//! The files that were uploaded in exchanges, whichever way.

use std::collections::BTreeMap;
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::bulk;
use crate::exchange::{Endpoint, Exchange};
use crate::model::Content;

/// A file as a client has sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    /// The number of the exchange that carried it, or the last part of it.
    pub exchange: u64,
    /// Its name, decoded; empty when chunks were sent and never put together.
    pub name: String,
    /// Its bytes.
    pub content: Content,
}

/// All files in these exchanges, in the order in which they were sent: by PUT, in chunks (also when they were never
/// put together), or many in one request. Those that the server refused are among them.
pub fn uploaded_files(exchanges: &[Arc<Exchange>]) -> Vec<UploadedFile> {
    let mut files = Vec::new();
    let mut uploads: BTreeMap<&str, Chunks> = BTreeMap::new();
    for exchange in exchanges {
        let number = exchange.number;
        match exchange.endpoint {
            Endpoint::PutFile => files.push(UploadedFile {
                exchange: number,
                name: last_name(&exchange.path).to_owned(),
                content: exchange.request_content(),
            }),
            Endpoint::PutChunk => {
                let (upload, name) = exchange.path.rsplit_once('/').unwrap_or_default();
                let chunks = uploads.entry(upload).or_default();
                chunks.by_name.insert(natural(name), exchange.request_content());
                chunks.last = number;
            }
            Endpoint::MoveChunks => {
                let (upload, _) = exchange.path.rsplit_once('/').unwrap_or_default();
                let destination = exchange.request_header("destination").unwrap_or_default();
                let name = percent_decode_str(last_name(destination)).decode_utf8_lossy().into_owned();
                // A server that refuses keeps the chunks: they may be moved again.
                if let Some(chunks) = uploads.get(upload) {
                    files.push(UploadedFile { exchange: number, name, content: chunks.joined() });
                }
                if exchange.status < 300 {
                    uploads.remove(upload);
                }
            }
            Endpoint::PostBulk => {
                let kind = exchange.request_header("content-type").unwrap_or_default();
                let parts = bulk::parts(kind, &exchange.request_body).unwrap_or_default().into_iter();
                files.extend(parts.map(|part| UploadedFile {
                    exchange: number,
                    name: last_name(&part.path).to_owned(),
                    content: part.content.into(),
                }));
            }
            _ => {}
        }
    }
    let left = uploads.into_values().map(|chunks| UploadedFile {
        exchange: chunks.last,
        name: String::new(),
        content: chunks.joined(),
    });
    files.extend(left);
    files.sort_by_key(|file| file.exchange);
    files
}

/// Numbers by their value, then texts: the order in which the server puts chunks together.
pub(crate) fn natural(name: &str) -> (u64, String) {
    (name.parse().unwrap_or(u64::MAX), name.to_owned())
}

#[derive(Default)]
struct Chunks {
    by_name: BTreeMap<(u64, String), Content>,
    last: u64,
}

impl Chunks {
    fn joined(&self) -> Content {
        let joined = Content::joined(self.by_name.values().cloned());
        let in_memory = joined.held() == joined.len();
        if in_memory { joined.to_bytes().map_or(joined, Content::from) } else { joined }
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
