//! What all plays of a run share: the server, its authority, and a key pair for each user name.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use e2ee_adapter::protocol::SeedIdentity;
use e2ee_mock_server::{MockServer, StartError, Tenant, TenantError, TenantOptions, test_key};
use e2ee_reference::authority::Authority;
use e2ee_reference::dialect::{Dialect, PrivateKeyForm};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::mnemonic::Mnemonic;
use e2ee_reference::private_key_blob::{self, DerivedKey, Kdf, KeyDerivation, SALT_LENGTH};
use e2ee_reference::recognise::AnyVersion;
use e2ee_reference_client::DerivedKeys;

use crate::scenario::Derivation;

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
    /// Starts a server on loopback and gives each user name a key pair.
    ///
    /// # Errors
    /// See [`LaboratoryError`].
    pub async fn prepare(users: BTreeSet<String>) -> Result<Self, LaboratoryError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = MockServer::builder().listen(address).start().await?;
        let authority = server.default_tenant().authority().clone();
        let mnemonic = Mnemonic::parse(WORDS)?;
        let mut people = BTreeMap::new();
        for (number, user) in users.into_iter().enumerate() {
            let key = tokio::task::spawn_blocking(move || test_key(number));
            let key = key.await.map_err(|_| LaboratoryError::Thread)??;
            let seed = SeedIdentity {
                // A day old, so that one that is renewed during a play is another one.
                certificate: authority.certify(&user, &key, now() - 86_400)?.to_pem(),
                private_key: key.to_pem().to_string(),
                mnemonic: mnemonic.words().to_string(),
            };
            let blob = private_key_blob::seal_with(&key, &mnemonic, SALT, &Paper)?;
            people.insert(user, Person { seed, key, blob });
        }
        let derived = Arc::new(DerivedKeys::default());
        Ok(Self { server, authority, people, derived, tenants: AtomicU64::new(1) })
    }

    /// A fresh server of its own for one play, from the time of the version.
    pub(super) fn tenant(&self, version: AnyVersion) -> Result<Tenant, LaboratoryError> {
        let tenant = self.server.tenant(TenantOptions::new(self.name(), self.authority.clone()))?;
        tenant.model().install(&version.to_string());
        Ok(tenant)
    }

    /// Another server that has all that this one has.
    pub(super) fn fork(&self, tenant: &Tenant) -> Result<Tenant, LaboratoryError> {
        Ok(self.server.fork(tenant, &self.name())?)
    }

    /// A name for a tenant.
    fn name(&self) -> String {
        format!("play-{}", self.tenants.fetch_add(1, Ordering::Relaxed))
    }

    /// The private key of somebody, sealed as clients did at some time.
    pub(super) fn blob(
        &self,
        person: &Person,
        derivation: Derivation,
    ) -> Result<String, e2ee_reference::Error> {
        if derivation == Derivation::default() {
            return Ok(person.blob.clone());
        }
        let mnemonic = Mnemonic::parse(WORDS)?;
        let form = PrivateKeyForm { kdf: derivation.kdf(), ..Dialect::SPECIFIED.private_key };
        private_key_blob::seal_as(&person.key, &mnemonic, SALT, &*self.derived, &form)
    }

    /// The key pair of a user name.
    pub(super) fn person(&self, user: &str) -> Option<&Person> {
        self.people.get(user)
    }
}

/// The mnemonic of everybody in the laboratory: no scenario depends on people having different ones, their private keys
/// differ.
const WORDS: &str = "radar mosquito gallery ribbon oxygen trumpet velvet anchor lemon puzzle winter canyon";
const SALT: &[u8; SALT_LENGTH] = b"the salt of the laboratory: forty bytes.";

/// Seals the blobs of the laboratory with the key that was derived from [`WORDS`] and [`SALT`] once and for all.
/// Whoever opens one has to derive it himself.
struct Paper;

impl KeyDerivation for Paper {
    fn derive(&self, _: &Mnemonic, _: &[u8], _: Kdf) -> Result<DerivedKey, e2ee_reference::Error> {
        Ok(DerivedKey::new([
            0xe5, 0x55, 0x1e, 0x3d, 0x9c, 0x49, 0x61, 0x61, 0x32, 0x2c, 0xcf, 0x1a, 0xe6, 0xd4, 0xb0, 0x97,
            0x7f, 0x19, 0x7a, 0x05, 0x79, 0xa8, 0x98, 0xf6, 0x0d, 0x7a, 0xb9, 0x37, 0x6c, 0xc1, 0x78, 0xf5,
        ]))
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use e2ee_reference::private_key_blob::Computed;

    #[test]
    fn the_derived_key_is_the_one_of_the_words() {
        let mnemonic = Mnemonic::parse(WORDS).expect("twelve words");
        let computed = Computed.derive(&mnemonic, SALT, Kdf::CURRENT).expect("a key");
        assert_eq!(*computed, *Paper.derive(&mnemonic, SALT, Kdf::CURRENT).expect("a key"));
    }
}
