//! All that was recorded of a tenant, in one piece.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::model::{FileId, KeyOwner, Model};
use crate::tenant::Tenant;

/// The shape of [`Recording`], raised when a member is renamed, removed or changes its meaning.
pub const RECORDING_VERSION: u32 = 1;

/// How much of the bodies that lie on the server's disk is told, in bytes.
const MOST_ON_DISK: u64 = 64 << 20;

/// What a tenant has recorded, and what its server has of encrypted folders in the end: enough to check without the server
/// how a client has behaved. There are no credentials in it; lock tokens and private-key blobs are, as they were sent.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Recording {
    /// [`RECORDING_VERSION`].
    pub schema_version: u32,
    /// The tenant's name.
    pub tenant: String,
    /// What the server announces as `api-version` unless it lies, for example `2.1`.
    pub api_version: String,
    /// All exchanges that are kept, oldest first. Of bodies that lie on the server's disk there are 64 MiB altogether; more
    /// are told by length and SHA-256.
    pub exchanges: Vec<Exchange>,
    /// How many exchanges before them are no longer kept.
    pub dropped: u64,
    /// What was done to the server since the last reset that a server does not do by itself: the names of moves, and of
    /// the commands `restore`, `roll_back` and `remove_user`.
    pub meddled: Vec<String>,
    /// The private-key blobs that the server has, by user id, sealed as they were stored.
    pub private_keys: BTreeMap<String, String>,
    /// The encrypted folders with all that are below them, each behind the one that it lies in.
    pub folders: Vec<RecordedFolder>,
}

/// An encrypted folder, or one that lies in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedFolder {
    /// Its number.
    pub id: u64,
    /// The number of the folder that it lies in; `null`: it is the topmost that is encrypted.
    pub parent: Option<u64>,
    /// Whose it is.
    pub owner: String,
    /// Its name on the server: a clear one for a root, an identifier for a subfolder.
    pub name: String,
    /// Where each user finds it who does: the path in that user's files.
    pub places: BTreeMap<String, String>,
    /// The final metadata document; `null`: none.
    pub metadata: Option<String>,
    /// The names that its files have on the server.
    pub files: Vec<String>,
}

impl Recording {
    /// What there is of a tenant.
    pub fn of(tenant: &Tenant) -> Self {
        let state = tenant.state();
        let (kept, dropped, private_keys, folders) = {
            // Nothing comes between the exchanges and what follows from them.
            let model = state.model();
            let mut recorder = state.recorder();
            (recorder.all(), recorder.dropped(), private_keys(&model), folders(&model))
        };
        let mut room = MOST_ON_DISK;
        Self {
            schema_version: RECORDING_VERSION,
            tenant: tenant.name().to_owned(),
            api_version: state.options.api_version.clone(),
            exchanges: kept.into_iter().map(|exchange| whole(exchange, &mut room)).collect(),
            dropped,
            meddled: state.events.meddled().into_iter().map(str::to_owned).collect(),
            private_keys,
            folders,
        }
    }
}

/// The exchange with its request's body, as long as there is room.
fn whole(exchange: Arc<Exchange>, room: &mut u64) -> Exchange {
    let mut exchange = Arc::unwrap_or_clone(exchange);
    if let Some(content) = exchange.request_file.take_if(|content| content.len() <= *room) {
        match content.to_bytes() {
            Ok(bytes) => {
                *room -= content.len();
                exchange.request_body = bytes;
            }
            Err(_) => exchange.request_file = Some(content),
        }
    }
    exchange
}

fn private_keys(model: &Model) -> BTreeMap<String, String> {
    let blob = |user: &str| model.private_key(KeyOwner::User(user)).map(str::to_owned);
    model.user_ids().filter_map(|user| Some((user.to_owned(), blob(user)?))).collect()
}

fn folders(model: &Model) -> Vec<RecordedFolder> {
    let folder = |(id, parent): (FileId, Option<FileId>)| {
        let inside = model.children(id).into_iter().filter_map(|child| model.node(child));
        let files = inside.filter(|node| !node.is_folder());
        Some(RecordedFolder {
            id: id.number(),
            parent: parent.map(FileId::number),
            owner: model.owner(id).unwrap_or_default().to_owned(),
            name: model.node(id)?.name().to_owned(),
            places: places(model, id),
            metadata: model.metadata(id).map(|metadata| metadata.document.clone()),
            files: files.map(|node| node.name().to_owned()).collect(),
        })
    };
    model.encrypted_trees().into_iter().filter_map(folder).collect()
}

/// Where the owner and the receivers of shares have a folder.
fn places(model: &Model, id: FileId) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    let own = model.owner(id).map(str::to_owned).zip(model.path_of(id));
    places.extend(own);
    for user in model.share_members(id) {
        let Some(share) = model.mount(&user, id) else { continue };
        let (mut names, mut at) = (Vec::new(), id);
        while at != share.node {
            let Some(node) = model.node(at) else { break };
            names.push(node.name());
            let Some(above) = node.parent() else { break };
            at = above;
        }
        names.push(&share.target);
        names.reverse();
        let path = names.join("/");
        places.insert(user, path);
    }
    places
}
