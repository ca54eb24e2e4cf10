//! What all plays of a run share: the server, its authority, and a key pair for each user name.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use e2ee_adapter::client::BoxFuture;
use e2ee_adapter::protocol::SeedIdentity;
use e2ee_mock_server::{Direct, MockServer, StartError, Tenant, TenantError, TenantOptions, test_key};
use e2ee_reference::authority::Authority;
use e2ee_reference::dialect::{Dialect, PrivateKeyForm};
use e2ee_reference::identity::PrivateKey;
use e2ee_reference::private_key_blob::{self, KeyDerivation};
use e2ee_reference::random::array;
use e2ee_reference::recognise::AnyVersion;
use e2ee_reference_client::{
    Common, Defects, DerivedKeys, Limits, ReferenceConnector, Repeatable, Transport,
};

use super::disk::Disks;
use super::known;
use crate::scenario::Derivation;

/// Server, authority and key pairs of a run.
pub struct Laboratory {
    server: MockServer,
    authority: Authority,
    people: BTreeMap<String, Person>,
    /// What the reference client's devices in this process share, among it the way to the server. The judge shares the
    /// keys that were derived from mnemonics.
    common: Common,
    tenants: AtomicU64,
    crowd: Crowd,
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
    Folder(io::Error),
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
        let mnemonic = known::mnemonic()?;
        let derived = Arc::new(DerivedKeys::default());
        known::tell(&derived)?;
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
            let blob = private_key_blob::seal_with(&key, &mnemonic, known::SALT, &*derived)?;
            people.insert(user, Person { seed, key, blob });
        }
        let crowd = Crowd::default();
        let transport: Arc<dyn Transport> = Arc::new(WithinProcess(server.direct(), crowd.clone()));
        let common = Common {
            derived,
            keys: Some(Arc::default()),
            transport: Some(transport),
            drives: Arc::default(),
            repeatable: Some(Repeatable { seed: array(), signed_at: now() }),
            limits: Limits::IN_PLAYS,
        };
        Ok(Self { server, authority, people, common, tenants: AtomicU64::new(1), crowd })
    }

    /// The reference client in this process.
    pub fn reference_client(&self, defects: Defects, dialect: Dialect) -> ReferenceConnector {
        ReferenceConnector { defects, dialect, common: self.common.clone() }
    }

    /// Where it is known whether several devices act at once.
    pub(super) fn crowd(&self) -> Crowd {
        self.crowd.clone()
    }

    /// Begins to make the keys that a device of the reference client in this process will ask for.
    pub(super) fn make_ready(&self, device: &str) {
        let (common, device) = (self.common.clone(), device.to_owned());
        // Whoever needs the keys makes them if they are not there, and says what goes wrong.
        drop(tokio::task::spawn_blocking(move || common.make_ready(&device)));
    }

    /// The keys that were derived from mnemonics.
    pub(super) fn derived(&self) -> &dyn KeyDerivation {
        &*self.common.derived
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

    /// Folders for the devices of one play; `in_memory` if all of them are clients in this process.
    pub(super) fn disks(&self, in_memory: bool) -> io::Result<Disks> {
        if in_memory { Ok(Disks::in_memory(&self.common.drives, &self.name())) } else { Disks::on_disk() }
    }

    /// The same folders once more; `None` if they cannot be copied.
    pub(super) fn fork_disks(&self, disks: &Disks) -> Option<Disks> {
        disks.fork(&self.name())
    }

    /// A name that nothing else of this laboratory has.
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
        let mnemonic = known::mnemonic()?;
        let form = PrivateKeyForm { kdf: derivation.kdf(), ..Dialect::SPECIFIED.private_key };
        private_key_blob::seal_as(&person.key, &mnemonic, known::SALT, self.derived(), &form)
    }

    /// The key pair of a user name.
    pub(super) fn person(&self, user: &str) -> Option<&Person> {
        self.people.get(user)
    }
}

/// The way from a client in this process to the server.
#[derive(Debug)]
struct WithinProcess(Direct, Crowd);

impl Transport for WithinProcess {
    fn send(
        &self,
        request: http::Request<Bytes>,
        most: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, String>> {
        Box::pin(async move {
            if self.1.is_there() {
                // As between two computers, others have their turn meanwhile.
                tokio::task::yield_now().await;
            }
            self.0.answer_up_to(request, most).await.map_err(|error| error.to_string())
        })
    }
}

/// How many steps are under way in which several devices act at once, in all plays.
#[derive(Debug, Clone, Default)]
pub(super) struct Crowd(Arc<AtomicUsize>);

impl Crowd {
    /// One more until this is dropped.
    pub(super) fn gather(&self) -> impl Drop + Send + use<> {
        struct Gathered(Arc<AtomicUsize>);
        impl Drop for Gathered {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.0.fetch_add(1, Ordering::Relaxed);
        Gathered(Arc::clone(&self.0))
    }

    fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
