//! The people, keys and times of all vectors. The keys are published: nobody may use them for anything else.

use e2ee_reference::authority::Authority;
use e2ee_reference::identity::{Identity, PrivateKey};
use e2ee_reference::metadata::Recipient;

use crate::error::Error;

/// When certificates were issued: 2025-01-01T00:00:00Z, in seconds since 1970.
pub(crate) const ISSUED: i64 = 1_735_689_600;
/// When vectors are judged: 2025-10-09T08:53:20Z, in seconds since 1970.
pub(crate) const NOW: i64 = 1_760_000_000;
/// The user id of a public share.
pub(crate) const LINK: &str = "s:RqG7xzE9mKLbW2t";

/// The PEM files under `golden/keys`, by name.
pub(crate) const KEYS: &[(&str, &str)] = &[
    ("alice", include_str!("../../golden/keys/alice.pem")),
    ("alice-renewed", include_str!("../../golden/keys/alice-renewed.pem")),
    ("bob", include_str!("../../golden/keys/bob.pem")),
    ("carol", include_str!("../../golden/keys/carol.pem")),
    ("elliptic", include_str!("../../golden/keys/elliptic.pem")),
    ("exponent-3", include_str!("../../golden/keys/exponent-3.pem")),
    ("link", include_str!("../../golden/keys/link.pem")),
    ("mallory", include_str!("../../golden/keys/mallory.pem")),
    ("server", include_str!("../../golden/keys/server.pem")),
    ("stranger", include_str!("../../golden/keys/stranger.pem")),
    ("weak", include_str!("../../golden/keys/weak.pem")),
];

/// Everybody who appears in vectors.
pub(crate) struct World {
    /// The instance.
    pub(crate) server: Authority,
    /// The key of the instance.
    pub(crate) server_key: PrivateKey,
    /// Another instance.
    pub(crate) stranger: Authority,
    /// Owner of most folders.
    pub(crate) alice: Identity,
    /// Alice again, after a renewal of her certificate.
    pub(crate) alice_renewed: Identity,
    /// A member of shared folders.
    pub(crate) bob: Identity,
    /// Somebody who joins later.
    pub(crate) carol: Identity,
    /// A user of the instance who is up to no good, or whom the server made up.
    pub(crate) mallory: Identity,
    /// A public share.
    pub(crate) link: Identity,
}

impl World {
    pub(crate) fn new() -> Result<Self, Error> {
        Self::build().map_err(|source| Error::BuiltIn { what: "keys", source })
    }

    /// One of the published keys.
    pub(crate) fn key(name: &'static str) -> Result<PrivateKey, e2ee_reference::Error> {
        PrivateKey::from_pem(KEYS.iter().find(|(key, _)| *key == name).map_or("", |(_, pem)| pem))
    }

    fn build() -> Result<Self, e2ee_reference::Error> {
        let server_key = Self::key("server")?;
        let server = Authority::from_private_key(server_key.clone());
        let issue = |user_id: &str, key: &'static str, now| {
            let key = Self::key(key)?;
            Identity::new(user_id, server.certify(user_id, &key, now)?, key)
        };
        Ok(Self {
            alice: issue("alice", "alice", ISSUED)?,
            alice_renewed: issue("alice", "alice-renewed", NOW - 86_400)?,
            bob: issue("bob", "bob", ISSUED)?,
            carol: issue("carol", "carol", ISSUED)?,
            mallory: issue("mallory", "mallory", ISSUED)?,
            link: issue(LINK, "link", ISSUED)?,
            stranger: Authority::from_private_key(Self::key("stranger")?),
            server,
            server_key,
        })
    }
}

/// A user as somebody to whom keys are wrapped.
pub(crate) fn recipient(user: &Identity) -> Recipient {
    Recipient { user_id: user.user_id().to_owned(), certificate: user.certificate().clone() }
}

/// The private key of a user, as vectors show it.
pub(crate) fn private_key(user: &Identity) -> String {
    user.private_key().to_pem().to_string()
}
