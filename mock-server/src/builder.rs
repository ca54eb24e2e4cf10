//! The settings of a server before it starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use e2ee_reference::authority::Authority;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::control::port::Port;
use crate::exposure::Exposure;
use crate::face::{ADMINISTRATORS, service};
use crate::history::History;
use crate::journal::StateFile;
use crate::limits::ConnectionLimits;
use crate::listener::{self, Listener};
use crate::recorder::RecorderLimits;
use crate::release::AppVersion;
use crate::server::{MockServer, Shared, StartError};
use crate::spill::Spill;
use crate::tenant::{Tenant, TenantOptions};
use crate::test_keys::{Holder, key};
use crate::tls::Tls;

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
    strict_uploads: bool,
    seed: Option<u64>,
    state: Option<StateFile>,
    pub(crate) exposure: Exposure,
    log: bool,
    limits: ConnectionLimits,
    keeping: Keeping,
}

/// What the default tenant keeps, unless it is what a tenant of the library does.
#[derive(Debug, Clone, Default)]
struct Keeping {
    max_body: Option<usize>,
    recorder: Option<RecorderLimits>,
    history: Option<History>,
    spill: Option<Spill>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            app_version: AppVersion::default(),
            api_version: None,
            authority: None,
            users: Vec::new(),
            admins: Vec::new(),
            throttling: false,
            strict_uploads: false,
            seed: None,
            state: None,
            exposure: Exposure::default(),
            log: false,
            limits: ConnectionLimits::default(),
            keeping: Keeping::default(),
        }
    }

    /// Listens on this address instead of a free port of 127.0.0.1. Beyond loopback only with [`Builder::tls`] and
    /// [`Builder::control_token`].
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

    /// Holds uploads in chunks to stricter rules in the default tenant, see [`TenantOptions::strict_uploads`].
    #[must_use]
    pub fn strict_uploads(mut self, strict: bool) -> Self {
        self.strict_uploads = strict;
        self
    }

    /// Makes the default tenant the same each time, see [`TenantOptions::seed`].
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use e2ee_mock_server::MockServer;
    ///
    /// let server = MockServer::builder().seed(7).start().await?;
    /// let same = MockServer::builder().seed(7).start().await?;
    /// let (server, same) = (server.default_tenant(), same.default_tenant());
    /// assert_eq!(server.model().instance(), same.model().instance());
    /// assert_eq!(server.clock().now(), same.clock().now());
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Keeps the state of the default tenant in this file, see [`TenantOptions::state`]. If there is something in it,
    /// the server goes on from there; of the accounts that are set here those are added that cannot log in. Tenants that
    /// are made over the control API are kept, too, in a folder beside it, whose name is the file's with `.tenants` behind
    /// it: with the settings of their own they are there again.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use e2ee_mock_server::{MockServer, StateFile};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let file = folder.path().join("state");
    /// let server = MockServer::builder().state(StateFile::new(&file)).start().await?;
    /// server.default_tenant().add_credential("alice", "secret", "laptop");
    /// server.stop().await;
    ///
    /// let server = MockServer::builder().state(StateFile::new(&file)).start().await?;
    /// assert_eq!(server.default_tenant().model().log_in("alice", "secret"), Some("laptop"));
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    #[must_use]
    pub fn state(mut self, file: StateFile) -> Self {
        self.state = Some(file);
        self
    }

    /// Bounds on connections, for all tenants.
    #[must_use]
    pub fn limits(mut self, limits: ConnectionLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The longest request body in the default tenant and in those made over the control API, see
    /// [`TenantOptions::max_body`].
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.keeping.max_body = Some(bytes);
        self
    }

    /// How much of its traffic the default tenant keeps, and each tenant made over the control API.
    #[must_use]
    pub fn recorder(mut self, limits: RecorderLimits) -> Self {
        self.keeping.recorder = Some(limits);
        self
    }

    /// Writes the exchanges of the default tenant, and of those made over the control API, to a file.
    #[must_use]
    pub fn history(mut self, history: History) -> Self {
        self.keeping.history = Some(history);
        self
    }

    /// Keeps long files of these tenants on disk, too, see [`TenantOptions::spill`].
    #[must_use]
    pub fn spill(mut self, spill: Spill) -> Self {
        self.keeping.spill = Some(spill);
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
        let Self {
            address,
            app_version,
            api_version,
            authority,
            users,
            admins,
            throttling,
            strict_uploads,
            seed,
            state,
            exposure,
            log,
            limits,
            keeping,
        } = self;
        exposure.check(address)?;
        let authority = match authority {
            Some(authority) => authority,
            None => Authority::from_private_key(key(Holder::Instance, 0)?),
        };
        let cannot = |source| StartError::Listen { address, source };
        let socket = TcpListener::bind(address).await.map_err(cannot)?;
        let address = socket.local_addr().map_err(cannot)?;
        let origin = exposure.origin(address);
        let control = Port::open(exposure.control).await?;
        let names = exposure.names([address].into_iter().chain(control.address()));
        let tls = exposure.tls.then(|| Tls::certified_for(&names)).transpose()?;
        let mut options = TenantOptions::new("default", authority).with_app_version(app_version);
        options.throttling = throttling;
        options.strict_uploads = strict_uploads;
        options.seed = seed;
        options.state = state;
        options.max_body = keeping.max_body.unwrap_or(options.max_body);
        options.recorder = keeping.recorder.unwrap_or(options.recorder);
        options.history = keeping.history;
        options.spill = keeping.spill;
        if let Some(api_version) = api_version {
            options.api_version = api_version;
        }
        let default = Tenant::new(options, &origin, String::new(), log)?;
        for (user, password) in users {
            let known = default.model().log_in(&user, &password).is_some();
            if !known {
                default.add_credential(&user, &password, "default");
            }
        }
        for (user, password) in admins {
            let known = {
                let model = default.model();
                model.log_in(&user, &password).is_some() && model.is_in_group(ADMINISTRATORS, &user)
            };
            if !known {
                default.add_admin(&user, &password);
            }
        }
        default.begin_here()?;
        let shared = Arc::new(Shared::new(default, origin, log, limits));
        shared.restore()?;
        let (stop, stopped) = watch::channel(false);
        let (acceptor, ca_certificate) = tls.map(|tls| (tls.acceptor, tls.ca_certificate)).unzip();
        let control_uri = control.address().map(|address| exposure.origin(address));
        let control = control.serve(&shared, exposure, acceptor.clone(), stopped.clone());
        let tenants = Arc::clone(&shared);
        let answer = move |request, address| service::answer(Arc::clone(&tenants), address, request);
        let face = listener::accept(Listener::new(socket, acceptor, &limits), stopped, answer);
        let accepting = tokio::spawn(async move { _ = tokio::join!(face, control) });
        Ok(MockServer::running(shared, address, control_uri, ca_certificate, stop, accepting))
    }
}
