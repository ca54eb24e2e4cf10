//! Everything that can be done to a tenant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::Secret;
use crate::adversary::Move;

/// Something that is done to a tenant, by a test or over the control API; [`Tenant::apply`](crate::Tenant::apply) does it.
///
/// JSON: the command's name with its members, for example `{ "add_user": { "user": "alice", "password": "secret" } }`;
/// a move stands inside as in a scenario, `{ "play": { "snapshot": { "name": "before" } } }`. Unknown members are errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Command {
    /// Plays a move of the adversary.
    Play(Move),
    /// Takes back all lies of a name.
    Retract {
        /// The name of the move that has left them, for example `insert_phantom`.
        lie: String,
    },
    /// Makes everything what it was when the tenant was made: the accounts of then, no files, no lies, no exchanges, an
    /// attacker who knows nothing, the machine's time. Exchanges and events are counted on.
    Reset {},
    /// Keeps what the server knows under a name, as the move `snapshot` does: `rollback` may refer to it.
    Snapshot {
        /// The name; a snapshot that has it is replaced.
        name: String,
    },
    /// Makes all that the server knows what it was in a snapshot: accounts, keys, files, metadata, shares and locks, under
    /// new ETags. Lies, exchanges, the attacker's knowledge and the clock stay. Honest clients cannot tell this from
    /// a server that was restored from a backup; the move `rollback` is the malicious one.
    Restore {
        /// The name.
        name: String,
    },
    /// Forgets a snapshot.
    DeleteSnapshot {
        /// The name.
        name: String,
    },
    /// Makes an account.
    AddUser(AddUser),
    /// Removes an account with its files, its keys and its shares.
    RemoveUser {
        /// The user id.
        user: String,
    },
    /// Gives an account one more password, for another device.
    AddCredential {
        /// The user id.
        user: String,
        /// The password.
        password: Secret,
        /// Its label in exchanges.
        device: String,
    },
    /// Takes all passwords of a label away.
    RemoveCredential {
        /// The user id.
        user: String,
        /// The label.
        device: String,
    },
    /// Stores the key pair of an account without any check.
    StoreIdentity {
        /// The user id.
        user: String,
        /// The certificate, PEM.
        certificate: String,
        /// The private-key blob, sealed with the mnemonic.
        private_key: Secret,
    },
    /// Says yes to a client that logs in by login flow v2, as its user would in a browser.
    GrantLogin {
        /// The address that the client was told to open.
        login: String,
        /// The user id.
        user: String,
    },
    /// Gives the attacker a user's private key, as malware on a device would; the move `corrupt` needs it.
    LearnPrivateKey {
        /// The user id.
        user: String,
        /// The key, PKCS#8 in PEM.
        private_key: Secret,
    },
    /// Moves the tenant's clock forward. Nothing happens by itself then, see `roll_back`.
    AdvanceClock {
        /// By how many seconds.
        seconds: u64,
    },
    /// Does what the hourly job of the app does: releases old locks and throws away what was written under them.
    RollBack {
        /// How old a lock has to be, in seconds; 86400 on a real server unless configured.
        age: u64,
    },
}

/// An account to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddUser {
    /// The user id: 1 to 64 characters, no control characters, neither `/` nor `:`.
    pub user: String,
    /// The password; without one nobody can log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The label of the password in exchanges; `default` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Whether the account may make accounts and groups over the provisioning API.
    #[serde(default)]
    pub admin: bool,
}

impl Command {
    /// The command's name, as JSON spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Play(_) => "play",
            Self::Retract { .. } => "retract",
            Self::Reset {} => "reset",
            Self::Snapshot { .. } => "snapshot",
            Self::Restore { .. } => "restore",
            Self::DeleteSnapshot { .. } => "delete_snapshot",
            Self::AddUser(_) => "add_user",
            Self::RemoveUser { .. } => "remove_user",
            Self::AddCredential { .. } => "add_credential",
            Self::RemoveCredential { .. } => "remove_credential",
            Self::StoreIdentity { .. } => "store_identity",
            Self::GrantLogin { .. } => "grant_login",
            Self::LearnPrivateKey { .. } => "learn_private_key",
            Self::AdvanceClock { .. } => "advance_clock",
            Self::RollBack { .. } => "roll_back",
        }
    }
}
