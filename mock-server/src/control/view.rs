//! What the control API shows. No passwords, no private keys, no tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2ee_reference::metadata::Document;
use schemars::JsonSchema;
use serde::Serialize;

use crate::exchange::{Endpoint, Exchange};
use crate::headers::Headers;
use crate::model::{FileId, KeyOwner, Model, ShareType};

/// More nodes are left out.
const MAX_NODES: usize = 10_000;

/// What a tenant's server knows.
#[derive(Serialize, JsonSchema)]
pub(super) struct State {
    /// The tenant's time, in seconds since 1970.
    now: i64,
    /// The accounts.
    users: Vec<User>,
    /// The folders with the encrypted flag.
    folders: Vec<Folder>,
    /// All files and folders, also those in encrypted folders, under the names that the server has; at most 10 000.
    nodes: Vec<Node>,
    /// How many files and folders were left out.
    nodes_left_out: usize,
    /// The shares.
    shares: Vec<Share>,
}

/// An account.
#[derive(Serialize, JsonSchema)]
struct User {
    /// The user id.
    user: String,
    /// The groups that it is in.
    groups: Vec<String>,
    /// The labels of its passwords.
    devices: Vec<String>,
    /// Its certificate, PEM.
    certificate: Option<String>,
    /// Whether a private-key blob is stored.
    has_private_key: bool,
}

/// A folder with the encrypted flag.
#[derive(Serialize, JsonSchema)]
struct Folder {
    /// Its number.
    id: u64,
    /// Whose it is.
    owner: Option<String>,
    /// The path in the owner's files.
    path: String,
    /// The counter that the next lock has to exceed.
    counter: i64,
    /// Since when it is locked, in seconds since 1970; `null`: it is not.
    locked_since: Option<i64>,
    /// The final metadata; `null`: none.
    metadata: Option<Metadata>,
}

/// What can be said about metadata without a key.
#[derive(Serialize, JsonSchema)]
struct Metadata {
    /// The version that stands in it, `2.0` or `2.1`; `null`: older, or unreadable.
    version: Option<String>,
    /// The user ids that stand in it.
    users: Vec<String>,
    /// Its length.
    bytes: usize,
    /// Whether there is a signature.
    signed: bool,
}

/// A file or folder.
#[derive(Serialize, JsonSchema)]
struct Node {
    /// Its number.
    id: u64,
    /// Whose it is.
    owner: Option<String>,
    /// The path in the owner's files; empty for the root.
    path: String,
    /// Whether it is a folder.
    folder: bool,
    /// The length of the file, or of all files below the folder.
    bytes: u64,
    /// The ETag without quotes.
    etag: String,
    /// When it was changed, in seconds since 1970.
    modified: i64,
}

/// A share.
#[derive(Serialize, JsonSchema)]
struct Share {
    /// Its number.
    id: u64,
    /// What is shared, by its number.
    node: u64,
    /// Who made it.
    by: String,
    /// With whom.
    kind: Kind,
    /// The user or group; `null` for a link.
    with: Option<String>,
    /// What it allows, as the share API writes it: 1 read, 2 update, 4 create, 8 delete, 16 share.
    permissions: u8,
    /// When it was made, in seconds since 1970.
    since: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Kind {
    User,
    Group,
    Link,
}

/// The final metadata of a folder.
#[derive(Serialize, JsonSchema)]
pub(super) struct SignedMetadata {
    /// The document as it was sent.
    document: String,
    /// The signature, base64 of a detached CMS; `null`: none.
    signature: Option<String>,
    /// The counter that the next lock has to exceed.
    counter: i64,
}

/// Exchanges, oldest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Exchanges {
    pub(super) exchanges: Vec<Summary>,
    /// The number to ask for next with `after`; `null`: there are no more yet.
    pub(super) next: Option<u64>,
    /// How many exchanges are no longer kept.
    pub(super) dropped: u64,
}

/// An exchange without its headers and bodies.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExchangeSummary")]
pub(super) struct Summary {
    /// Counts the tenant's exchanges in the order in which they took effect.
    number: u64,
    /// When the request had arrived, in microseconds since the tenant was made.
    micros: u64,
    /// The user id, if the credentials were right.
    user: Option<String>,
    /// The label of the credential.
    device: Option<String>,
    /// The verb.
    method: String,
    /// The path, percent-decoded, without the tenant's prefix.
    path: String,
    /// The query as it was sent.
    query: String,
    endpoint: Endpoint,
    /// The HTTP status of the answer.
    status: u16,
    /// Whether the whole answer was handed to the connection.
    delivered: bool,
    /// The names of the moves whose lie changed this answer.
    tampered_by: Vec<String>,
}

/// An exchange.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exchange")]
pub(super) struct Whole {
    summary: Summary,
    /// Names, in lower case, and values. Neither credentials nor cookies are among them.
    request_headers: Headers,
    /// Base64.
    request_body: String,
    /// Names, in lower case, and values.
    response_headers: Headers,
    /// Base64.
    response_body: String,
}

impl State {
    pub(super) fn of(model: &Model) -> Self {
        let ids = model.node_ids();
        let nodes = ids.iter().take(MAX_NODES).filter_map(|id| Node::of(model, *id)).collect();
        Self {
            now: model.clock().now(),
            users: model.user_ids().filter_map(|user| User::of(model, user)).collect(),
            folders: model.encrypted_folders().into_iter().map(|id| Folder::of(model, id)).collect(),
            nodes,
            nodes_left_out: ids.len().saturating_sub(MAX_NODES),
            shares: model.shares().map(Share::of).collect(),
        }
    }
}

impl User {
    fn of(model: &Model, user: &str) -> Option<Self> {
        let account = model.user(user)?;
        Some(Self {
            user: user.to_owned(),
            groups: model.groups_of(user).into_iter().map(str::to_owned).collect(),
            devices: account.devices().map(str::to_owned).collect(),
            certificate: model.certificate(KeyOwner::User(user)).map(str::to_owned),
            has_private_key: account.private_key().is_some(),
        })
    }
}

impl Folder {
    fn of(model: &Model, id: FileId) -> Self {
        let metadata = model.metadata(id).map(|signed| {
            let document = Document::parse(&signed.document).ok();
            let users = document.iter().flat_map(Document::users).map(|user| user.user_id.clone()).collect();
            Metadata {
                version: document.as_ref().map(|document| document.version().to_string()),
                users,
                bytes: signed.document.len(),
                signed: signed.signature.as_ref().is_some_and(|signature| !signature.is_empty()),
            }
        });
        Self {
            id: id.number(),
            owner: model.owner(id).map(str::to_owned),
            path: model.path_of(id).unwrap_or_default(),
            counter: model.counter(id),
            locked_since: model.locked_since(id),
            metadata,
        }
    }
}

impl Node {
    fn of(model: &Model, id: FileId) -> Option<Self> {
        let node = model.node(id)?;
        Some(Self {
            id: id.number(),
            owner: model.owner(id).map(str::to_owned),
            path: model.path_of(id)?,
            folder: node.is_folder(),
            bytes: model.size(id),
            etag: node.etag().to_owned(),
            modified: node.mtime(),
        })
    }
}

impl Share {
    fn of(share: &crate::model::Share) -> Self {
        Self {
            id: share.id,
            node: share.node.number(),
            by: share.by.clone(),
            kind: match share.kind {
                ShareType::User => Kind::User,
                ShareType::Group => Kind::Group,
                ShareType::Link => Kind::Link,
            },
            with: share.with.clone(),
            permissions: share.permissions.bits(),
            since: share.since,
        }
    }
}

impl SignedMetadata {
    pub(super) fn of(model: &Model, folder: FileId) -> Option<Self> {
        let crate::adversary::lie::SignedMetadata { document, signature } = model.metadata(folder)?.clone();
        Some(Self { document, signature, counter: model.counter(folder) })
    }
}

impl From<&Exchange> for Summary {
    fn from(exchange: &Exchange) -> Self {
        Self {
            number: exchange.number,
            micros: exchange.micros,
            user: exchange.user.clone(),
            device: exchange.device.clone(),
            method: exchange.method.clone(),
            path: exchange.path.clone(),
            query: exchange.query.clone(),
            endpoint: exchange.endpoint,
            status: exchange.status,
            delivered: exchange.delivered,
            tampered_by: exchange.tampered_by.clone(),
        }
    }
}

impl From<&Exchange> for Whole {
    fn from(exchange: &Exchange) -> Self {
        Self {
            summary: exchange.into(),
            request_headers: exchange.request_headers.clone(),
            request_body: STANDARD.encode(&exchange.request_body),
            response_headers: exchange.response_headers.clone(),
            response_body: STANDARD.encode(&exchange.response_body),
        }
    }
}
