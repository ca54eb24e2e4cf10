//! What is done to a tenant, and how it stands in the state file.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::frame::Encoded;
use crate::adversary::Move;
use crate::control::Command;
use crate::face::SentAgain;

/// Something that was done to a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// A request; its body lies behind the head.
    Request(Box<SentAgain>),
    /// Something that was done by the program or the test that the server runs in.
    Direct(Direct),
    /// The bytes of a file, as the body, which [`Change::Whole`] names by their place. The stamp means nothing.
    Content {},
    /// All that the tenant knew when the file was written anew, as the body. The stamp means nothing.
    Whole {},
}

/// What the methods of [`Tenant`](crate::Tenant) do.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direct {
    AddUser { user: String },
    AddCredential { user: String, password: String, device: String },
    AddToGroup { group: String, user: String },
    AddAdmin { user: String, password: String },
    StoreIdentity { user: String, certificate: String, private_key: String },
    GrantLogin { login: String, user: String },
    Play(Move),
    Retract { lie: String },
    Begin {},
    Command(Box<Command>),
}

/// A change with what has to be the same when it is made again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) stamp: Stamp,
    pub(crate) change: Change,
    pub(crate) body: Bytes,
}

/// When a change happened, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// Counts from 1; changes that came to nothing are left out.
    pub(crate) number: u64,
    /// Seconds since 1970, without what the clock was advanced by.
    pub(crate) time: i64,
    /// What the clock was advanced by, seconds.
    pub(crate) ahead: i64,
    /// How many ids, ETags and random bytes were given out so far.
    pub(crate) drawn: [u64; 3],
    /// The status of the answer; 0 if nobody was answered.
    pub(crate) status: u16,
}

#[derive(Serialize, Deserialize)]
struct RecordHead {
    stamp: Stamp,
    change: Change,
}

impl Record {
    /// Something that was there when the file was written anew.
    pub(crate) fn kept(change: Change, body: Bytes) -> Self {
        let stamp = Stamp { number: 0, time: 0, ahead: 0, drawn: [0; 3], status: 0 };
        Self { stamp, change, body }
    }

    pub(super) fn encode(self) -> Encoded {
        // Maps with keys of text and numbers: nothing that JSON cannot express.
        let head = serde_json::to_vec(&RecordHead { stamp: self.stamp, change: self.change });
        Encoded { head: head.unwrap_or_default(), body: self.body }
    }

    pub(super) fn decode(encoded: Encoded) -> Option<Self> {
        let RecordHead { stamp, change } = serde_json::from_slice(&encoded.head).ok()?;
        Some(Self { stamp, change, body: encoded.body })
    }
}

impl std::fmt::Debug for Direct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Some carry passwords.
        f.write_str("Direct(…)")
    }
}
