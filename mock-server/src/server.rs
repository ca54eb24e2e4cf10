//! The listener and its tenants.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use e2ee_reference::authority::Authority;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::face::service;
use crate::release::AppVersion;
use crate::tenant::{State, Tenant, TenantOptions};
use crate::test_keys::{Holder, key};

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
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
}

/// Why a server cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address can be reached from outside, and connections are not encrypted.
    #[error(
        "cannot listen on {0}: not a loopback address; the server speaks plain HTTP and anybody who can connect \
         could read along, expected 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
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
}

/// The server's settings before it starts.
#[derive(Debug, Clone)]
pub struct Builder {
    address: SocketAddr,
    app_version: AppVersion,
    api_version: Option<String>,
    authority: Option<Authority>,
    users: Vec<(String, String)>,
    admins: Vec<(String, String)>,
    throttling: bool,
    log: bool,
}

pub(crate) struct Shared {
    default: Tenant,
    tenants: RwLock<BTreeMap<String, Weak<State>>>,
    origin: String,
    log: bool,
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
        Builder {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            app_version: AppVersion::default(),
            api_version: None,
            authority: None,
            users: Vec::new(),
            admins: Vec::new(),
            throttling: false,
            log: false,
        }
    }

    /// The base URL of the default tenant, without a trailing slash.
    pub fn uri(&self) -> String {
        self.shared.origin.clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The tenant at `/`.
    pub fn default_tenant(&self) -> Tenant {
        self.shared.default.clone()
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
        let name = options.name.clone();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
            return Err(TenantError::Name(name.chars().take(80).collect()));
        }
        let mut tenants = self.shared.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.retain(|_, tenant| tenant.strong_count() > 0);
        if tenants.contains_key(&name) {
            return Err(TenantError::Taken(name));
        }
        let tenant = Tenant::new(options, &self.shared.origin, format!("/t/{name}"), self.shared.log);
        tenants.insert(name, Arc::downgrade(tenant.state()));
        Ok(tenant)
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

impl Builder {
    /// Listens on this address instead of a free port of 127.0.0.1. It must be a loopback address, for connections are
    /// not encrypted.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// The release of the app that the default tenant passes for, 2.2.3 unless set.
    #[must_use]
    pub fn app_version(mut self, version: AppVersion) -> Self {
        self.app_version = version;
        self
    }

    /// What the default tenant announces; unless set, what the release of the app does.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// Who certifies the users of the default tenant. Unless set, all servers of a process share one authority.
    #[must_use]
    pub fn authority(mut self, authority: Authority) -> Self {
        self.authority = Some(authority);
        self
    }

    /// Adds a user with a password to the default tenant; the device is called `default`.
    #[must_use]
    pub fn user(mut self, id: impl Into<String>, password: impl Into<String>) -> Self {
        self.users.push((id.into(), password.into()));
        self
    }

    /// Adds an administrator to the default tenant, who may make accounts and groups.
    #[must_use]
    pub fn admin(mut self, id: impl Into<String>, password: impl Into<String>) -> Self {
        self.admins.push((id.into(), password.into()));
        self
    }

    /// Counts refusals by address in the default tenant, see [`TenantOptions::throttling`].
    #[must_use]
    pub fn throttling(mut self, throttling: bool) -> Self {
        self.throttling = throttling;
        self
    }

    /// Writes a line about each exchange to standard error: `METHOD path -> status`.
    #[must_use]
    pub fn log(mut self, log: bool) -> Self {
        self.log = log;
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(self) -> Result<MockServer, StartError> {
        let Self { address, app_version, api_version, authority, users, admins, throttling, log } = self;
        if !address.ip().is_loopback() {
            return Err(StartError::NotLoopback(address));
        }
        let authority = match authority {
            Some(authority) => authority,
            None => Authority::from_private_key(key(Holder::Instance, 0)?),
        };
        let cannot = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let origin = format!("http://{address}");
        let mut options = TenantOptions::new("default", authority).with_app_version(app_version);
        options.throttling = throttling;
        if let Some(api_version) = api_version {
            options.api_version = api_version;
        }
        let default = Tenant::new(options, &origin, String::new(), log);
        for (user, password) in users {
            default.add_credential(&user, &password, "default");
        }
        for (user, password) in admins {
            default.add_admin(&user, &password);
        }
        let shared = Arc::new(Shared { default, tenants: RwLock::default(), origin, log });
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(service::accept(listener, Arc::clone(&shared), stopped));
        Ok(MockServer { shared, address, stop, accepting: Some(accepting) })
    }
}

impl Shared {
    /// The tenant that a path of a request belongs to, with the rest of the path.
    pub(crate) fn route<'p>(&self, path: &'p str) -> Option<(Arc<State>, &'p str)> {
        let Some(rest) = path.strip_prefix("/t/") else {
            return Some((Arc::clone(self.default.state()), path));
        };
        let end = rest.find('/').unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        Some((tenants.get(name)?.upgrade()?, rest))
    }
}
