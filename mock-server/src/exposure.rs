//! Who can reach a server, and what that takes.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::builder::Builder;
use crate::control::Secret;
use crate::server::StartError;

/// The shortest and the longest control token, in characters.
const TOKEN: std::ops::RangeInclusive<usize> = 16..=1024;

/// What a server lacks that is to be reached from outside of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// Connections are not encrypted: anybody on the way could read along.
    Tls,
    /// Anybody could control the server.
    Token,
    /// Both.
    TlsAndToken,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls => "TLS",
            Self::Token => "control token",
            Self::TlsAndToken => "TLS and control token",
        })
    }
}

impl Builder {
    /// Encrypts all connections. The server is certified by an authority that is made for it at the start, see
    /// [`MockServer::ca_certificate`](crate::MockServer::ca_certificate).
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use e2ee_mock_server::MockServer;
    ///
    /// let server = MockServer::builder().tls(true).user("alice", "secret").start().await?;
    /// assert!(server.uri().starts_with("https://127.0.0.1:"));
    /// let trusted = server.ca_certificate().unwrap_or_default();
    /// assert!(trusted.starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    #[must_use]
    pub fn tls(mut self, tls: bool) -> Self {
        self.exposure.tls = tls;
        self
    }

    /// The DNS name or IP address under which clients know the server. It stands in base URLs and, with TLS, in the
    /// certificate, as the address that the server listens on and the names of this machine always do.
    #[must_use]
    pub fn public_name(mut self, name: impl Into<String>) -> Self {
        self.exposure.public_name = Some(name.into());
        self
    }

    /// Listens on this address for the control API, see [`crate::control`]. Beyond loopback only with
    /// [`Builder::tls`] and [`Builder::control_token`].
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use e2ee_mock_server::MockServer;
    ///
    /// let server = MockServer::builder().control("127.0.0.1:0".parse()?).start().await?;
    /// let tenants = format!("{}/v1/tenants", server.control_uri().unwrap_or_default());
    /// assert!(reqwest::get(tenants).await?.text().await?.contains("\"name\":\"default\""));
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    #[must_use]
    pub fn control(mut self, address: SocketAddr) -> Self {
        self.exposure.control = Some(address);
        self
    }

    /// What whoever controls the server has to know: 16 to 1024 visible ASCII characters.
    #[must_use]
    pub fn control_token(mut self, token: impl Into<Secret>) -> Self {
        self.exposure.token = Some(token.into());
        self
    }
}

/// How far a server may be reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exposure {
    pub(crate) tls: bool,
    /// Where the control API listens.
    pub(crate) control: Option<SocketAddr>,
    pub(crate) public_name: Option<String>,
    pub(crate) token: Option<Secret>,
}

impl Exposure {
    /// Whether the server may listen on this address, and for the control API where it is to.
    pub(crate) fn check(&self, address: SocketAddr) -> Result<(), StartError> {
        if let Some(name) = self.public_name.as_ref().filter(|name| !is_host(name)) {
            return Err(StartError::PublicName(name.chars().take(80).collect()));
        }
        let fits = |token: &Secret| {
            TOKEN.contains(&token.reveal().len())
                && token.reveal().bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !self.token.as_ref().is_none_or(fits) {
            return Err(StartError::Token);
        }
        [Some(address), self.control].into_iter().flatten().try_for_each(|address| self.reach(address))
    }

    fn reach(&self, address: SocketAddr) -> Result<(), StartError> {
        let missing = match (self.tls, self.token.is_some()) {
            _ if address.ip().is_loopback() => return Ok(()),
            (true, true) => return Ok(()),
            (false, true) => Missing::Tls,
            (true, false) => Missing::Token,
            (false, false) => Missing::TlsAndToken,
        };
        Err(StartError::NotLoopback { address, missing })
    }

    /// Scheme, host and port as clients write them.
    pub(crate) fn origin(&self, address: SocketAddr) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        match &self.public_name {
            Some(name) => match name.parse::<IpAddr>() {
                Ok(ip) => format!("{scheme}://{}", SocketAddr::new(ip, address.port())),
                Err(_) => format!("{scheme}://{name}:{}", address.port()),
            },
            // Nobody can connect to 0.0.0.0.
            None if address.ip().is_unspecified() => format!("{scheme}://localhost:{}", address.port()),
            None => format!("{scheme}://{address}"),
        }
    }

    /// What the certificate has to name, beside the names of this machine.
    pub(crate) fn names(&self, addresses: impl Iterator<Item = SocketAddr>) -> Vec<String> {
        let addresses = addresses.map(|address| address.ip()).filter(|ip| !ip.is_unspecified());
        addresses.map(|ip| ip.to_string()).chain(self.public_name.clone()).collect()
    }
}

/// An IP address, or a DNS name in letters, digits and hyphens.
fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(fits)
    };
    name.parse::<IpAddr>().is_ok() || (name.len() <= 253 && name.split('.').all(label))
}
