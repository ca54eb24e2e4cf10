//! What a malicious server may answer instead of the truth.
//!
//! The face asks every [`Lie`] in force, in the order in which they were told, whenever it is about to state
//! a fact to a reader; each sees what the one before it made of the fact. A lie whose hook changed the fact
//! is named in [`Exchange::tampered_by`](crate::Exchange::tampered_by).
//! So is one that recognises the told fact as its own work. Hooks run on the server's threads without any lock
//! held: they may look at the tenant's model, and they must return at once.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::moves::Move;
use crate::exchange::Endpoint;
use crate::model::{Content, FileId, LockError};

/// A standing lie: hooks that replace what the server tells. Every default is the truth.
pub trait Lie: Send + Sync {
    /// The move's name in scenario spelling, for example `insert_phantom`.
    fn name(&self) -> &'static str;

    /// The value under `end-to-end-encryption` in the capabilities; `Null` leaves the member out.
    fn capabilities(&self, told_to: &Asker, honest: Value) -> Value {
        let _ = told_to;
        honest
    }

    /// The server key, an SPKI public key in PEM.
    fn server_key(&self, told_to: &Asker, honest: String) -> String {
        let _ = told_to;
        honest
    }

    /// The certificate of the user `of` in PEM; `None` is "not found".
    fn certificate(&self, told_to: &Asker, of: &str, honest: Option<String>) -> Option<String> {
        let _ = (told_to, of);
        honest
    }

    /// All certificates in PEM that one answer holds, by user id, after [`certificate`](Self::certificate).
    fn certificates(&self, told_to: &Asker, honest: Map<String, Value>) -> Map<String, Value> {
        let _ = told_to;
        honest
    }

    /// The certificate in PEM that answers a certificate request (PEM). The honest one is stored.
    fn issued_certificate(&self, told_to: &Asker, csr: &str, honest: String) -> String {
        let _ = (told_to, csr);
        honest
    }

    /// The private-key blob of the asker; `None` is "not found".
    fn private_key(&self, told_to: &Asker, honest: Option<String>) -> Option<String> {
        let _ = told_to;
        honest
    }

    /// The metadata of a folder, in the E2EE API as well as in the DAV properties; `None` is "not found".
    fn metadata(
        &self,
        told_to: &Asker,
        folder: FileId,
        honest: Option<SignedMetadata>,
    ) -> Option<SignedMetadata> {
        let _ = (told_to, folder);
        honest
    }

    /// The same in one of the two channels only, after [`metadata`](Self::metadata). By default both tell the same.
    fn metadata_over(
        &self,
        channel: Channel,
        told_to: &Asker,
        folder: FileId,
        honest: Option<SignedMetadata>,
    ) -> Option<SignedMetadata> {
        let _ = (channel, told_to, folder);
        honest
    }

    /// What members are told of a folder that is no more and whose `last` metadata the server still has; `None`: as of
    /// any folder that is not there.
    fn last_word(&self, told_to: &Asker, folder: FileId, last: &SignedMetadata) -> Option<SignedMetadata> {
        let _ = (told_to, folder, last);
        None
    }

    /// What a listing says of a node beside its name and its encryption.
    fn listed(&self, told_to: &Asker, node: FileId, honest: Listed) -> Listed {
        let _ = (told_to, node);
        honest
    }

    /// Whose files a listing of the asker's root shows: a user id.
    fn root(&self, told_to: &Asker, honest: String) -> String {
        let _ = told_to;
        honest
    }

    /// The property `oc:data-fingerprint`, which changes when a server was restored from a backup.
    fn data_fingerprint(&self, told_to: &Asker, honest: String) -> String {
        let _ = told_to;
        honest
    }

    /// The encrypted flag of a node, as the DAV properties show it; `None`: the server does not have the property.
    fn encrypted_flag(&self, told_to: &Asker, node: FileId, honest: Option<bool>) -> Option<bool> {
        let _ = (told_to, node);
        honest
    }

    /// The bytes of a file. Size and checksum are told as the model has them.
    fn file_bytes(&self, told_to: &Asker, node: FileId, honest: Content) -> Content {
        let _ = (told_to, node);
        honest
    }

    /// Whether a node is left out of listings.
    fn hidden(&self, told_to: &Asker, node: FileId) -> bool {
        let _ = (told_to, node);
        false
    }

    /// What a request waits for before it is looked at. The body has arrived, nothing has changed yet.
    fn before(&self, aim: &Aim, told_to: &Asker) -> Pause {
        let _ = (aim, told_to);
        Pause::None
    }

    /// A move that the request sets off: it is played when the request has arrived, before anything else happens.
    fn cue(&self, aim: &Aim, told_to: &Asker) -> Option<Move> {
        let _ = (aim, told_to);
        None
    }

    /// How a lock is granted that the honest server has refused; `None`: it is refused.
    fn grant(&self, told_to: &Asker, folder: FileId, refused: LockError) -> Option<Grant> {
        let _ = (told_to, folder, refused);
        None
    }

    /// What stands in the place of the token of a lock that was granted; `None` leaves the member out.
    fn lock_token(&self, told_to: &Asker, folder: FileId, honest: Option<Value>) -> Option<Value> {
        let _ = (told_to, folder);
        honest
    }

    /// Whether a folder stays locked although its lock was released.
    fn keeps_lock(&self, told_to: &Asker, folder: FileId) -> bool {
        let _ = (told_to, folder);
        false
    }

    /// What goes wrong with a request.
    fn fault(&self, aim: &Aim, told_to: &Asker) -> Option<Fault> {
        let _ = (aim, told_to);
        None
    }

    /// Whether a node that is listed, and not hidden, shows the work of the move that left this lie behind.
    fn shows(&self, told_to: &Asker, node: FileId) -> bool {
        let _ = (told_to, node);
        false
    }

    /// Whether what is listed in this folder, and what is not, is the work of the move that left this lie behind.
    fn lists(&self, folder: FileId) -> bool {
        let _ = folder;
        false
    }

    /// Whether this metadata, told in the end, is the work of the move that left this lie behind. For moves
    /// that change the model and not the answers.
    fn made_metadata(&self, told_to: &Asker, folder: FileId, told: &SignedMetadata) -> bool {
        let _ = (told_to, folder, told);
        false
    }

    /// Whether these bytes, told in the end, are the work of the move that left this lie behind.
    fn made_file(&self, node: FileId, told: &Content) -> bool {
        let _ = (node, told);
        false
    }
}

/// Who asks. Both members are `None` for an anonymous request or wrong credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Asker {
    /// The user id.
    pub user: Option<String>,
    /// The label of the credential that was used, which stands for a device.
    pub device: Option<String>,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aim {
    /// The operation.
    pub endpoint: Endpoint,
    /// The nodes that its address and the header `Destination` name: their paths in their owners' files, for example
    /// `plans/4f2a…`. They need not be there yet.
    pub paths: Vec<String>,
}

/// A metadata document with the signature that the server keeps beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedMetadata {
    /// The document as it was sent, JSON.
    pub document: String,
    /// What stands in the header `X-NC-E2EE-SIGNATURE`: base64 of a detached CMS. `None` leaves the header
    /// out altogether, which the real server never does for metadata 2.x.
    pub signature: Option<String>,
}

/// How metadata are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// As the answer of `GET meta-data`.
    Api,
    /// As properties of the folder, by PROPFIND.
    Dav,
}

/// What a listing says of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The identifier.
    pub id: FileId,
    /// The ETag without quotes.
    pub etag: String,
    /// When it was changed, in seconds since 1970.
    pub modified: i64,
    /// Bytes.
    pub size: u64,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// What the asker may do with it: the letters of `oc:permissions`.
    pub permissions: String,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An error stands in the place of the answer.
    Status {
        /// The HTTP status.
        status: u16,
        /// Whether the request is carried out all the same.
        carried_out: bool,
        /// After how many seconds the client may try again, as the header `Retry-After` tells.
        retry_after: Option<u32>,
    },
    /// Success is the HTTP status, and this is the status code inside of the OCS answer. Nothing is carried out.
    Inside {
        /// As an HTTP status.
        status: u16,
    },
    /// The connection is reset without an answer.
    Reset {
        /// Whether the request is carried out all the same.
        carried_out: bool,
    },
    /// The request is carried out; the connection ends after half of the answer's body.
    HalfBody,
    /// The request is carried out; the answer's body comes byte by byte with pauses.
    Drip(Duration),
    /// The request is carried out; the answer's body has no end that anybody should wait for.
    Endless,
    /// The request is carried out; the answer's body is compressed, and very long once it is inflated.
    Compressed,
    /// The request is carried out twice, and answered as the second time.
    Twice,
    /// The request is answered as if it were carried out, and is not.
    Pretence,
    /// The request is answered with a listing in which nothing stands.
    NothingListed,
}

/// How a lock is granted that an honest server refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grant {
    /// With a token of its own, beside whoever holds the lock.
    Beside,
    /// With the token of whoever holds the lock.
    Shared,
    /// With a token of its own, which alone is good from now on.
    Instead,
}

/// What a request waits for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Pause {
    /// Nothing.
    None,
    /// A time.
    Delay(Duration),
    /// Other requests.
    Meet(Arc<Rendezvous>),
    /// The end of its connection: it is never carried out.
    Forever,
}

impl Pause {
    /// Waits as long as it takes.
    pub(crate) async fn wait(self) {
        match self {
            Self::None => {}
            Self::Delay(time) => tokio::time::sleep(time).await,
            Self::Meet(rendezvous) => rendezvous.meet().await,
            Self::Forever => std::future::pending().await,
        }
    }
}

/// A place where `count` requests wait for each other. Once they have met, everybody passes.
#[derive(Debug)]
pub struct Rendezvous {
    count: usize,
    give_up: Duration,
    waiting: tokio::sync::watch::Sender<usize>,
}

impl Rendezvous {
    /// A place for `count` requests, each of which goes on alone after `give_up`.
    pub fn new(count: usize, give_up: Duration) -> Arc<Self> {
        Arc::new(Self { count, give_up, waiting: tokio::sync::watch::Sender::new(0) })
    }

    /// Whether the requests have met.
    pub fn met(&self) -> bool {
        *self.waiting.borrow() >= self.count
    }

    async fn meet(&self) {
        let mut waiting = self.waiting.subscribe();
        let _leave = Leave(self);
        self.waiting.send_modify(|n| *n = n.saturating_add(1));
        let all_here = waiting.wait_for(|n| *n >= self.count);
        // Whoever has waited in vain goes on alone, so that a sequential client is merely slowed down.
        let _ = tokio::time::timeout(self.give_up, all_here).await;
    }
}

/// Takes a request off the count when it gives up or its connection is gone, unless all have met.
struct Leave<'a>(&'a Rendezvous);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let count = self.0.count;
        self.0.waiting.send_modify(|n| {
            if *n < count {
                *n = n.saturating_sub(1);
            }
        });
    }
}
