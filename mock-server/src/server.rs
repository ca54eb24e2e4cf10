//! The listener and its tenants.

mod shared;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) use shared::{Shared, check_name};

use crate::builder::Builder;
use crate::direct::Direct;
use crate::exposure::Missing;
use crate::journal::StateError;
use crate::tenant::{Tenant, TenantOptions};
use crate::tls::TlsError;

/// A server that runs until it is dropped.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use e2ee_mock_server::MockServer;
///
/// let server = MockServer::start().await;
/// let tenant = server.default_tenant();
/// tenant.add_credential("alice", "secret", "laptop");
///
/// let status = reqwest::get(format!("{}/status.php", server.uri())).await?;
/// assert!(status.status().is_success());
/// assert_eq!(tenant.exchanges().len(), 1);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
pub struct MockServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    control_uri: Option<String>,
    ca_certificate: Option<String>,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
}

/// Why a server cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address can be reached from outside, which takes more.
    #[error("cannot listen on {address}: not a loopback address; missing: {missing}")]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
        /// What it takes.
        missing: Missing,
    },
    /// The control token is too short, too long, or cannot stand in a header.
    #[error("control token: expected 16 to 1024 visible ASCII characters")]
    Token,
    /// The name cannot stand in a URL.
    #[error("public name {0:?}: expected a DNS name or an IP address")]
    PublicName(String),
    /// Connections cannot be encrypted.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address is taken, or not one of this machine.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The RSA key of the instance cannot be made.
    #[error("cannot make the key of the instance: {0}")]
    Authority(#[from] e2ee_reference::Error),
    /// It cannot be forked.
    #[error("tenant {0:?} cannot be forked: it has {1}")]
    Fork(String, &'static str),
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Why a tenant cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// The name does not fit into a URL.
    #[error("tenant name {0:?}: expected 1 to 64 letters, digits, `-` or `_`")]
    Name(String),
    /// There is one of this name.
    #[error("tenant name {0:?} is taken")]
    Taken(String),
    /// It cannot be forked.
    #[error("tenant {0:?} cannot be forked: it has {1}")]
    Fork(String, &'static str),
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

impl MockServer {
    /// Starts a server on a free port of the loopback interface.
    ///
    /// # Panics
    /// When there is no free port. [`MockServer::builder`] returns an error instead.
    #[expect(clippy::panic, reason = "the short form for tests; the builder is the careful one")]
    pub async fn start() -> Self {
        match Self::builder().start().await {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        }
    }

    /// Settings: address, users, version.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use e2ee_mock_server::MockServer;
    ///
    /// let server = MockServer::builder().api_version("2.0").user("alice", "secret").start().await?;
    /// assert!(server.default_tenant().model().user("alice").is_some());
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn running(
        shared: Arc<Shared>,
        address: SocketAddr,
        control_uri: Option<String>,
        ca_certificate: Option<String>,
        stop: watch::Sender<bool>,
        accepting: JoinHandle<()>,
    ) -> Self {
        Self { shared, address, control_uri, ca_certificate, stop, accepting: Some(accepting) }
    }

    /// The base URL of the default tenant, without a trailing slash.
    pub fn uri(&self) -> String {
        self.shared.origin.clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// With [`Builder::control`]: where the control API is, without a trailing slash and without `/v1`.
    pub fn control_uri(&self) -> Option<&str> {
        self.control_uri.as_deref()
    }

    /// With [`Builder::tls`]: the certificate (PEM) of the authority that clients have to trust. Nothing but this
    /// server is certified by it, and its key is gone.
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca_certificate.as_deref()
    }

    /// The tenant at `/`.
    pub fn default_tenant(&self) -> Tenant {
        self.shared.default_tenant().clone()
    }

    /// Makes a tenant at `/t/NAME`, which lives as long as its handles.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use e2ee_mock_server::{MockServer, TenantOptions};
    ///
    /// let server = MockServer::start().await;
    /// let authority = server.default_tenant().authority().clone();
    /// let tenant = server.tenant(TenantOptions::new("second", authority))?;
    /// assert_eq!(tenant.base_url(), format!("{}/t/second", server.uri()));
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// See [`TenantError`].
    pub fn tenant(&self, options: TenantOptions) -> Result<Tenant, TenantError> {
        self.shared.make(options)
    }

    /// Makes a tenant at `/t/NAME` that has all that another one has at this moment: accounts, files, locks, exchanges,
    /// the attacker's knowledge, the time. From then on they go their own ways. What is dear to prepare can so be
    /// prepared once for many tests. Wait for [`Tenant::is_idle`] before.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use e2ee_mock_server::MockServer;
    ///
    /// let server = MockServer::start().await;
    /// let prepared = server.default_tenant();
    /// prepared.add_credential("alice", "secret", "laptop");
    /// let first = server.fork(&prepared, "first")?;
    /// first.add_user("bob");
    /// assert!(first.model().user("alice").is_some());
    /// assert!(prepared.model().user("bob").is_none());
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    /// See [`TenantError`]. A tenant with a seed, a state file or lies in force cannot be forked.
    pub fn fork(&self, tenant: &Tenant, name: &str) -> Result<Tenant, TenantError> {
        self.shared.fork(tenant, name)
    }

    /// Answers requests without a connection, for clients in the same process.
    pub fn direct(&self) -> Direct {
        Direct::new(Arc::clone(&self.shared), self.stop.subscribe())
    }

    /// Stops listening, lets requests that are under way end, and waits for that.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(accepting) = self.accepting.take() {
            // A task that was aborted from outside has nothing left to wait for.
            let _ = accepting.await;
        }
    }
}

impl Drop for MockServer {
    /// Stops listening; requests that are under way end in the background.
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MockServer").field(&self.address).finish()
    }
}
