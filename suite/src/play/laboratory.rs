//! What all plays of a run share: the server, its authority, and a key pair for each user name.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use e2ee_adapter::protocol::SeedIdentity;
use e2ee_mock_server::{MockServer, StartError, Tenant, TenantError, TenantOptions};
use e2ee_reference::authority::Authority;
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::metadata::Version;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{self, Kdf, KeyDerivation as _, SALT_LENGTH};
use e2ee_reference::random;
use e2ee_reference_client::DerivedKeys;

/// Server, authority and key pairs of a run.
pub struct Laboratory {
    server: MockServer,
    authority: Authority,
    people: BTreeMap<String, Person>,
    /// Keys that were derived from mnemonics of the laboratory: the judge and the reference client share them.
    pub(crate) derived: Arc<DerivedKeys>,
    tenants: AtomicU64,
}

/// A user with a key pair.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) seed: SeedIdentity,
    pub(super) key: PrivateKey,
    pub(super) blob: String,
}

/// Why there is no laboratory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaboratoryError {
    /// No port, for example.
    #[error("cannot start the mock server: {0}")]
    Server(#[from] StartError),
    /// No tenant.
    #[error("cannot make a tenant: {0}")]
    Tenant(#[from] TenantError),
    /// No keys.
    #[error("cannot make the keys of the laboratory: {0}")]
    Keys(#[from] e2ee_reference::Error),
    /// No temporary folder.
    #[error("cannot make a temporary folder: {0}")]
    Folder(std::io::Error),
    /// A thread broke down.
    #[error("cannot make the keys of the laboratory: a thread broke down")]
    Thread,
}

impl Laboratory {
    /// Starts a server on loopback and makes a key pair for each user name, all at the same time.
    ///
    /// # Errors
    /// See [`LaboratoryError`].
    pub async fn prepare(users: BTreeSet<String>) -> Result<Self, LaboratoryError> {
        let derived = Arc::new(DerivedKeys::default());
        let authority = tokio::task::spawn_blocking(Authority::generate);
        let paper = tokio::task::spawn_blocking({
            let derived = Arc::clone(&derived);
            move || Paper::write(&derived)
        });
        let forger = tokio::task::spawn_blocking(e2ee_mock_server::adversary::warm_up);
        let keys: Vec<_> =
            users.into_iter().map(|user| (user, tokio::task::spawn_blocking(PrivateKey::generate))).collect();
        let authority = authority.await.map_err(|_| LaboratoryError::Thread)??;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let builder = MockServer::builder().listen(address).authority(authority.clone());
        let server = builder.start().await?;
        let paper = paper.await.map_err(|_| LaboratoryError::Thread)??;
        let mut people = BTreeMap::new();
        for (user, key) in keys {
            let key = key.await.map_err(|_| LaboratoryError::Thread)??;
            let seed = SeedIdentity {
                certificate: authority.certify(&user, &key, now())?.to_pem(),
                private_key: key.to_pem().to_string(),
                mnemonic: paper.mnemonic.words().to_string(),
            };
            let blob = private_key_blob::seal_with(&key, &paper.mnemonic, &paper.salt, &*derived)?;
            people.insert(user, Person { seed, key, blob });
        }
        forger.await.map_err(|_| LaboratoryError::Thread)?;
        Ok(Self { server, authority, people, derived, tenants: AtomicU64::new(1) })
    }

    /// A fresh server of its own for one play.
    pub(super) fn tenant(&self, version: Version) -> Result<Tenant, LaboratoryError> {
        let name = format!("play-{}", self.tenants.fetch_add(1, Ordering::Relaxed));
        let mut options = TenantOptions::new(name, self.authority.clone());
        options.api_version = version.to_string();
        Ok(self.server.tenant(options)?)
    }

    /// The key pair of a user name.
    pub(super) fn person(&self, user: &str) -> Option<&Person> {
        self.people.get(user)
    }
}

/// The mnemonic of everybody in the laboratory. It takes most of a second to derive a key from one, and no scenario
/// depends on people having different ones: their private keys differ.
struct Paper {
    mnemonic: Mnemonic,
    salt: [u8; SALT_LENGTH],
}

impl Paper {
    fn write(derived: &DerivedKeys) -> Result<Self, e2ee_reference::Error> {
        let paper = Self { mnemonic: Mnemonic::generate(), salt: random::array() };
        derived.derive(&paper.mnemonic, &paper.salt, Kdf::CURRENT)?;
        Ok(paper)
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
